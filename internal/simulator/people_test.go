package simulator

import (
	"net/http"
	"testing"
)

// A person's token says what the Azure CLI may, not what the person may: that is held by the service.
func TestPersonToken(t *testing.T) {
	c := newClient(t)
	for _, p := range []struct {
		may  []string
		path string
		want int
	}{
		{[]string{"User.Read.All"}, "/v1.0/users", http.StatusOK},
		{[]string{"User.Read.All"}, "/v1.0/domains", http.StatusForbidden},
		{nil, "/v1.0/users", http.StatusForbidden},
	} {
		c.bearer = c.server.Login.PersonToken(testBase, Person{Name: "reader@company.com", May: p.may})
		c.get(p.path).want(t, p.want)
	}
}
