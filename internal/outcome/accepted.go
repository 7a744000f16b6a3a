package outcome

import (
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/decision/held"
	"github.com/usersync/terraform-provider-usersync/internal/decision/reason"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/packed"
)

// The envelope of an accepted outcome. Version 1 kept verdict and code in the
// decision's text alone, and no memory; version 2 knew nothing of the service and
// the target, and had other names of settings.
const (
	kindAccepted    = 'A'
	acceptedVersion = 3
)

type acceptedHeader struct {
	RulesVersion   int               `json:"rules_version"`
	TenantID       string            `json:"tenant_id"`
	OrganizationID string            `json:"organization_id"`
	Settings       decision.Settings `json:"settings"`
	Memory         Memory            `json:"memory,omitzero"`

	Service   directory.Health     `json:"service,omitzero"`
	Unchecked []string             `json:"unchecked,omitempty"`
	Covered   []string             `json:"covered,omitempty"`
	Held      []decision.HeldGroup `json:"held_groups,omitempty"`
	Records   []decision.Record    `json:"records,omitempty"`
}

// oldSettings are the settings of versions 1 and 2 that have other names now.
type oldSettings struct {
	Settings struct {
		EntraDomains []string `json:"entra_domains"`
		Rules        struct {
			ExternalException string `json:"external_exception"`
			TestedAddress     string `json:"tested_address"`
		} `json:"connector_rules"`
	} `json:"settings"`
}

// convert gives the settings their names of today. What was the default then is
// left out: it is the default still.
func (o oldSettings) convert(s *decision.Settings) {
	s.ConnectorSettings.EntraDomains = o.Settings.EntraDomains
	switch o.Settings.Rules.ExternalException {
	case "not_member":
		s.ConnectorSettings.ExternalUsers = decision.ExternalUsersNotMember
	case "ext_upn":
		s.ConnectorSettings.ExternalUsers = decision.ExternalUsersExternal
	}
	if o.Settings.Rules.TestedAddress == "user_principal_name_first" {
		s.ConnectorSettings.UserIdentifier = decision.IdentifierUserPrincipalName
	}
}

// Encode gives the compact text that the state keeps. It fails with
// packed.ErrTooBig where that would be too large.
func (o *Outcome) Encode() (string, error) {
	w := &packed.Writer{}
	w.Reserve(o.packedSize())
	h, err := json.Marshal(acceptedHeader{
		RulesVersion:   o.RulesVersion,
		TenantID:       o.TenantID,
		OrganizationID: o.OrganizationID,
		Settings:       o.Settings,
		Memory:         o.Memory,
		Service:        o.Service,
		Unchecked:      o.Unchecked,
		Covered:        o.Covered,
		Held:           o.Held,
		Records:        o.Records,
	})
	if err != nil {
		return "", err
	}
	w.Text(string(h))
	encodeRows(w, len(o.Rows), func(i int) *Row { return &o.Rows[i] })
	for i := range o.Rows {
		w.Number(int(o.Rows[i].Set))
	}
	w.IDs(len(o.Groups), func(i int) string { return o.Groups[i].ID })
	w.Column(len(o.Groups), func(i int) string { return o.Groups[i].Name })
	for _, g := range o.Groups {
		w.Number(g.Members)
	}
	w.Number(len(o.Sets))
	for _, s := range o.Sets {
		w.Positions(s)
	}
	encodeRows(w, len(o.Past), func(i int) *Row { return &o.Past[i].Row })
	w.Dictionary(len(o.Past), func(i int) string { return joined(o.Past[i].GroupIDs) })
	w.Dictionary(len(o.Past), func(i int) string { return joined(o.Past[i].GroupNames) })
	return packed.Seal(kindAccepted, acceptedVersion, w.B)
}

// packedSize is about how many bytes the rows have before they are compressed.
func (o *Outcome) packedSize() int {
	const each = 48 // an id, the lengths of texts, and numbers
	size := 0
	for i := range o.Rows {
		size += each + len(o.Rows[i].Name)
		if r := &o.Rows[i]; r.Address != r.Name {
			size += 2 * len(r.Address) // in the basis, too
		}
	}
	return size
}

// What is marked beside the kind of account: a user whose home is elsewhere, and one
// who syncs without access.
const (
	externalBit = 4
	barredBit   = 8
)

