package decision

import (
	"fmt"
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/decision/held"
	"github.com/usersync/terraform-provider-usersync/internal/decision/reason"
	"github.com/usersync/terraform-provider-usersync/internal/text"
)

// ruleNameFree is the rule that a name is nobody else's at the target.
const ruleNameFree = "userName free"

// holder is somebody whose record has a name, or may have.
type holder struct {
	id, name string
	// sure says that it has it when the service comes to others, freed that others may
	// have the name: unless the service looks for them by it, and may find a record that is
	// another's. findable says that who is sent the name is taken for the holder, since
	// the service has forgotten whose the record is.
	sure, freed, findable bool
	// inactive says that the record is.
	inactive bool
}

// heldNames are the names that records have from before and that their users aren't sent
// now, by what names have in common that are one at the target.
type heldNames struct {
	r  *Result
	by map[string][]holder
}

// nameOne is what one name has in common with others, "" for none. A pseudonym is nobody's.
func (r *Result) nameOne(name string) string {
	if strings.HasPrefix(name, "\x00") {
		return ""
	}
	return strings.ToLower(r.Engine.target.nameKey(name))
}

func (t *heldNames) add(h holder) {
	key := t.r.nameOne(h.name)
	if key == "" {
		return
	}
	if t.by == nil {
		t.by = map[string][]holder{}
	}
	t.by[key] = append(t.by[key], h)
}

// findHeldNames finds who would come by a name that another user's record has from before:
// they left, or were renamed since. As far as it isn't known whether the name is free when
// the service comes to them, neither is their decision.
func (r *Result) findHeldNames() {
	if !r.Engine.target.keepsNames() || r.Engine.history.User == nil {
		return
	}
	t := heldNames{r: r}
	t.collect()
	if len(t.by) == 0 {
		return
	}
	for i := range r.Decisions {
		switch {
		case r.Decisions[i].Code.Verdict() == Sync:
			t.decide(int32(i))
		case r.Decisions[i].Code.Verdict() == Skip && r.mapped.Of(int32(i)).Rule >= 0:
			t.found(int32(i))
		}
	}
}

// found marks who would be refused as new, but for whom the service may find the record of
// somebody who left: of a record that is there, less is asked.
func (t *heldNames) found(i int32) {
	r := t.r
	u := r.mapped.Of(i)
	if !r.jobOf().Capabilities().ByUserName {
		return
	}
	for _, h := range t.by[r.nameOne(u.UserName)] {
		if h.findable && h.id != r.Directory.Users[i].ID && strings.EqualFold(h.name, u.UserName) {
			d := &r.Decisions[i]
			d.Code, d.Confidence, d.Action = reason.NameUnknown, Inferred, reason.ActionNone
			t.share(i, []string{h.id})
			return
		}
	}
}

// share keeps whose records have, or may have, a user's name.
func (t *heldNames) share(i int32, ids []string) {
	if t.r.heldNames == nil {
		t.r.heldNames = map[int32][]string{}
	}
	slices.Sort(ids)
	t.r.heldNames[i] = slices.Compact(ids)
}

// collect goes over all whose record may be there.
func (t *heldNames) collect() {
	r, h := t.r, &t.r.Engine.history
	h.Each(func(id string, b *held.Basis) bool {
		if i := r.Directory.UserByID(id); i >= 0 {
			t.collectUser(i, b)
		} else if b.Present() && !(b.Inactive && r.Engine.target.freesName()) {
			t.add(holder{id: id, name: b.Address}) // deleted: disabled now, and gone in a month
		}
		return true
	})
	for i := range h.Records {
		rec := &h.Records[i]
		for _, name := range rec.Names {
			t.add(holder{id: rec.ID, name: name})
		}
		b := &rec.Basis
		at := r.Directory.UserByID(rec.ID)
		if at >= 0 && !b.Present() && len(rec.Names) > 0 && r.Decisions[at].Code.Verdict() != Sync {
			if name, _ := r.mapped.NameOf(at); name != "" {
				t.add(holder{id: rec.ID, name: name}) // if there is a record, and the name goes along with a disable
			}
		}
		switch {
		case !b.Present():
		case at >= 0 && r.InScope(at):
			t.collectUser(at, b)
		default:
			t.add(holder{
				id:       rec.ID,
				name:     b.Address,
				sure:     at >= 0 && b.Left && b.Link == held.Linked && len(rec.Names) == 0,
				freed:    b.Inactive && r.Engine.target.freesName(),
				findable: b.Left,
				inactive: b.Inactive,
			})
		}
	}
}

