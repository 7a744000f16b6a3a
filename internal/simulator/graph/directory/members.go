package directory

import (
	"net/http"
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/graph"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/kernel"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/odata"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/tenant"
)

// membersOf is the direct or transitive members of the group in the path, of a type where it is cast.
func (c *call) membersOf(ref int32, group *tenant.Object, cast *tenant.Entity) odata.Source {
	st := c.Service.Store
	src := odata.Source{Refs: group.Members, Shape: c.FormOf(group, cast != nil)}
	if strings.Contains(c.Route.Template, "/transitiveMembers") {
		src.Flatten = func() []int32 { return st.TransitiveMembers(ref, c.Tick) }
	}
	src.See = func(m int32) *tenant.Object {
		o := st.Seen(m, c.Tick)
		if o == nil || cast != nil && o.Entity != cast {
			return nil
		}
		return o
	}
	return src
}

func listMembers(c *call) *kernel.Response {
	cast := c.CastOf()
	o, a := c.MemberOptions(cast)
	if a != nil {
		return a
	}
	st := c.Service.Store
	st.Mu.RLock()
	defer st.Mu.RUnlock()
	ref, group, a := c.findGroup(c.Param(0))
	if a != nil {
		return a
	}
	return c.AnswerList(o, c.membersOf(ref, group, cast), graph.SetOf(cast))
}

func countMembers(c *call) *kernel.Response {
	if a := c.RefuseCount(); a != nil {
		return a
	}
	st := c.Service.Store
	st.Mu.RLock()
	defer st.Mu.RUnlock()
	ref, group, a := c.findGroup(c.Param(0))
	if a != nil {
		return a
	}
	src := c.membersOf(ref, group, c.CastOf())
	if src.Flatten != nil {
		src.Refs = src.Flatten()
	}
	return c.AnswerNumber(src.Size(&odata.Options{}))
}

func addMember(c *call) *kernel.Response {
	list, a := c.BodyFields()
	if a != nil {
		return a
	}
	i := slices.IndexFunc(list, func(f rawjson.Field) bool { return f.Name == "@odata.id" })
	if i < 0 || len(list) != 1 {
		return c.Fail(odata.BadRequest("BadRequest", "A reference has one member, @odata.id."))
	}
	st := c.Service.Store
	st.Mu.Lock()
	defer st.Mu.Unlock()
	group, now, a := c.findGroup(c.Param(0))
	if a != nil {
		return a
	}
	member, err := c.linked(rawjson.Unquote(list[i].Raw))
	if err == nil {
		err = c.mayJoin(now)
	}
	if err != nil {
		return c.Fail(*err)
	}
	if !st.Join(group, member, c.Lag()) {
		return c.Fail(
			odata.Invalid("One or more added object references already exist for the following modified properties: " +
				"'members'."),
		)
	}
	return kernel.NoContent()
}

func removeMember(c *call) *kernel.Response {
	st := c.Service.Store
	st.Mu.Lock()
	defer st.Mu.Unlock()
	group, now, a := c.findGroup(c.Param(0))
	if a != nil {
		return a
	}
	if err := c.mayJoin(now); err != nil {
		return c.Fail(*err)
	}
	member, ok := st.Lookup(c.Param(1))
	if !ok || !st.Leave(group, member, c.Lag(), true) {
		return c.Fail(odata.NotFound(c.Param(1)))
	}
	return kernel.NoContent()
}

// deleteMember is what a DELETE that forgot /$ref does: it deletes the member itself
// (learn.microsoft.com/graph/api/group-delete-members [D]).
func deleteMember(c *call) *kernel.Response {
	st := c.Service.Store
	st.Mu.Lock()
	defer st.Mu.Unlock()
	group, _, a := c.findGroup(c.Param(0))
	if a != nil {
		return a
	}
	member, ok := st.Lookup(c.Param(1))
	if !ok || !slices.Contains(st.Slots[group].Object.Members, member) || st.View(member, c.Tick) == nil {
		return c.Fail(odata.NotFound(c.Param(1)))
	}
	if st.Slots[member].Object.Entity == st.UserType {
		st.SoftDelete(member, c.Service.Clock.Now().Format("2006-01-02T15:04:05Z"), c.Lag())
		return kernel.NoContent()
	}
	st.Purge(member, c.Lag())
	return kernel.NoContent()
}

// listMemberOf is memberOf and transitiveMemberOf of a user or a group.
func listMemberOf(c *call) *kernel.Response {
	st := c.Service.Store
	cast := c.CastOf()
	o, a := c.MemberOptions(cast)
	if a != nil {
		return a
	}
	st.Mu.RLock()
	defer st.Mu.RUnlock()
	find := c.findUser
	if strings.HasPrefix(c.Route.Template, "/v1.0/groups") {
		find = c.findGroup
	}
	ref, _, a := find(c.Param(0))
	if a != nil {
		return a
	}
	src := odata.Source{Refs: st.Slots[ref].Parents, Shape: c.FormOf(nil, cast != nil)}
	if strings.Contains(c.Route.Template, "/transitiveMemberOf") {
		src.Flatten = func() []int32 { return st.TransitiveGroups(ref) }
	}
	src.See = func(g int32) *tenant.Object { return st.View(g, c.Tick) }
	return c.AnswerList(o, src, graph.SetOf(cast))
}

// checkMemberGroups answers which of up to 20 groups a user is in, transitively.
func checkMemberGroups(c *call) *kernel.Response {
	list, a := c.BodyFields()
	if a != nil {
		return a
	}
	i := slices.IndexFunc(list, func(f rawjson.Field) bool { return f.Name == "groupIds" })
	if i < 0 || len(rawjson.Strings(list[i].Raw)) > 20 {
		return c.Fail(odata.BadRequest("Request_BadRequest", "groupIds must name at most 20 groups."))
	}
	st := c.Service.Store
	st.Mu.RLock()
	defer st.Mu.RUnlock()
	ref, _, a := c.findUser(c.Param(0))
	if a != nil {
		return a
	}
	above := st.TransitiveGroups(ref)
	found := []string{}
	for _, id := range rawjson.Strings(list[i].Raw) {
		if g, ok := st.Lookup(id); ok && slices.Contains(above, g) {
			found = append(found, id)
		}
	}
	return c.Encode(http.StatusOK, map[string]any{
		"@odata.context": c.ContextURL("Collection(Edm.String)", nil), "value": found,
	})
}
