package directory

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/graph"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/kernel"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/odata"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/tenant"
)

// deltaToken is what a $skiptoken or $deltatoken of a delta query holds: where it stands, and the
// options of the first request [graph 1.5].
type deltaToken struct {
	Set      string   `json:"s"`           // users or groups
	Select   []string `json:"p,omitempty"` // nil: the default properties
	IDs      []string `json:"i,omitempty"` // of a filter on ids
	Since    uint64   `json:"a"`           // the log entry that the round starts behind
	Until    uint64   `json:"u"`           // and the one that the next starts behind
	Place    int      `json:"n"`
	Member   int      `json:"m,omitempty"` // how many members of the group at Place are told already
	Full     bool     `json:"f,omitempty"` // a first round, over everything
	Begun    bool     `json:"b,omitempty"` // not the first page of its round
	Minimal  bool     `json:"r,omitempty"`
	Issued   int64    `json:"t"`
	Revision int      `json:"e"`
}

// deltaLife is how long a token of directory objects is good [graph 1.5, D].
const deltaLife = 7 * 24 * time.Hour

// DeltaPolicy invalidates tokens. Each call of ExpireDeltaTokens is a new revision.
type DeltaPolicy struct {
	mu       sync.Mutex
	revision int
	how      string
}

// The ways in which a delta token is refused.
const (
	DeltaGone   = "gone"              // 410 with a Location whose $deltatoken is empty
	DeltaState  = "syncStateNotFound" // 400 with this code
	DeltaResync = "resyncRequired"    // 400 with this code
)

// ExpireDeltaTokens makes every token issued so far useless: "gone", "syncStateNotFound" or
// "resyncRequired" says how they are refused.
func (s *DeltaPolicy) ExpireDeltaTokens(how string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.revision++
	s.how = how
}

// deltaCall is a request for what changed.
type deltaCall struct {
	*graph.Call
	policy *DeltaPolicy
}

// DeltaOperations are the delta queries of users and groups [graph 1.5].
func DeltaOperations(policy *DeltaPolicy) []graph.Operation {
	on := func(of func(*tenant.Store) *tenant.Entity) func(*graph.Call) *kernel.Response {
		return func(c *graph.Call) *kernel.Response { return (&deltaCall{c, policy}).delta(of(c.Service.Store)) }
	}
	return []graph.Operation{
		graph.Get(
			"/v1.0/users/delta",
			graph.ReadUsers,
			on(func(st *tenant.Store) *tenant.Entity { return st.UserType }),
		),
		graph.Get(
			"/v1.0/groups/delta",
			graph.ReadGroups,
			on(func(st *tenant.Store) *tenant.Entity { return st.GroupType }),
		),
	}
}

// delta answers one page of a round.
func (c *deltaCall) delta(e *tenant.Entity) *kernel.Response {
	t, a := c.deltaToken(e)
	if a != nil {
		return a
	}
	st := c.Service.Store
	st.Mu.RLock()
	defer st.Mu.RUnlock()
	if !t.Begun {
		t.begin(st.Seq, c.Header.Get("Prefer"))
	}
	w := &deltaWriter{call: c, ent: e, token: t, renderer: odata.NewRenderer(t.Select, 64<<10)}
	if t.Full {
		w.everything()
	} else {
		w.changes()
	}
	p := odata.Page{Context: c.ContextURL(e.Set, t.Select), Count: -1}
	link := c.Root() + "/" + e.Set + "/delta?"
	if w.more {
		p.Next = link + "$skiptoken=" + t.encode(c)
	} else {
		p.Delta = link + "$deltatoken=" + t.nextRound().encode(c)
	}
	p.Members = func(r *odata.Renderer) { r.Buf = append(r.Buf, w.renderer.Buf...) }
	return c.AnswerPage(p, nil)
}

// begin starts a round at the present end of the log.
func (t *deltaToken) begin(now uint64, prefer string) {
	t.Until, t.Begun = now, true
	t.Minimal = !t.Full && strings.Contains(prefer, "return=minimal")
}

// nextRound is the token for what changes after this round.
func (t *deltaToken) nextRound() *deltaToken {
	return &deltaToken{Set: t.Set, Select: t.Select, IDs: t.IDs, Since: t.Until}
}

func (t *deltaToken) encode(c *deltaCall) string {
	c.policy.mu.Lock()
	defer c.policy.mu.Unlock()
	t.Issued, t.Revision = c.Service.Clock.Now().Unix(), c.policy.revision
	return base64.RawURLEncoding.EncodeToString(rawjson.Marshal(t))
}