// encodeRows writes all of some rows but their sets.
func encodeRows(w *packed.Writer, n int, row func(int) *Row) {
	w.IDs(n, func(i int) string { return row(i).ID })
	w.Column(n, func(i int) string { return row(i).Name })
	w.Column(n, func(i int) string {
		if row(i).Address == row(i).Name {
			return "="
		}
		return row(i).Address
	})
	type decided struct {
		verdict    decision.Verdict
		code, text string
	}
	known := map[decided]string{} // a tenant has few different decisions
	w.Dictionary(n, func(i int) string {
		d := decided{row(i).Verdict, row(i).Code, row(i).Text}
		s, ok := known[d]
		if !ok {
			s = string(rune('0'+d.verdict)) + d.code + "\x00" + d.text
			known[d] = s
		}
		return s
	})
	for i := range n {
		account := int(row(i).Account)
		if row(i).External {
			account |= externalBit
		}
		if row(i).Barred {
			account |= barredBit
		}
		w.Number(account)
		w.B = binary.LittleEndian.AppendUint64(w.B, row(i).Facts)
	}
	encodeBasis(w, n, row)
}

// The parts of a basis in one number.
const (
	basisLink    = 3
	basisAccount = 2 // the shift of the kind of account
	basisRead    = 16
	basisOff     = 32 // the record is inactive
	basisLeft    = 64
)

// encodeBasis writes what the target holds of rows, and what comes of them.
func encodeBasis(w *packed.Writer, n int, row func(int) *Row) {
	w.Column(n, func(i int) string {
		if row(i).Basis.Address == row(i).Address {
			return "="
		}
		return row(i).Basis.Address
	})
	for i := range n {
		b := &row(i).Basis
		flags := int(b.Link) | int(b.Account)<<basisAccount
		if b.Read {
			flags |= basisRead
		}
		if b.Inactive {
			flags |= basisOff
		}
		if b.Left {
			flags |= basisLeft
		}
		w.Number(flags)
		w.Number(int(row(i).Action))
		w.B = binary.LittleEndian.AppendUint32(w.B, b.Sent)
	}
}

func decodeBasis(r *packed.Reader, rows []Row) error {
	addresses := r.Column()
	if len(addresses) != len(rows) {
		return errColumns
	}
	for i := range rows {
		b := &rows[i].Basis
		if b.Address = addresses[i]; b.Address == "=" {
			b.Address = rows[i].Address
		}
		flags := r.Number()
		b.Link, b.Account, b.Read = held.Link(
			flags&basisLink,
		), decision.Account(
			flags>>basisAccount&3,
		), flags&basisRead != 0
		b.Inactive, b.Left = flags&basisOff != 0, flags&basisLeft != 0
		rows[i].Action = reason.Action(r.Number())
		b.Sent = uint32(r.Flags()) | uint32(r.Flags())<<16
	}
	return nil
}

// Kept is what names meant when the outcome was accepted; of nil, nothing. An
// older edition kept the groups of the scope alone.
func (o *Outcome) Kept() decision.Resolved {
	if o == nil {
		return nil
	}
	if !o.Memory.blank {
		return o.Memory.Resolved
	}
	kept := decision.Resolved{}
	for _, g := range o.Settings.Groups {
		kept.Set(decision.ArgScopeGroups, g.Name, g.ID)
	}
	return kept
}

// DecodeOutcome reads an accepted outcome, also one of an older edition: what
// that lacks is not known.
func DecodeOutcome(text string) (*Outcome, error) {
	payload, version, err := packed.Open(kindAccepted, acceptedVersion, text)
	if err != nil {
		return nil, fmt.Errorf("the accepted outcome in the state is %w", err)
	}
	r := &packed.Reader{S: string(payload)}
	o, err := decodeOutcome(r, version)
	if err = cmp.Or(r.Err, err); err != nil {
		return nil, fmt.Errorf("the accepted outcome in the state is damaged: %w", err)
	}
	return o, nil
}

