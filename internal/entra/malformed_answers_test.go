package entra

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/transport"
)

// Answers that are made to hurt: each is refused, clearly and soon.
func TestMalformedAnswers(t *testing.T) {
	deep := func(open, end string) string { return strings.Repeat(open, 200_000) + strings.Repeat(end, 200_000) }
	page := func(inner string) string { return `{"value":[` + inner + `]}` }
	for name, c := range map[string]struct{ path, body, want string }{
		"deep page":        {"/v1.0/users", deep("[", "]"), "reading users"},
		"deep value":       {"/v1.0/users", `{"value":` + deep("[", "]") + `}`, "depth"},
		"deep user":        {"/v1.0/users", page(`{"id":"a","mail":` + deep(`{"a":`, "}") + `}`), "reading users"},
		"deep attribute":   {"/v1.0/users", page(`{"id":"a","department":` + deep("[", "]") + `}`), "depth"},
		"deep addresses":   {"/v1.0/users", page(`{"id":"a","otherMails":` + deep("[", "]") + `}`), "reading users"},
		"deep extensions":  {"/v1.0/users", page(`{"id":"a","onPremisesExtensionAttributes":{"extensionAttribute1":` + deep("[", "]") + `}}`), "reading users"},
		"deep group":       {"/v1.0/groups", page(`{"id":"g","members":` + deep("[", "]") + `}`), "reading groups"},
		"deep batch":       {"/v1.0/$batch", `{"responses":` + deep("[", "]") + `}`, "reading members of groups"},
		"deep domain":      {"/v1.0/domains", page(`{"id":` + deep("[", "]") + `}`), "reading domains"},
		"too large":        {"/v1.0/users", `{"value":[]` + strings.Repeat(" ", 65<<20) + `}`, "more than 64 MiB"},
		"deep delta":       {"/v1.0/users/delta", page(`{"id":"a","mail":` + deep("[", "]") + `}`), "asking for changes of users"},
		"deep members":     {"/v1.0/groups/delta", page(`{"id":"a","members@delta":` + deep("[", "]") + `}`), "asking for changes of groups"},
		"delta has no end": {"/v1.0/groups/delta", page(``), "neither @odata.nextLink nor @odata.deltaLink"},
	} {
		t.Run(name, func(t *testing.T) {
			b := companyTenant(t)
			s := b.front(func(r *http.Request, _ []byte) (int, string, []byte) {
				if r.URL.Path != c.path {
					return 0, "", nil
				}
				return 200, "application/json", []byte(c.body)
			})
			_, _, err := b.clientAt(s.URL).
				ReadForCache(context.Background(), []string{"department", "extensionAttribute1"}, keptAt)
			if err == nil || !strings.Contains(err.Error(), c.want) || len(err.Error()) > 1000 {
				t.Errorf("%.1000v", err)
			}
		})
	}
}

// An answer that says once more whose it is, or whether it succeeded, says so when its
// page is taken already: no group gets the members of another by that.
func TestContradictoryBatch(t *testing.T) {
	const taken = `"body":{"value":[{"@odata.type":"#microsoft.graph.user","id":"11111111-0000-4000-8000-000000000001"}]}`
	const empty = `"status":200,"body":{"value":[]}`
	for name, answers := range map[string]string{
		"id":   `{"id":"1","status":200,` + taken + `,"id":"2"},{"id":"1",` + empty + `}`,
		"body": `{"id":"1","status":200,` + taken + `,"body":{"value":[]}},{"id":"2",` + empty + `}`,
		"status": `{"id":"1","status":200,` + taken + `,"status":404},{"id":"2",` +
			empty + `}`,
	} {
		t.Run(name, func(t *testing.T) {
			b := tenantOf(t, ``, `{"id":"aaaaaaaa-0000-4000-8000-000000000001","displayName":"One","members":[]},
				{"id":"aaaaaaaa-0000-4000-8000-000000000002","displayName":"Two","members":[]}`)
			s := b.front(func(r *http.Request, _ []byte) (int, string, []byte) {
				if r.URL.Path != "/v1.0/$batch" {
					return 0, "", nil
				}
				return 200, "application/json", []byte(`{"responses":[` + answers + `]}`)
			})
			d, err := b.clientAt(s.URL).ReadDirectory(context.Background(), ReadOptions{})
			if want := `says "` + name + `" twice`; err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%+v, %v", d, err)
			}
		})
	}
}

// Pages of changes that never end: empty ones, the same one, ever new ones.
func TestEndlessDelta(t *testing.T) {
	for name, object := range map[string]string{"empty": ``, "the same": `{"id":"a"}`, "new": `{"id":"N"}`} {
		t.Run(name, func(t *testing.T) {
			b := companyTenant(t)
			n := 0
			s := b.front(func(r *http.Request, _ []byte) (int, string, []byte) {
				if r.URL.Path != "/v1.0/users/delta" {
					return 0, "", nil
				}
				n++
				return 200, "application/json", fmt.Appendf(
					nil,
					`{"value":[%s],"@odata.nextLink":"https://%s/v1.0/users/delta?$skiptoken=%d"}`,
					strings.ReplaceAll(object, "N", fmt.Sprint(n)),
					r.Host,
					n,
				)
			})
			_, kept, err := b.clientAt(s.URL).ReadForCache(context.Background(), nil, keptAt)
			if n > 1100 || kept != nil || name != "new" && !errors.Is(err, transport.ErrEndless) {
				t.Error(n, err)
			}
		})
	}
}
