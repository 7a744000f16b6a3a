package graph

import (
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/kernel"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/odata"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/tenant"
)

// CastOf is the type that the path casts a collection to, nil for none.
func (c *Call) CastOf() *tenant.Entity {
	_, name, ok := strings.Cut(c.Route.Template, "/microsoft.graph.")
	if !ok {
		return nil
	}
	name, _, _ = strings.Cut(name, "/")
	st := c.Service.Store
	switch name {
	case "user":
		return st.UserType
	case "group":
		return st.GroupType
	}
	return st.OtherTypes["#microsoft.graph."+name]
}

// MemberOptions reads the options of a collection of directory objects. Combined with others, a cast
// is an advanced query [graph 2]; without a cast there is nothing to filter by here.
func (c *Call) MemberOptions(cast *tenant.Entity) (*odata.Options, *kernel.Response) {
	st := c.Service.Store
	_, filtered := c.Query.Get("$filter")
	_, searched := c.Query.Get("$search")
	_, ordered := c.Query.Get("$orderby")
	if cast != nil {
		o, a := c.ListOptions(cast)
		if a == nil && (filtered || ordered) && !o.Advanced {
			return nil, c.Fail(odata.ErrUnsupported)
		}
		return o, a
	}
	var ids []string
	if filtered { // by id alone, which needs no advanced query
		f, err := odata.ParseFilter(c.Query.Value("$filter"))
		if err != nil {
			return nil, c.Fail(odata.BadRequest("BadRequest", odata.InFilter+err.Error()))
		}
		var ok bool
		if ids, ok = f.IDs(); !ok {
			return nil, c.Fail(odata.ErrUnsupported)
		}
	}
	if searched || ordered {
		return nil, c.Fail(odata.ErrUnsupported)
	}
	if a := c.UnknownOptions(odata.Known); a != nil {
		return nil, a
	}
	o := &odata.Options{IDs: ids, Top: c.Service.Behavior.PageSize, Skip: c.Query.Value("$skiptoken")}
	o.Count = c.Query.Value("$count") == "true" && c.eventual()
	if err := c.options().ReadTop(o, nil); err != nil {
		return nil, c.Fail(*err)
	}
	var err *odata.Error
	if o.Selected, err = c.selected(st.MemberTypes()...); err == nil {
		err = c.betaDefaults(o.Selected, st.MemberTypes()...)
	}
	if err != nil {
		return nil, c.Fail(*err)
	}
	return o, nil
}

// FormOf decides how members are written: with their type unless they are cast, and bare where the
// caller may not read them [graph 2]. In a hidden group nobody is readable without
// Member.Read.Hidden; that they come back bare there, rather than not at all, is [?].
func (c *Call) FormOf(group *tenant.Object, cast bool) func(*tenant.Object) odata.Form {
	hidden := group != nil && group.Text("visibility") == "HiddenMembership" && !c.May([]string{"Member.Read.Hidden"})
	shadow := odata.Bare
	if c.Service.Behavior.UnreadableAsNull {
		shadow = odata.AllNull
	}
	allowed := map[*tenant.Entity]bool{}
	return func(o *tenant.Object) odata.Form {
		may, known := allowed[o.Entity]
		if !known {
			may = c.maySee(o.Entity)
			allowed[o.Entity] = may
		}
		switch {
		case hidden || o.Unreadable || !may:
			return shadow
		case cast:
			return odata.Plain
		default:
			return odata.Typed
		}
	}
}

// SetOf is the collection in the context of a list of members.
func SetOf(cast *tenant.Entity) string {
	if cast == nil {
		return "directoryObjects"
	}
	return cast.Set
}
