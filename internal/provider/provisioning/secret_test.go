package provisioning

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/provider/providertest"
	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

const address = "https://scim.example/directory/x"

var credentials = map[string]any{"BaseAddress": address, "SecretToken": simulator.DefaultSecretToken}

var secretConfig = map[string]any{"service_principal_id": app, "credentials": credentials, "credentials_version": "1"}

func TestSecret_Validate(t *testing.T) {
	c := client(t, nil)
	set := func(key string) map[string]any {
		return providertest.With(secretConfig, "credentials", providertest.With(credentials, key, "hunter2"))
	}
	for name, x := range map[string]struct {
		config map[string]any
		want   []string
	}{
		"a set":         {secretConfig, nil},
		"not yet known": {providertest.With(secretConfig, "credentials", providertest.Unknown), nil},
		"SyncAll":       {set("SyncAll"), []string{"ERROR: SyncAll is set by sync_all"}},
		"the notifications": {set("SyncNotificationSettings"), []string{"ERROR: SyncNotificationSettings has an " +
			"argument of its own"}},
		"a key with a mistake": {set("BaseAdress"), []string{"WARNING: Unknown credential key", "Did you mean BaseAddress?"}},
		"no version":           {providertest.With(secretConfig, "credentials_version", nil), []string{"ERROR: Missing argument", "belong together"}},
		"a version alone":      {providertest.With(secretConfig, "credentials", nil), []string{"ERROR: Missing argument", "belong together"}},
		"neither":              {map[string]any{"service_principal_id": app}, nil},
		"no credentials":       {providertest.With(secretConfig, "credentials", map[string]any{}), []string{"ERROR (credentials)"}},
		"no limit":             {providertest.With(secretConfig, "notifications", map[string]any{"enabled": true, "delete_threshold": 0}), []string{"ERROR", "delete_threshold"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := c.Validate(secretName, x.config)
			providertest.Wants(t, "validation", got, x.want...)
			if strings.Contains(got, "hunter2") {
				t.Errorf("a value is shown: %q", got)
			}
		})
	}
}

func TestSecret_Create(t *testing.T) {
	for name, more := range map[string][]any{
		"the set":            nil,
		"without validation": {"validate", false, "credentials", map[string]any{"BaseAddress": address, "SecretToken": "wrong"}},
		"by a job":           {"job_id", ""},
		"with settings":      {"sync_all", true, "notifications", map[string]any{"enabled": true, "email": "it@x.example", "delete_threshold": 5}},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			config := providertest.With(secretConfig, more...)
			if name == "by a job" {
				_, job := l.Job()
				config["job_id"] = job
			}
			s := l.Make(secretName, providertest.State{}, config)
			if keys := s.Get("keys").([]any); len(keys) != 2 || s.Get("credentials") != nil {
				t.Errorf("got %v", s.Value)
			}
			if got := l.HeldSecrets(app)["BaseAddress"]; got != address {
				t.Errorf("BaseAddress: got %q", got)
			}
			now, said := l.Read(secretName, s)
			if said != "" || !now.Value.Equal(s.Value) {
				t.Errorf("read: got %v, %s, want %v", now.Value, said, s.Value)
			}
			p := l.Plan(secretName, now, config)
			if p.Said != "" || !p.Planned.Value.Equal(s.Value) {
				t.Errorf("second plan: got %v, %s", p.Planned.Value, p.Said)
			}
		})
	}
}