// deltaToken reads the request: a first one with its options, or one with a token and nothing else.
func (c *deltaCall) deltaToken(e *tenant.Entity) (*deltaToken, *kernel.Response) {
	for _, name := range []string{"$top", "$orderby", "$search", "$count"} {
		if _, ok := c.Query.Get(name); ok {
			return nil, c.Fail(
				odata.BadRequest(
					"Request_UnsupportedQuery",
					"The query parameter '"+name+"' is not supported by delta queries.",
				),
			)
		}
	}
	text := c.Query.Value("$deltatoken")
	skip, ok := c.Query.Get("$skiptoken")
	if ok {
		text = skip
	}
	if text != "" && text != "latest" {
		return c.resume(e, text)
	}
	o, a := c.deltaOptions(e)
	if a != nil {
		return nil, a
	}
	t := &deltaToken{Set: e.Set, Select: o.Selected, Full: text != "latest"}
	if text == "latest" { // nothing now, what changes from here on later
		st := c.Service.Store
		st.Mu.RLock()
		defer st.Mu.RUnlock()
		t.Since = st.Seq
	}
	if o.Filter != nil {
		if t.IDs, ok = o.Filter.IDs(); !ok || len(t.IDs) > 50 {
			return nil, c.Fail(
				odata.BadRequest("Request_UnsupportedQuery", "Delta queries can be filtered by up to 50 ids alone."),
			)
		}
	}
	return t, nil
}

// deltaOptions reads the options of a first request. The navigation properties members and manager
// may be selected; the ids of the filter are more than a list would take.
func (c *deltaCall) deltaOptions(e *tenant.Entity) (*odata.Options, *kernel.Response) {
	o := &odata.Options{}
	if a := c.UnknownOptions(odata.Known); a != nil {
		return nil, a
	}
	if text, ok := c.Query.Get("$select"); ok {
		o.Selected = []string{}
		for name := range strings.SplitSeq(text, ",") {
			name = strings.TrimSpace(name)
			_, found := e.Find(name)
			if !found && !(e.Name == "group" && name == "members") && !(e.Name == "user" && name == "manager") {
				return nil, c.Fail(odata.UnknownProperty(odata.InSelect, name, e))
			}
			o.Selected = append(o.Selected, name)
		}
	}
	if o.Selected == nil && strings.HasPrefix(c.Path, "/beta/") {
		return nil, c.Fail(
			odata.NotBuilt("the default properties of a " + e.Name + " in the beta version of Graph; select some"),
		)
	}
	if text, ok := c.Query.Get("$filter"); ok {
		f, err := odata.ParseFilter(text)
		if err != nil {
			return nil, c.Fail(odata.BadRequest("BadRequest", odata.InFilter+err.Error()))
		}
		o.Filter = f
	}
	return o, nil
}

// resume takes up a token, unless it is too old, of another collection, or accompanied by options
// that it already holds.
func (c *deltaCall) resume(e *tenant.Entity, text string) (*deltaToken, *kernel.Response) {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	t := &deltaToken{}
	if err != nil || json.Unmarshal(raw, t) != nil || t.Set != e.Set {
		return nil, c.Fail(odata.BadRequest("Request_BadRequest", "Badly formed token."))
	}
	if slices.ContainsFunc(c.Query.Names, func(n string) bool { return n == "$select" || n == "$filter" }) {
		return nil, c.Fail(
			odata.BadRequest("Request_BadRequest", "The options of a delta query are part of its token and can't be "+
				"repeated."),
		)
	}
	p := c.policy
	p.mu.Lock()
	revision, how := p.revision, p.how
	p.mu.Unlock()
	old := c.Service.Clock.Now().Sub(time.Unix(t.Issued, 0)) > deltaLife
	switch {
	case t.Revision == revision && !old:
		return t, nil
	case old && t.Revision == revision:
		how = DeltaState
	}
	return nil, c.refuseDelta(e, how)
}

func (c *deltaCall) refuseDelta(e *tenant.Entity, how string) *kernel.Response {
	const message = "The sync state generation is not found; sync state must be reset and a full sync done."
	if how == DeltaState || how == DeltaResync {
		return c.Fail(odata.BadRequest(how, message))
	}
	return c.Fail(odata.Error{Status: http.StatusGone, Code: DeltaResync, Message: message}).
		With("Location", c.Root()+"/"+e.Set+"/delta?$deltatoken=")
}