func decodeOutcome(r *packed.Reader, version byte) (*Outcome, error) {
	header := []byte(r.Text())
	var h acceptedHeader
	if err := json.Unmarshal(header, &h); err != nil {
		return nil, err
	}
	if version < 3 {
		var old oldSettings
		if err := json.Unmarshal(header, &old); err != nil {
			return nil, err
		}
		old.convert(&h.Settings)
	}
	o := &Outcome{
		RulesVersion:   h.RulesVersion,
		TenantID:       h.TenantID,
		OrganizationID: h.OrganizationID,
		Settings:       h.Settings,
		Memory:         h.Memory,
		Service:        h.Service,
		Unchecked:      h.Unchecked,
		Covered:        h.Covered,
		Held:           h.Held,
		Records:        h.Records,
	}
	o.Memory.blank, o.Memory.noTarget = version == 1, version < 3
	var err error
	if o.Rows, err = decodeRows(r, version); err != nil {
		return nil, err
	}
	if version > 1 {
		for i := range o.Rows {
			o.Rows[i].Set = int32(r.Number())
		}
	}
	groupIDs, groupNames := r.IDs(), r.Column()
	if len(groupIDs) != len(groupNames) {
		return nil, errColumns
	}
	for i := range groupIDs {
		o.Groups = append(o.Groups, Group{groupIDs[i], groupNames[i], r.Number()})
	}
	o.Sets = make([][]int32, r.Count())
	for i := range o.Sets {
		o.Sets[i] = r.Positions(len(groupIDs))
	}
	for i := range o.Rows {
		if int(o.Rows[i].Set) >= len(o.Sets) {
			return nil, errors.New("a set is missing")
		}
	}
	if version > 1 {
		err = o.decodePast(r, version)
	}
	return o, err
}

// joined joins names by a character that none of them keeps.
func joined(names []string) string {
	clean := make([]string, len(names))
	for i, n := range names {
		clean[i] = strings.ReplaceAll(n, "\x00", "\ufffd")
	}
	return strings.Join(clean, "\x00")
}

var errColumns = errors.New("its columns have different lengths")

// decodeRows reads what encodeRows wrote; version 1 has the sets among it.
func decodeRows(r *packed.Reader, version byte) ([]Row, error) {
	ids, names, addresses, decisions := r.IDs(), r.Column(), r.Column(), r.Dictionary()
	if len(names) != len(ids) || len(addresses) != len(ids) || len(decisions) != len(ids) {
		return nil, errColumns
	}
	rows := make([]Row, len(ids))
	for i := range rows {
		if addresses[i] == "=" {
			addresses[i] = names[i]
		}
		rows[i] = Row{ID: ids[i], Name: names[i], Address: addresses[i]}
		if err := rows[i].decide(decisions[i], version); err != nil {
			return nil, err
		}
		account := r.Number()
		rows[i].Account = decision.Account(account &^ (externalBit | barredBit))
		rows[i].External, rows[i].Barred = account&externalBit != 0, account&barredBit != 0
		if version == 1 {
			rows[i].Set = int32(r.Number())
		}
		rows[i].Facts = uint64(r.Flags()) | uint64(r.Flags())<<16 | uint64(r.Flags())<<32 | uint64(r.Flags())<<48
	}
	if version >= 3 {
		return rows, decodeBasis(r, rows)
	}
	return rows, nil
}

// decide sets verdict, code and text as they were encoded. Version 1 has the
// text alone, which begins with the two others.
func (r *Row) decide(encoded string, version byte) error {
	if version == 1 {
		verdict, rest, _ := strings.Cut(encoded, ": ")
		for _, v := range []decision.Verdict{decision.Skip, decision.Sync, decision.Unknown} {
			if v.String() == verdict {
				r.Verdict = v
			}
		}
		if end := strings.IndexAny(rest, " ;"); end >= 0 {
			rest = rest[:end]
		}
		r.Code, r.Text = rest, encoded
		return nil
	}
	code, text, ok := strings.Cut(encoded, "\x00")
	if !ok || code == "" || code[0] < '0' || code[0] > '0'+byte(decision.Unknown) {
		return errors.New("a decision has another form")
	}
	r.Verdict, r.Code, r.Text = decision.Verdict(code[0]-'0'), code[1:], text
	return nil
}

func (o *Outcome) decodePast(r *packed.Reader, version byte) error {
	rows, err := decodeRows(r, version)
	if err != nil {
		return err
	}
	ids, names := r.Dictionary(), r.Dictionary()
	if len(ids) != len(rows) || len(names) != len(rows) {
		return errColumns
	}
	for i := range rows {
		p := PastRow{Row: rows[i]}
		if ids[i] != "" {
			p.GroupIDs, p.GroupNames = strings.Split(ids[i], "\x00"), strings.Split(names[i], "\x00")
		}
		if len(p.GroupIDs) != len(p.GroupNames) {
			return errColumns
		}
		o.Past = append(o.Past, p)
	}
	if !slices.IsSortedFunc(o.Past, func(a, b PastRow) int { return cmp.Compare(a.ID, b.ID) }) {
		return errors.New("its rows are out of order")
	}
	return nil
}