func TestSecret_Create_Refuses(t *testing.T) {
	for name, x := range map[string]struct {
		more   []any
		before func(*lab)
		want   []string
		writes bool
	}{
		"a wrong token": {[]any{"credentials", providertest.With(credentials, "SecretToken", "hunter2")}, nil,
			[]string{"ERROR: Validating the credentials failed", "Nothing was written."}, false},
		"others that are there": {nil, func(l *lab) {
			l.put(map[string]string{"BaseAddress": "https://other.example", "Domain": "x", "SyncAll": "true"})
		}, []string{"ERROR: The service principal has other credentials already", "BaseAddress has another value", "Domain", "SyncAll is true", "Import it"}, false},
		"other notifications": {[]any{"notifications", map[string]any{"enabled": true}}, func(l *lab) {
			l.put(map[string]string{"BaseAddress": address, "SyncNotificationSettings": `{"Enabled":true,"Recipients":"a@x.example"}`})
		}, []string{"notifications are set otherwise"}, false},
		"the list": {nil, func(l *lab) { l.Fails(getSecrets, 403) }, []string{"ERROR: Writing the provisioning " +
			"credentials failed"}, false},
		"the write": {nil, func(l *lab) { l.Fails(putSecrets, 403) }, []string{"ERROR: Writing the provisioning " +
			"credentials failed"}, false},
		"the jobs": {nil, func(l *lab) { l.Fails(getJobs, 403) }, []string{"ERROR: Writing the provisioning " +
			"credentials failed"}, false},
		"the templates": {nil, func(l *lab) { l.Fails(getTemplates, 403) }, []string{"ERROR: Writing the provisioning credentials failed"}, false},
		"no such job": {[]any{"job_id", "customappsso.gone"}, nil, []string{"ERROR: Writing the provisioning " +
			"credentials failed", "404"}, false},
		"several jobs": {nil, func(l *lab) {
			l.Job()
			l.Another().Make(jobName, providertest.State{}, providertest.With(jobConfig, "template_id", "Azure2Azure"))
		}, []string{"has 2 jobs: set job_id"}, false},
		"what was saved": {nil, func(l *lab) {
			l.Job()
			l.Fails(validateRoute, 400, providertest.Second)
		}, []string{"ERROR: Validating the credentials failed", "They were good before they were written, and are " +
			"saved"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			if x.before != nil {
				x.before(l)
			}
			s, said := l.Plan(secretName, providertest.State{}, providertest.With(secretConfig, x.more...)).Apply()
			providertest.Wants(t, "apply", said, x.want...)
			if strings.Contains(said, "hunter2") || strings.Contains(said, simulator.DefaultSecretToken) {
				t.Errorf("a value is shown: %q", said)
			}
			if s.Exists() != x.writes {
				t.Errorf("got %v, want a state: %t", s.Value, x.writes)
			}
		})
	}
}

// put has the service hold a set.
func (l *lab) put(values map[string]string) {
	l.t.Helper()
	if err := l.PutSecrets(app, values); err != nil {
		l.t.Fatal(err)
	}
}

// What an interrupted apply left is taken over; keys that nobody lists are emptied.
func TestSecret_Create_TakesOver(t *testing.T) {
	l := newLab(t)
	l.put(map[string]string{"BaseAddress": address, "SecretToken": "old"})
	s := l.Make(secretName, providertest.State{}, secretConfig)
	if got := l.HeldSecrets(app)["SecretToken"]; got != simulator.DefaultSecretToken {
		t.Errorf("SecretToken: got %q", got)
	}
	again, said := l.Plan(secretName, providertest.State{}, secretConfig).Apply()
	providertest.Wants(t, "a second resource", said, "ERROR: Conflicting resources")
	if again.Exists() {
		t.Errorf("there is a state: %v", again.Value)
	}
	more := providertest.With(credentials, "Domain", "x")
	s = l.Make(secretName, s, providertest.With(secretConfig, "credentials", more))
	l.Make(secretName, s, providertest.With(secretConfig, "credentials_version", "2"))
	if got := l.HeldSecrets(app)["Domain"]; got != "" {
		t.Errorf("Domain, which nobody lists any more: got %q", got)
	}
}

