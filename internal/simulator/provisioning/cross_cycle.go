package provisioning

import (
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/jobs"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/mapping"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/tenant"
)

// What a cycle does in another tenant. It never looks for changes there [cross-tenant 5]: an edit stays
// till the source user changes or everyone is looked at.

// fingerprint is what the mappings read of a source user: without a change of it there is nothing to do.
func fingerprint(list []flow, values map[string]mapping.Value) string {
	var names []string
	for _, f := range list {
		mapping.Walk(f.source, func(s mapping.Source) {
			if s.Type == "Attribute" && !slices.Contains(names, s.Name) {
				names = append(names, s.Name)
			}
		})
	}
	slices.Sort(names)
	out := ""
	for _, name := range names {
		v := values[name]
		out += fmt.Sprintf("%s=%t%q\n", name, v.List, v.Texts)
	}
	return out
}

// outOfScope is the fingerprint of one who was left alone when they went.
const outOfScope = "out of scope"

// crossLeave soft-deletes in the target, where the mapping deletes at all. SkipOutOfScopeDeletions has no say
// here [cross-tenant 6, D].
func (c *cycle) crossLeave(t *task, o *outcome, f objectFlows, known *jobs.Link) *outcome {
	code, reason := t.verdict.why()
	switch {
	case known == nil && !c.initial:
		return nil
	case known == nil:
		return o.skip(code, reason)
	case known.Disabled && c.initial:
		return o.skip("RedundantExport", "The user is deleted in the target already.")
	case known.Disabled || known.Fingerprint == outOfScope && !c.initial:
		return nil
	}
	was := known.Exported["accountEnabled"]
	known.Fingerprint = outOfScope
	switch {
	case t.verdict.Early:
		return o.skip(code, reason+" The user is left alone in the target.")
	case !f.delete:
		return o.skip(code, reason+" Deletions are switched off.")
	case !t.verdict.assigned && t.verdict.active && was == "False" && t.values["accountEnabled"].Text() == "False":
		delete(c.links, t.id)
		return o.skip(code, reason+" The user was disabled before, and is left alone in the target.")
	}
	return c.crossDelete(t, o, known)
}

// crossDelete is the deletion itself; a user who is gone already needs none.
func (c *cycle) crossDelete(t *task, o *outcome, known *jobs.Link) *outcome {
	if known == nil {
		return nil
	}
	if t.purged {
		delete(c.links, t.id)
		delete(c.taken, known.Target)
	}
	if t.purged && (known.Disabled || !c.users.delete) {
		return nil
	}
	o.action, known.Disabled = "delete", true
	target := c.cross
	target.store.Mu.Lock()
	defer target.store.Mu.Unlock()
	ref, ok := target.store.Lookup(known.Target)
	if !ok || target.store.Slots[ref].Object.Life != tenant.Live {
		return o.skip("RedundantExport", "The user isn't in the target any more.")
	}
	target.store.SoftDelete(ref, target.store.Clock.Now().Format("2006-01-02T15:04:05Z"), tenant.Staleness{})
	o.step(
		"EntryExportDelete",
		"export",
		"success",
		t.name+" was deleted",
		rawjson.Object{"ReportableIdentifier": t.name},
	)
	return o
}

// crossLinked looks at the user of a link in the target tenant. A link whose user is gone for good is
// forgotten; a deleted user is restored where the service itself had disabled the link. refusal is the
// outcome where the user is left alone. The store is locked by the caller.
func (c *cycle) crossLinked(
	t *task, o *outcome, link *jobs.Link,
) (at int32, there, restored bool, refusal *outcome) {
	st := c.cross.store
	at, ok := st.Lookup(link.Target)
	switch {
	case !ok || st.Slots[at].Object.Life == tenant.Purged:
		delete(c.links, t.id)
		delete(c.taken, link.Target)
		o.target = ""
		return at, false, false, nil
	case st.Slots[at].Object.Life == tenant.SoftDeleted && !link.Disabled:
		return at, true, false, o.skip("EntrySynchronizationSkipped", "The user was deleted in the target tenant, "+
			"and isn't restored.")
	case st.Slots[at].Object.Life == tenant.SoftDeleted:
		name := st.Slots[at].Object.Text("userPrincipalName")
		if _, taken := st.ByUPN[strings.ToLower(name)]; taken {
			return at, true, false, o.fail("EntryExportUpdate", "export", "EntryConflict",
				fmt.Errorf("another user has the principal name %s", name))
		}
		st.Restore(at)
		return at, true, true, nil
	default:
		return at, true, false, nil
	}
}

// crossEnter creates, updates or brings back someone in scope.
func (c *cycle) crossEnter(t *task, o *outcome, f objectFlows, known *jobs.Link) *outcome {
	now := fingerprint(f.flows, t.values)
	if known != nil && !known.Disabled && !c.initial && known.Fingerprint == now {
		return nil
	}
	st := c.cross.store
	st.Mu.Lock()
	defer st.Mu.Unlock()
	var ref int32
	restored := false
	if known != nil {
		var there bool
		var refusal *outcome
		if ref, there, restored, refusal = c.crossLinked(t, o, known); refusal != nil {
			return refusal
		}
		if !there {
			known = nil
		}
	}
	if known == nil {
		at, ok := c.cross.match(t.id, t.values["userPrincipalName"].Text(), t.values["mail"].Text())
		if ref = at; ok {
			known = &jobs.Link{Kind: t.kind, Target: st.Slots[at].Object.ID}
			if other := c.taken[known.Target]; other != "" && other != t.id {
				return o.fail(
					"EntrySynchronizationAdd", "matching", "DuplicateSourceEntries",
					fmt.Errorf("the user %s is the same in the target", other),
				)
			}
			o.step(
				"EntrySynchronizationUpdate",
				"matching",
				"success",
				t.name+" was found by alternativeSecurityIds",
				nil,
			)
		}
	}
	values, err := desired(f.flows, mapping.Evaluation{Values: t.values, Domain: c.domain}, known == nil)
	if err != nil {
		return o.flowFailure(err)
	}
	if known == nil {
		return c.crossCreate(t, o, f, values, now)
	}
	c.links[t.id], c.taken[known.Target], o.target = known, t.id, known.Target
	known.Disabled, known.Fingerprint = false, now
	if !f.update {
		return o.skip("EntrySynchronizationSkipped", "Updates are switched off.")
	}
	return c.crossUpdate(t, o, ref, known, values, restored)
}

