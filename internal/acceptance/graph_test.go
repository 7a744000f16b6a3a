package acceptance

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

// client trusts the simulated tenant.
func (b *bench) client() *http.Client {
	b.Helper()
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(b.Server.CAPEM())
	client := &http.Client{
		Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}},
	}
	b.Cleanup(client.CloseIdleConnections)
	return client
}

// graph speaks to the simulated tenant as somebody else does: the portal,
// another provider. It fails unless the answer's status is of success.
func (b *bench) graph(method, path string, body any) map[string]any {
	b.Helper()
	client := b.client()
	form := url.Values{
		"grant_type":    {"client_credentials"},
		"client_id":     {simulator.DefaultClientID},
		"client_secret": {simulator.DefaultClientSecret},
		"scope":         {b.Server.URL() + "/.default"},
	}
	token := b.send(
		client,
		http.MethodPost,
		b.Server.URL()+"/"+b.Server.TenantID()+"/oauth2/v2.0/token",
		"application/x-www-form-urlencoded",
		"",
		[]byte(form.Encode()),
	)
	var raw []byte
	if body != nil {
		var err error
		raw, err = json.Marshal(body)
		b.Must(err)
	}
	bearer, _ := token["access_token"].(string)
	return b.send(client, method, b.Server.URL()+"/v1.0"+path, "application/json", bearer, raw)
}

func (b *bench) send(client *http.Client, method, address, kind, bearer string, body []byte) map[string]any {
	b.Helper()
	req, err := http.NewRequestWithContext(b.Context(), method, address, bytes.NewReader(body))
	b.Must(err)
	req.Header.Set("Content-Type", kind)
	if bearer != "" {
		req.Header.Set("Authorization", "Bearer "+bearer)
	}
	resp, err := client.Do(req)
	b.Must(err)
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	b.Must(err)
	if resp.StatusCode > 299 {
		b.Fatalf("%s %s: %s\n%s", method, address, resp.Status, raw)
	}
	out := map[string]any{}
	if len(raw) > 0 {
		b.Must(json.Unmarshal(raw, &out))
	}
	return out
}

// app adds a gallery application, as azuread would, and gives its service
// principal's object id.
func (b *bench) app(gallery string) string {
	b.Helper()
	found := b.graph(
		http.MethodGet,
		"/applicationTemplates?$filter="+url.QueryEscape("displayName eq '"+gallery+"'"),
		nil,
	)
	id, _ := found["value"].([]any)[0].(map[string]any)["id"].(string)
	made := b.graph(
		http.MethodPost,
		"/applicationTemplates/"+id+"/instantiate",
		map[string]string{"displayName": "New " + gallery},
	)
	sp, _ := made["servicePrincipal"].(map[string]any)["id"].(string)
	return sp
}

// jobs are a service principal's jobs.
func (b *bench) jobs(sp string) []map[string]any {
	b.Helper()
	var out []map[string]any
	for _, j := range b.graph(http.MethodGet, "/servicePrincipals/"+sp+"/synchronization/jobs", nil)["value"].([]any) {
		out = append(out, j.(map[string]any))
	}
	return out
}

// rows are the attribute mappings of a kind of object in a job's schema, by
// target: the expression with its flow type.
func (b *bench) rows(schema map[string]any, source string) map[string]string {
	b.Helper()
	out := map[string]string{}
	for _, row := range b.objectMapping(schema, source)["attributeMappings"].([]any) {
		r := row.(map[string]any)
		out[r["targetAttributeName"].(string)] = r["source"].(map[string]any)["expression"].(string) + " " + r["flowType"].(string)
	}
	return out
}

func (b *bench) objectMapping(schema map[string]any, source string) map[string]any {
	b.Helper()
	for _, rule := range schema["synchronizationRules"].([]any) {
		for _, m := range rule.(map[string]any)["objectMappings"].([]any) {
			if m.(map[string]any)["sourceObjectName"] == source {
				return m.(map[string]any)
			}
		}
	}
	b.Fatalf("the schema has no mapping of %s", source)
	return nil
}

// schemaPath is where the schema of a service principal's only job is.
func (b *bench) schemaPath(sp string) string {
	b.Helper()
	return "/servicePrincipals/" + sp + "/synchronization/jobs/" + url.PathEscape(
		b.jobs(sp)[0]["id"].(string),
	) + "/schema"
}

// rewrite lets somebody else change a job's schema.
func (b *bench) rewrite(sp string, change func(schema map[string]any)) {
	b.Helper()
	path := b.schemaPath(sp)
	schema := b.graph(http.MethodGet, path, nil)
	delete(schema, "@odata.context")
	change(schema)
	b.graph(http.MethodPut, path, schema)
}

// setRow replaces a row's expression, or adds the row.
func (b *bench) setRow(schema map[string]any, source, target, attribute string) {
	b.Helper()
	m := b.objectMapping(schema, source)
	value := map[string]any{
		"type":       "Attribute",
		"name":       attribute,
		"expression": "[" + attribute + "]",
		"parameters": []any{},
	}
	for _, row := range m["attributeMappings"].([]any) {
		if r := row.(map[string]any); r["targetAttributeName"] == target {
			r["source"] = value
			return
		}
	}
	m["attributeMappings"] = append(m["attributeMappings"].([]any), map[string]any{
		"targetAttributeName":     target,
		"source":                  value,
		"flowType":                "Always",
		"flowBehavior":            "FlowWhenChanged",
		"matchingPriority":        0,
		"defaultValue":            nil,
		"exportMissingReferences": false,
	})
}

// writes counts the requests since the last reset that may have changed the
// tenant or the organization, by route: those of a $batch by themselves, and
// none that only asks with another method than GET.
func (b *bench) writes() map[string]int {
	out := map[string]int{}
	for route, n := range b.Server.Requests().Routes {
		method, at, _ := strings.Cut(route, " ")
		asks := strings.HasSuffix(at, "/$batch") || strings.HasSuffix(at, "/validateCredentials") ||
			strings.HasSuffix(at, "/parseExpression") ||
			strings.HasSuffix(at, "/search")
		if method != http.MethodGet && !asks &&
			(strings.HasPrefix(at, "/v1.0/") || strings.HasPrefix(at, "/admin/") || strings.HasPrefix(at, "/scim/")) {
			out[route] = n
		}
	}
	return out
}

// cycles are what the job of a service principal has run.
func (b *bench) cycles(sp string) simulator.JobCycles {
	b.Helper()
	for _, c := range b.Server.Cycles() {
		if c.ServicePrincipalID == sp {
			return c
		}
	}
	b.Fatalf("the service principal %s has no job", sp)
	return simulator.JobCycles{}
}
