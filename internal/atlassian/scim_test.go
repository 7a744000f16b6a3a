package atlassian

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

// scimDirectory is an organization with 230 records, a few of them special.
func scimDirectory(t *testing.T, options ...simulator.Option) *bench {
	t.Helper()
	var users, members []string
	for i := range 230 {
		users = append(
			users,
			fmt.Sprintf(
				`{"id":"s%03d","userName":"u%d@x.example","externalId":"e%d","emails":[{"value":"u%d@x.example","primary":true}]}`,
				i,
				i,
				i,
				i,
			),
		)
		members = append(members, fmt.Sprintf(`{"value":"s%03d"}`, i))
	}
	users = append(
		users,
		`{"id":"z","userName":"off@x.example","active":false,"emails":[{"value":"second@x.example"},{"value":"first@x.example","primary":true}]}`,
	)
	return serve(
		t,
		fmt.Sprintf(
			`{"version":1,"organizations":{"main":{"organization_id":%q,"domains":[],"scim":{"users":[%s],"groups":[{"id":"g","displayName":"Staff","members":[%s]}]}}}}`,
			orgID,
			strings.Join(users, ","),
			strings.Join(members, ","),
		),
		options...)
}

func (b *bench) scim(token string) *Client {
	return b.client(func(c *Config) { c.SCIMDirectoryID, c.SCIMToken = b.About().Organizations[0].DirectoryID, token })
}

// Every record is read, in pages of a hundred, once each.
func TestReadSCIM(t *testing.T) {
	b := scimDirectory(t)
	d, err := b.scim(simulator.DefaultSecretToken).ReadSCIM(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Users) != 231 || len(d.Groups) != 1 || len(d.Groups[0].Members) != 230 ||
		d.Groups[0].DisplayName != "Staff" {
		t.Fatalf("%d users, %+v", len(d.Users), d.Groups)
	}
	if u := d.Users[0]; u.ID != "s000" || u.ExternalID != "e0" || u.UserName != "u0@x.example" || !u.Active {
		t.Errorf("%+v", u)
	}
	if u := d.Users[230]; u.Active || len(u.Emails) != 2 || u.Emails[0] != "first@x.example" {
		t.Errorf("%+v", u)
	}
	if n := b.Requests().Routes["GET /scim/directory/{directoryId}/Users"]; n != 3 {
		t.Errorf("%d requests", n)
	}
}

// Trouble that passes changes nothing; a wrong key says whose it must be, and
// isn't in the error.
func TestReadSCIMTrouble(t *testing.T) {
	b := scimDirectory(
		t,
		simulator.WithFault(
			simulator.Fault{
				Kind:       simulator.FaultStatus,
				Match:      "GET /scim/*",
				Nth:        2,
				Status:     http.StatusTooManyRequests,
				RetryAfter: "0.01",
			},
		),
	)
	if d, err := b.scim(simulator.DefaultSecretToken).
		ReadSCIM(context.Background(), nil); err != nil ||
		len(d.Users) != 231 {
		t.Fatalf("%v", err)
	}
	_, err := b.scim(planted).ReadSCIM(context.Background(), nil)
	var refused *Error
	if !errors.As(err, &refused) || !strings.Contains(refused.Advice(), "scim_token") ||
		strings.Contains(err.Error()+refused.Advice(), planted) {
		t.Errorf("%v", err)
	}
	if _, err := b.client().
		ReadSCIM(context.Background(), nil); err == nil ||
		!strings.Contains(err.Error(), "scim_directory_id") {
		t.Errorf("%v", err)
	}
}