func (c *cycle) crossUpdate(
	t *task, o *outcome, ref int32, known *jobs.Link, values map[string]any, restored bool,
) *outcome {
	st := c.cross.store
	there := st.Slots[ref].Object
	if there.Pending() && !c.initial { // till then the name stays that of the invitation [cross-tenant 4, D]
		delete(values, "userPrincipalName")
	}
	o.action, known.Exported = "update", values
	set, err := c.crossSet(o, there, values)
	if err == nil {
		err = c.crossConflict(set, ref)
	}
	if err != nil {
		known.Fingerprint = "" // to be tried again
		return o.fail("EntryExportUpdate", "export", CodeOf(err), err)
	}
	if len(set) > 0 {
		st.Update(ref, set, tenant.Staleness{})
	}
	switch {
	case len(set) > 0 || restored:
		o.step(
			"EntryExportUpdate",
			"export",
			"success",
			t.name+" was updated",
			rawjson.Object{"ReportableIdentifier": t.name},
		)
		return o
	case c.initial:
		return o.skip("RedundantExport", "The target is like the source.")
	}
	return nil
}

// crossCreate makes a user as an accepted invitation does [cross-tenant 8].
func (c *cycle) crossCreate(t *task, o *outcome, f objectFlows, values map[string]any, now string) *outcome {
	if !f.add {
		return o.skip("EntrySynchronizationSkipped", "No user was found, and creating is switched off.")
	}
	o.action = "create"
	o.step(
		"EntrySynchronizationAdd", "matching", "success", t.name+" will be created: nobody was found in the "+
			"target", nil,
	)
	if err := c.mailVerified(t); err != nil {
		return o.fail("EntryExportAdd", "export", CodeOf(err), err)
	}
	st := c.cross.store
	blank := &tenant.Object{Entity: st.UserType, ID: uuid.NewString()}
	set, err := c.crossSet(o, blank, values)
	upn := rawjson.Unquote(set[st.UserType.Index("userPrincipalName")])
	if err == nil && upn == "" {
		err = fmt.Errorf("userPrincipalName has no value")
	}
	if err == nil {
		err = c.crossConflict(set, -1)
	}
	if err != nil {
		return o.fail("EntryExportAdd", "export", CodeOf(err), err)
	}
	at := rawjson.Quote(st.Clock.Now().Format("2006-01-02T15:04:05Z"))
	give := func(name, raw string) {
		if i := st.UserType.Index(name); set[i] == "" {
			set[i] = raw
		}
	}
	set[st.UserType.Index("creationType")], set[st.UserType.Index("externalUserState")] = `"Invitation"`, `"Accepted"`
	give("externalUserStateChangeDateTime", at)
	give("createdDateTime", at)
	give("userType", `"Guest"`) // of an invitation that doesn't say
	give("accountEnabled", "true")
	if mail := rawjson.Unquote(set[st.UserType.Index("mail")]); mail != "" {
		give("otherMails", string(rawjson.Marshal([]string{mail})))
	}
	give("identities", string(rawjson.Marshal([]any{
		rawjson.Object{"signInType": "federated", "issuer": "ExternalAzureAD", "issuerAssignedId": nil},
		rawjson.Object{
			"signInType": "userPrincipalName", "issuer": upn[strings.LastIndex(upn, "@")+1:], "issuerAssignedId": upn,
		},
	})))
	ref, err := st.Create(blank.With(set), tenant.Staleness{})
	if err != nil {
		return o.fail("EntryExportAdd", "export", "EntryConflict", err)
	}
	st.Identify(ref, t.id)
	c.links[t.id] = &jobs.Link{Kind: t.kind, Target: blank.ID, Exported: values, Fingerprint: now}
	c.taken[blank.ID], o.target = t.id, blank.ID
	o.step("EntryExportAdd", "export", "success", t.name+" was created", rawjson.Object{"ReportableIdentifier": t.name})
	return o
}

// mailVerified refuses to create one whose mail isn't on a verified domain [cross-tenant 1, D]; that it is the source
// which must have verified it is inferred there. What the log calls it, no page says [?].
func (c *cycle) mailVerified(t *task) error {
	mail := t.values["mail"].Text()
	_, domain, _ := strings.Cut(mail, "@")
	if !slices.Contains(c.verified, strings.ToLower(domain)) {
		return fmt.Errorf("the mail %q isn't on a verified domain", mail)
	}
	return nil
}

// crossConflict refuses a principal name that another user of the target has.
func (c *cycle) crossConflict(set map[int]string, ref int32) error {
	st := c.cross.store
	upn := rawjson.Unquote(set[st.UserType.Index("userPrincipalName")])
	if other, taken := st.ByUPN[strings.ToLower(upn)]; upn != "" && taken && other != ref {
		return &targetError{
			status: 409, detail: "Another object with the same value for property userPrincipalName already exists.",
		}
	}
	return nil
}
