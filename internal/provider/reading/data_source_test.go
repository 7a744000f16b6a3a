package reading_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/provider/providertest"
	"github.com/usersync/terraform-provider-usersync/internal/provider/reading"
	"github.com/usersync/terraform-provider-usersync/internal/provider/session"
)

func client(t *testing.T, with *session.Session) *providertest.CLI {
	t.Helper()
	return providertest.New(t, with, providertest.Offers{
		DataSources: []func() datasource.DataSource{reading.NewDirectory, reading.NewOrganization},
	})
}

// withJob is a tenant with a job whose mapping of users and whose filter read
// properties beyond those of every reading.
const withJob = `{"version":1,"entra":{"tenant_id":"11111111-2222-4333-8444-555555555555","domains":[],"groups":[],
	"users":[{"id":"22222222-2222-4333-8444-555555555555","userPrincipalName":"a@company.com","mail":null,"userType":"Member","accountEnabled":true,"department":"IT","mobilePhone":"1","city":"Berlin"}],
	"synchronization":[{"service_principal_id":"sp","display_name":"Atlassian Cloud","job":{"id":"job","templateId":"customappsso"},"assigned":[],
	"schema":{"synchronizationRules":[{"id":"r","name":"r","sourceDirectoryName":"a","targetDirectoryName":"b","objectMappings":[{
		"enabled":true,"flowTypes":"Add","name":"m","sourceObjectName":"User","targetObjectName":"User","attributeMappings":[
		{"targetAttributeName":"userName","source":{"expression":"[userPrincipalName]","name":"userPrincipalName","type":"Attribute"}},
		{"targetAttributeName":"phone","source":{"expression":"[mobile]","name":"mobile","type":"Attribute"}}],
		"scope":{"groups":[{"name":"g","clauses":[{"sourceOperandName":"department","operatorName":"EQUALS","targetOperand":{"values":["IT"]}}]}]}
	}]}]}}]},"organizations":{}}`

// A directory with a named job has by itself what the job's mappings and filters
// read.
func TestDirectory_Read_SourceAttributes(t *testing.T) {
	c := client(t, providertest.Offline(t, withJob))
	job := map[string]any{"service_principals": []string{"Atlassian Cloud"}}
	for name, x := range map[string]struct {
		config map[string]any
		want   []string
	}{
		"without a job":             {map[string]any{}, nil},
		"with a job":                {job, []string{"department", "mobilePhone"}},
		"with an attribute beside":  {providertest.With(job, "attributes", []string{"city"}), []string{"city", "department", "mobilePhone"}},
		"with one that it has, too": {providertest.With(job, "attributes", []string{"department"}), []string{"department", "mobilePhone"}},
		"with an attribute, no job": {map[string]any{"attributes": []string{"city"}}, []string{"city"}},
	} {
		t.Run(name, func(t *testing.T) {
			s, said := c.ReadData("usersync_directory", x.config)
			providertest.Wants(t, "read", said)
			d, err := directory.DecodeDirectory(s.Text("reading"))
			if err != nil || !slices.Equal(d.Attributes, x.want) {
				t.Errorf("got %v, %v, want %v", d, err, x.want)
			}
		})
	}
}

func TestDirectory_Read_NoSuchServicePrincipal(t *testing.T) {
	c := client(t, providertest.OfflineCompany(t))
	_, said := c.ReadData("usersync_directory", map[string]any{"service_principals": []string{"Nobody"}})
	providertest.Wants(t, "read", said, "ERROR (service_principals)", "Nobody")
}

// Records of the SCIM directory are in the reading where they are asked for.
func TestOrganization_Read_SCIMRecords(t *testing.T) {
	const snapshot = `{"version":1,"entra":{"tenant_id":"t","domains":[],"users":[],"groups":[]},
		"organizations":{"main":{"organization_id":"o","domains":[],
		"scim":{"users":[{"id":"s1","userName":"a@company.com","active":true}],"groups":[]}}}}`
	c := client(t, providertest.Offline(t, snapshot))
	for records, want := range map[bool]int64{false: 0, true: 1} {
		s, said := c.ReadData("usersync_organization", map[string]any{"scim_records": records})
		providertest.Wants(t, "read", said)
		o, err := directory.DecodeOrganization(s.Text("reading"))
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Get("counts.scim_records"); got != want || (o.Records != nil) != records {
			t.Errorf("scim_records = %t: got %v records, %+v", records, got, o.Records)
		}
	}
	without := client(t, providertest.Session(providertest.Tenant(t, providertest.Company(t))))
	_, said := without.ReadData("usersync_organization", map[string]any{"scim_records": true})
	providertest.Wants(t, "without a SCIM directory", said, "ERROR", "scim_directory_id and scim_token")
}

// The session's day is 2026-11-20.
func TestOrganization_Read_KeyExpires(t *testing.T) {
	tenant := providertest.Tenant(t, providertest.Company(t))
	for on, want := range map[string][]string{
		"":           nil,
		"2027-11-20": nil,
		"2026-12-01": {"WARNING: Key expires soon", `The API key of the organization "main" expires on 2026-12-01`},
		"2026-11-01": {"WARNING: Key expired"},
	} {
		c := client(
			t,
			providertest.Session(tenant, func(s *session.Setup) { s.KeysExpireOn = map[string]string{"main": on} }),
		)
		_, said := c.ReadData("usersync_organization", map[string]any{})
		providertest.Wants(t, "expires on "+on, said, want...)
	}
}

// The example was taken at 2026-11-20T08:00:00Z.
func TestSnapshot_MaxAge(t *testing.T) {
	file := filepath.Join(t.TempDir(), "tenant.json")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	company := providertest.Company(t)
	taken := regexp.MustCompile(`"taken_at": "[^"]*"`)
	if !taken.MatchString(company) {
		t.Fatal("the example says no time")
	}
	for name, x := range map[string]struct {
		takenAt string
		maxAge  time.Duration
		want    []string
	}{
		"any age":          {`"taken_at": "2020-01-01T00:00:00Z"`, 0, nil},
		"young enough":     {`"taken_at": "2026-11-20T08:00:00Z"`, 2 * time.Hour, nil},
		"too old":          {`"taken_at": "2026-11-20T08:00:00Z"`, 30 * time.Minute, []string{"ERROR", "it was taken at 2026-11-20T08:00:00Z, 1h0m0s ago", "max_age of the provider's snapshot is 30m0s"}},
		"nobody says when": {`"other": ""`, time.Hour, []string{"ERROR", "the file doesn't say when it was taken"}},
	} {
		t.Run(name, func(t *testing.T) {
			write(taken.ReplaceAllString(company, x.takenAt))
			setup := session.Setup{
				SnapshotFile: file,
				MaxAge:       x.maxAge,
				Now:          func() time.Time { return time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC) },
			}
			c := client(t, session.New(setup))
			for _, source := range []string{"usersync_directory", "usersync_organization"} {
				_, said := c.ReadData(source, map[string]any{})
				providertest.Wants(t, source, said, x.want...)
			}
		})
	}
}