func TestSecret_Update(t *testing.T) {
	l := newLab(t)
	s := l.Make(secretName, providertest.State{}, providertest.With(secretConfig, "sync_all", true))
	before := maps.Clone(l.Written())
	p := l.Plan(secretName, s, providertest.With(secretConfig, "sync_all", true, "validate", false))
	after, said := p.Apply()
	if said != "" || after.Get("validate") != false || l.Written()[putSecrets] != before[putSecrets] {
		t.Errorf("validate alone: got %v, %s, writes %v", after.Value, said, l.Written())
	}
	p = l.Plan(secretName, s, secretConfig)
	providertest.Wants(t, "plan", p.Said, "WARNING (sync_all): The job needs a restart")
	if after, said := p.Apply(); said != "" || after.Get("sync_all") != false ||
		l.HeldSecrets(app)["SyncAll"] != "false" {
		t.Errorf("sync_all: got %v, %s", after.Value, said)
	}
	p = l.Plan(secretName, s, providertest.With(secretConfig, "credentials", providertest.Unknown))
	if got := p.Planned.Get("keys"); got != providertest.Unknown {
		t.Errorf("keys of what isn't known: got %v", got)
	}
}

func TestSecret_Update_Refuses(t *testing.T) {
	for name, x := range map[string]struct {
		before func(*lab)
		want   []string
	}{
		"somebody changed it": {func(l *lab) {
			l.put(map[string]string{"BaseAddress": address, "SecretToken": "x", "Domain": "x", "SyncAll": "true", "SyncNotificationSettings": `{"Enabled":false}`})
		}, []string{"ERROR: Someone else changed the credentials after they were read", "keys, sync_all, notifications differ", "Nothing was written"}},
		"the list": {func(l *lab) { l.Fails(getSecrets, 403) }, []string{"ERROR: Changing the provisioning " +
			"credentials failed"}},
		"the write": {func(l *lab) { l.Fails(putSecrets, 403) }, []string{"ERROR: Changing the provisioning " +
			"credentials failed"}},
		"what was saved": {func(l *lab) {
			l.Job()
			l.Fails(validateRoute, 400, providertest.Second)
		}, []string{"ERROR: Validating the credentials failed", "and are saved", "Apply again"}},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			noted := providertest.With(secretConfig, "notifications", map[string]any{"enabled": true})
			s := l.Make(secretName, providertest.State{}, noted)
			p := l.Plan(secretName, s, providertest.With(noted, "credentials_version", "2"))
			x.before(l)
			after, said := p.Apply()
			providertest.Wants(t, "apply", said, x.want...)
			if got := after.Text("credentials_version"); got != "1" {
				t.Errorf("the version in the state: got %q, want that of before", got)
			}
		})
	}
}

func TestSecret_Read(t *testing.T) {
	l := newLab(t)
	s := l.Make(
		secretName,
		providertest.State{},
		providertest.With(secretConfig, "notifications", map[string]any{"enabled": true}),
	)
	l.put(
		map[string]string{
			"BaseAddress":              address,
			"SyncAll":                  "true",
			"SyncNotificationSettings": `{"Enabled":false,"DeleteThresholdEnabled":true,"DeleteThresholdValue":7}`,
		},
	)
	now, said := l.Read(secretName, s)
	if said != "" || now.Get("sync_all") != true || now.Get("notifications.delete_threshold") != int64(7) ||
		slices.Contains(now.Get("keys").([]any), any("SecretToken")) {
		t.Errorf("what somebody changed: got %v, %s", now.Value, said)
	}
	kept, said := client(t, providertest.Offline(t, tenant)).Read(secretName, s)
	if !kept.Value.Equal(s.Value) || !strings.Contains(said, "Not refreshed") {
		t.Errorf("with a snapshot: got %v, %s", kept.Value, said)
	}
	_, said = client(t, nil).Read(secretName, s)
	providertest.Wants(t, "not configured", said, "The provider isn't configured yet")
	l.Fails(getSecrets, 403, providertest.Once)
	_, said = l.Read(secretName, s)
	providertest.Wants(t, "refused", said, "ERROR: Reading the keys of the provisioning credentials failed")
	l.ClearFaults()
	l.put(nil)
	if gone, said := l.Read(secretName, s.With("keys", []string{})); gone.Exists() || said != "" {
		t.Errorf("gone: got %v, %s", gone.Value, said)
	}
}

