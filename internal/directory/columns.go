package directory

import "github.com/usersync/terraform-provider-usersync/internal/packed"

// writer and reader put a directory's parts into a payload and take them off.
type (
	writer struct{ packed.Writer }
	reader struct{ packed.Reader }
)

func (w *writer) domains(list []Domain) {
	w.Number(len(list))
	for _, d := range list {
		w.Text(d.Name)
		w.Flags(bit(d.IsVerified, 0) | bit(d.IsInitial, 1) | bit(d.IsDefault, 2))
	}
}

func (w *writer) users(list []User) {
	n := len(list)
	w.IDs(n, func(i int) string { return list[i].ID })
	name := func(i int) string { return list[i].UserPrincipalName }
	w.Column(n, name)
	w.Beside(n, name, func(i int) string { return list[i].Mail })
	w.Dictionary(n, func(i int) string { return list[i].UserType })
	w.Dictionary(n, func(i int) string { return list[i].CreationType })
	w.Dictionary(n, func(i int) string { return list[i].ExternalUserState })
	for i := range list {
		w.B = append(
			w.B,
			byte(
				list[i].AccountEnabled,
			)|byte(
				list[i].OnPremisesSyncEnabled,
			)<<2|byte(
				bit(list[i].FederatedElsewhere, 4),
			),
		)
	}
	for i := range list {
		w.Number(len(list[i].OtherMails))
		for _, m := range list[i].OtherMails {
			w.Text(m)
		}
	}
}

func (w *writer) groups(list []Group) {
	n := len(list)
	w.IDs(n, func(i int) string { return list[i].ID })
	w.Column(n, func(i int) string { return list[i].DisplayName })
	w.Column(n, func(i int) string { return list[i].MembershipRule })
	for i := range list {
		g := &list[i]
		w.Flags(bit(g.SecurityEnabled, 0) | bit(g.Hidden, 1))
		w.Positions(g.Users)
		w.Positions(g.Groups)
		w.IDs(len(g.Unreadable), func(i int) string { return g.Unreadable[i] })
	}
}

func bit(b bool, at int) uint16 {
	if b {
		return 1 << at
	}
	return 0
}

func (r *reader) domains() []Domain {
	out := make([]Domain, r.Count())
	for i := range out {
		name, f := r.Text(), r.Flags()
		out[i] = Domain{Name: name, IsVerified: f&1 != 0, IsInitial: f&2 != 0, IsDefault: f&4 != 0}
	}
	return out
}

func (r *reader) users() []User {
	ids := r.IDs()
	upn := r.Column()
	mail := r.Beside(upn)
	userType, creation, state := r.Dictionary(), r.Dictionary(), r.Dictionary()
	n := len(ids)
	for _, c := range [][]string{upn, mail, userType, creation, state} {
		if len(c) != n {
			r.Fail("its columns have different lengths")
			return nil
		}
	}
	bytes := r.Take(n)
	if r.Err != nil {
		return nil
	}
	out := make([]User, n)
	for i := range out {
		out[i] = User{
			ID:                ids[i],
			UserPrincipalName: upn[i],
			Mail:              mail[i],
			UserType:          userType[i],
			CreationType:      creation[i],
			ExternalUserState: state[i],
			AccountEnabled: OptionalBool(
				bytes[i] & 3,
			),
			OnPremisesSyncEnabled: OptionalBool(bytes[i] >> 2 & 3),
			FederatedElsewhere:    bytes[i]>>4&1 != 0,
		}
	}
	for i := range out {
		if m := r.Count(); m > 0 {
			out[i].OtherMails = make([]string, m)
			for j := range m {
				out[i].OtherMails[j] = r.Text()
			}
		}
	}
	return out
}

func (r *reader) groups(users int) []Group {
	ids := r.IDs()
	names, rules := r.Column(), r.Column()
	if len(names) != len(ids) || len(rules) != len(ids) {
		if r.Err == nil {
			r.Err = errColumns
		}
		return nil
	}
	out := make([]Group, len(ids))
	for i := range out {
		f := r.Flags()
		out[i] = Group{
			ID:              ids[i],
			DisplayName:     names[i],
			MembershipRule:  rules[i],
			SecurityEnabled: f&1 != 0,
			Hidden:          f&2 != 0,
		}
		out[i].Users = r.Positions(users)
		out[i].Groups = r.Positions(len(ids))
		if u := r.IDs(); len(u) > 0 {
			out[i].Unreadable = u
		}
	}
	return out
}