// collectUser looks at the record of a user whom the directory has.
func (t *heldNames) collectUser(i int32, b *held.Basis) {
	if !b.Present() {
		return
	}
	r, c := t.r, t.r.jobOf().Capabilities()
	name, known := r.mapped.NameOf(i)
	d, u := r.Decisions[i], r.mapped.Of(i)
	same := known && (name == "" || r.nameOne(name) == r.nameOne(b.Address)) // what is empty isn't sent
	rec := r.Engine.history.Record(r.Directory.Users[i].ID)
	h := holder{id: r.Directory.Users[i].ID, name: b.Address}
	frees := r.Engine.target.freesName()
	leaves := c.Disables && (u.Deprovisions(d.Code) || d.Code == reason.NotInScope)
	switch {
	case d.Code.Verdict() == Sync && same && name != "" && d.Warnings&reason.RestartNeeded == 0:
		return // it is theirs, and compared with what others are sent
	case b.Inactive && frees && d.Code.Verdict() != Sync:
		h.freed = true
	case d.Code.Verdict() == Sync:
		h.sure = !c.Updates || d.Warnings&reason.UpdateRefused != 0 || known && name == ""
	case leaves && frees:
	case b.Inactive, !c.Updates:
		h.sure = true
	default:
		h.sure = same
	}
	h.sure = h.sure && b.Link == held.Linked && (rec == nil || len(rec.Names) == 0)
	h.findable, h.inactive = b.Left, b.Inactive
	t.add(h)
	if d.Code.Verdict() != Sync && (!same || h.freed && name != b.Address) && c.Updates && !b.Left {
		t.add(holder{id: h.id, name: name, freed: h.freed && same}) // what goes along with a disable
	}
}

// wants reports that somebody else would come by a name, too.
func (t *heldNames) wants(id, key string) bool {
	r := t.r
	at := r.Directory.UserByID(id)
	return at >= 0 && r.nameOne(r.mapped.Of(at).UserName) == key &&
		(r.Decisions[at].Code.Verdict() == Sync || len(r.heldNames[at]) > 0)
}

// onlyMay reports somebody who may have a record, and isn't expected to: of users with one
// name, who is there stays, but whether they get the name isn't known.
func (t *heldNames) onlyMay(id string) bool {
	at := t.r.Directory.UserByID(id)
	return at >= 0 && !t.r.target.Expected(at)
}

// decide decides again somebody who would come by a name that is held.
func (t *heldNames) decide(i int32) {
	r := t.r
	u := r.mapped.Of(i)
	key, id := r.nameOne(u.UserName), r.Directory.Users[i].ID
	if key == "" || t.by[key] == nil {
		return
	}
	b := r.Engine.history.User(id)
	if b.Present() && r.nameOne(b.Address) == key {
		return // it is their own
	}
	if !b.Present() && t.findsInactive(i, key) {
		return
	}
	var ids []string
	sure, stays := false, r.stays(i)
	c := r.jobOf().Capabilities()
	for _, h := range t.by[key] {
		switch {
		case h.id == id, h.freed && (h.findable || !c.ByUserName || !strings.EqualFold(h.name, u.UserName)):
			continue
		case !h.sure && r.service.sharesNames() && t.wants(h.id, key) && !(stays && t.onlyMay(h.id)):
			continue // they share the name: that is said of both
		case h.findable && h.sure && c.ByUserName && strings.EqualFold(h.name, u.UserName) && !b.Present():
			continue // they get the record, whosever it was
		}
		ids = append(ids, h.id)
		sure = sure || h.sure
	}
	if len(ids) == 0 {
		return
	}
	t.share(i, ids)
	d := &r.Decisions[i]
	d.Confidence = reason.Weakest(d.Confidence, Inferred)
	switch {
	case stays && sure:
		d.Warnings |= reason.UpdateRefused
		d.Action = reason.ActionFail
	case stays: // they are there, by the one name or the other
	case sure:
		d.Code, d.Action = reason.AddressTaken, reason.ActionFail
	default:
		d.Code, d.Action = reason.NameUnknown, reason.ActionNone
	}
}

// stays reports that the service comes to a user's record, which is active.
func (r *Result) stays(i int32) bool {
	app, is := r.Engine.target.(appTarget)
	return is && app.Stays(i, r.mapped.Of(i))
}

// findsInactive decides again somebody for whom the service finds the record of somebody who
// left, or may, where that is inactive and nothing brings it back.
func (t *heldNames) findsInactive(i int32, key string) bool {
	r := t.r
	u, c := r.mapped.Of(i), r.jobOf().Capabilities()
	if !c.ByUserName || c.Disables {
		return false
	}
	for _, h := range t.by[key] {
		if !h.findable || !h.inactive || h.id == r.Directory.Users[i].ID || !strings.EqualFold(h.name, u.UserName) {
			continue
		}
		d := &r.Decisions[i]
		d.Confidence, d.Action = Inferred, reason.ActionNone
		if d.Code = reason.AccountDeactivated; !h.sure || h.freed {
			d.Code = reason.LinkUnknown
		}
		return true
	}
	return false
}

// holders names those whose records have, or may have, a user's name; by object id with
// ids.
func (r *Result) holders(i int32, ids bool) string {
	var names []string
	for _, id := range r.heldNames[i] {
		if at := r.Directory.UserByID(id); at >= 0 {
			id = r.shownUser(at, ids)
		}
		if len(names) < maxSharing {
			names = append(names, text.Plain(id))
		}
	}
	s := strings.Join(names, ", ")
	if more := len(r.heldNames[i]) - len(names); more > 0 {
		s += fmt.Sprintf(" and %d more", more)
	}
	return s
}

// heldSentence says why a name isn't to be had, or may not be. It names nobody.
func (r *Result) heldSentence(i int32) string {
	if r.Decisions[i].Code == reason.NameUnknown {
		return "As accepted last, another user's record has this userName from before, or may have. Whether it is " +
			"free when the service comes to this user isn't known; one userName is one user (409)."
	}
	return "As accepted last, another user's record has this userName from before, and one userName is one user (409)."
}
