package graph

import (
	"fmt"
	"net/http"
	"net/url"

	"github.com/usersync/terraform-provider-usersync/internal/transport"
)

// metadataHost is the instance metadata service of a virtual machine: azidentity
// asks no other host for a managed identity's token, unless the environment names
// one (IDENTITY_ENDPOINT and the like).
const metadataHost = "169.254.169.254"

// metadataEndpoint sends what is for the instance metadata service to another
// address, which azidentity has no option for. What is for other hosts stays.
type metadataEndpoint struct {
	to     *url.URL
	client http.Client
}

func newMetadataEndpoint(address string) (*metadataEndpoint, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.Fragment != "" {
		return nil, &ConfigError{"msi_endpoint", fmt.Sprintf("%q is no address such as "+
			"http://%s/metadata/identity/oauth2/token", transport.WithoutUser(address), metadataHost)}
	}
	return &metadataEndpoint{u, http.Client{
		// A token isn't fetched from wherever an answer points.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// Do keeps the query, which names the resource and the identity; a query of the
// address itself is kept beside it.
func (m *metadataEndpoint) Do(r *http.Request) (*http.Response, error) {
	if r.URL.Host == metadataHost {
		r = r.Clone(r.Context())
		q := r.URL.Query()
		for name, values := range m.to.Query() {
			q[name] = values
		}
		u := *m.to
		u.RawQuery = q.Encode()
		r.URL, r.Host = &u, ""
	}
	return m.client.Do(r)
}