// The session's day is 2026-11-20. A date alone is written nowhere.
func TestSecret_Read_ExpiresOn(t *testing.T) {
	l := newLab(t)
	s := l.Make(secretName, providertest.State{}, secretConfig)
	for on, want := range map[string][]string{
		"2027-11-20": nil,
		"2026-12-01": {"WARNING (expires_on): Key expires soon", "expires on 2026-12-01 (days left: 11)"},
		"2026-11-01": {"WARNING (expires_on): Key expired", "expired on 2026-11-01"},
	} {
		before := len(l.Written())
		p := l.Plan(secretName, s, providertest.With(secretConfig, "expires_on", on))
		providertest.Wants(t, on+", plan", p.Said)
		dated, said := p.Apply()
		providertest.Wants(t, on+", apply", said)
		if n := len(l.Written()); n != before {
			t.Errorf("%s: %d requests wrote, want none", on, n-before)
		}
		_, said = l.Read(secretName, dated)
		providertest.Wants(t, on+", read", said, want...)
	}
	if got := l.Validate(
		secretName,
		providertest.With(secretConfig, "expires_on", "next year"),
	); !strings.Contains(
		got,
		"Invalid date",
	) {
		t.Errorf("no date: got %q", got)
	}
}

func TestSecret_DeleteAndImport(t *testing.T) {
	l := newLab(t)
	s := l.Make(secretName, providertest.State{}, secretConfig)
	_, said := l.Destroy(secretName, s)
	providertest.Wants(t, "in the run that made it", said, "WARNING: Not changed: another resource manages it now")
	imported, said := l.Import(secretName, app)
	if said != "" || imported.Get("credentials_version") != nil || len(imported.Get("keys").([]any)) != 2 {
		t.Errorf("import: got %v, %s", imported.Value, said)
	}
	// The first version after an import is recorded without a write.
	before := l.Written()[putSecrets]
	l.Make(secretName, imported, secretConfig)
	if n := l.Written()[putSecrets]; n != before {
		t.Errorf("after an import %d writes, want none", n-before)
	}
	_, said = l.Import(secretName, app+"/x")
	providertest.Wants(t, "two parts", said, "ERROR: Invalid import ID", "object id alone")
	l.Fails(putSecrets, 403, providertest.Once)
	_, said = l.Another().Destroy(secretName, s)
	providertest.Wants(t, "refused", said, "ERROR: Emptying the provisioning credentials failed")
	l.ClearFaults()
	if after, said := l.Another().
		Destroy(secretName, s); said != "" || after.Exists() ||
		l.HeldSecrets(app)["SecretToken"] != "" {
		t.Errorf("got %v, %s, held %d", after.Value, said, len(l.HeldSecrets(app)))
	}
}

// A generated configuration has no credentials: the set is imported and left alone, and
// what would write it is refused at plan.
func TestSecret_WithoutCredentials(t *testing.T) {
	l := newLab(t)
	bare := map[string]any{"service_principal_id": app}
	p := l.Plan(secretName, providertest.State{}, bare)
	providertest.Wants(t, "a create", p.Said, "ERROR: Missing argument",
		"credentials and credentials_version are required")
	l.put(map[string]string{"BaseAddress": address, "SecretToken": "old", "SyncAll": "false"})
	s, said := l.Import(secretName, app)
	providertest.Wants(t, "import", said)
	for what, more := range map[string][]any{
		"sync_all":      {"sync_all", true},
		"notifications": {"notifications", map[string]any{"enabled": true}},
	} {
		p := l.Plan(secretName, s, providertest.With(bare, more...))
		providertest.Wants(t, what, p.Said, "ERROR: Missing argument", "takes the set as a whole")
	}
	after, said := l.Plan(secretName, s, providertest.With(bare, "expires_on", "2099-01-01")).Apply()
	if said != "" || after.Get("expires_on") != "2099-01-01" || l.Written()[putSecrets] != 0 {
		t.Errorf("a date alone: got %v, %s, writes %v", after.Value, said, l.Written())
	}
	if !reflect.DeepEqual(after.Get("keys"), s.Get("keys")) {
		t.Errorf("keys: got %v, want %v", after.Get("keys"), s.Get("keys"))
	}
}
