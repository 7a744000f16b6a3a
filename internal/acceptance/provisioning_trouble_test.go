package acceptance

import (
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

const (
	oneJob   = "/v1.0/servicePrincipals/{id}/synchronization/jobs/{job}"
	jobsPath = "/v1.0/servicePrincipals/{id}/synchronization/jobs"
)

// A job whose wait times out isn't lost: its id is in the state, and the next
// apply ends with one job.
func TestJobWaitTimesOut(t *testing.T) {
	once(t, func(b *bench) {
		sp := b.app("Atlassian Cloud")
		b.live(jobOf(sp, `timeouts = { create = "2s" }`))
		b.fault(simulator.Fault{Kind: simulator.FaultStatus, Match: "GET " + oneJob, Status: 404, Times: -1})
		out := b.Do(1, "apply", "-no-color", "-input=false", "-auto-approve").Output
		b.says(
			out,
			"Waiting for the new provisioning job failed",
			"took too long",
			"The job exists and is in the state",
		)
		b.tidy(out)
		id, _ := b.attributes(jobAddress)["id"].(string)
		if jobs := b.jobs(sp); len(jobs) != 1 || id == "" || jobs[0]["id"] != id {
			b.Fatalf("the state has %q, the tenant %v", id, jobs)
		}
		b.Server.ClearFaults()
		b.Apply()
		b.Plan(0)
		if jobs := b.jobs(sp); len(jobs) != 1 {
			b.Errorf("there are %d jobs", len(jobs))
		}
	})
}

// A create whose answer is lost is taken over by the next; a job that ran
// isn't.
func TestJobAdoption(t *testing.T) {
	once(t, func(b *bench) {
		sp := b.app("Atlassian Cloud")
		b.live(jobOf(sp))
		b.fault(simulator.Fault{Kind: simulator.FaultCut, Match: "POST " + jobsPath, AfterBytes: 10, Times: -1})
		b.tidy(b.Do(1, "apply", "-no-color", "-input=false", "-auto-approve").Output)
		b.Server.ClearFaults()
		jobs := b.jobs(sp)
		if len(jobs) != 1 {
			b.Fatalf("the interrupted create left %d jobs", len(jobs))
		}
		b.Apply()
		if got := b.attributes(jobAddress)["id"]; got != jobs[0]["id"] || len(b.jobs(sp)) != 1 {
			b.Errorf("the job left behind isn't taken over: %v", got)
		}
		b.Plan(0)
		other := b.another()
		b.graph(
			http.MethodPost,
			"/servicePrincipals/"+sp+"/synchronization/jobs/"+jobs[0]["id"].(string)+"/start",
			map[string]any{},
		)
		b.Must(b.Server.FinishCycle(jobs[0]["id"].(string)))
		other.live(jobOf(sp))
		other.says(
			other.Do(1, "apply", "-no-color", "-input=false", "-auto-approve").Output,
			"has a job of this template already",
			"terraform import <address> "+sp+"/"+jobs[0]["id"].(string),
		)
		other.live(strings.Replace(jobOf(b.app("Atlassian Cloud")), "customappsso", "atlassian", 1))
		other.says(
			other.Do(1, "apply", "-no-color", "-input=false", "-auto-approve").Output,
			`has no template "atlassian"`,
			"customappsso (default)",
			"main.tf line",
		)
	})
}

// A missing permission is named, and not taken for lag.
func TestProvisioningPermission(t *testing.T) {
	roles := slices.DeleteFunc(simulator.AllRoles(), func(r string) bool {
		return strings.HasPrefix(r, "Synchronization") || r == "Application.ReadWrite.All" ||
			r == "Directory.ReadWrite.All"
	})
	once(t, func(b *bench) {
		sp := b.app("Atlassian Cloud")
		b.Must(
			b.Server.AddApp(
				simulator.App{
					ClientID: simulator.DefaultClientID,
					Secret:   simulator.DefaultClientSecret,
					Roles:    append(roles, "Synchronization.Read.All"),
				},
			),
		)
		b.live(jobOf(sp))
		b.Server.ResetRequests()
		out := b.Do(1, "apply", "-no-color", "-input=false", "-auto-approve").Output
		b.says(out, "Permissions are missing", "Synchronization.ReadWrite.All")
		if n := b.Server.Requests().Routes["POST "+jobsPath]; n > 1 {
			b.Errorf("a missing permission was tried %d times", n)
		}
		b.Must(
			b.Server.AddApp(
				simulator.App{
					ClientID: simulator.DefaultClientID,
					Secret:   simulator.DefaultClientSecret,
					Roles:    simulator.AllRoles(),
				},
			),
		)
		b.fault(simulator.Fault{Kind: simulator.FaultStatus, Match: "POST " + jobsPath, Status: 403, Times: -1})
		b.Server.ResetRequests()
		out = b.Do(1, "apply", "-no-color", "-input=false", "-auto-approve").Output
		b.says(out, "403", "Synchronization.ReadWrite.All")
		if n := b.Server.Requests().Routes["POST "+jobsPath]; n != 1 {
			b.Errorf("a 403 was tried %d times", n)
		}
	})
}

// Credentials are tried before they are written, rotated by their version, and
// seen nowhere.
func TestSecret(t *testing.T) {
	const planted, settings = "planted-secret-4711", "credentials_version = 1"
	once(t, func(b *bench) {
		sp := b.app("Atlassian Cloud")
		b.live(jobOf(sp), secret(planted, settings))
		b.Server.ResetRequests()
		log := filepath.Join(b.Dir, "trace.log")
		b.Env = append(b.Env, "TF_LOG=TRACE", "TF_LOG_PATH="+log)
		out := b.Do(1, "apply", "-no-color", "-input=false", "-auto-approve").Output
		b.says(out, "Validating the credentials failed", "Nothing was written", "main.tf line", secretAddress)
		if b.writes()["PUT /v1.0/servicePrincipals/{id}/synchronization/secrets"] != 0 {
			b.Error("bad credentials were written")
		}
		b.Must(b.Server.SetSecretToken(sp, planted))
		b.Apply()
		b.Plan(0)
		raw, err := os.ReadFile(log)
		b.Must(err)
		for what, text := range map[string]string{"output": out, "state": b.State(), "log": string(raw)} {
			if i := strings.Index(text, planted); i >= 0 && (what != "log" || providerLine(text, i)) {
				b.Errorf("the %s holds the secret", what)
			}
		}

		// The same version with another value writes nothing; a new version does.
		b.Server.ResetRequests()
		b.live(jobOf(sp), secret("another-secret-4712", settings))
		b.Plan(0)
		b.Must(b.Server.SetSecretToken(sp, "another-secret-4712"))
		b.live(jobOf(sp), secret("another-secret-4712", "credentials_version = 2"))
		b.says(b.Plan(2).Output, `credentials_version = "1" -> "2"`)
		b.Apply()
		if n := b.writes()["PUT /v1.0/servicePrincipals/{id}/synchronization/secrets"]; n != 1 {
			b.Errorf("a rotation wrote %d times", n)
		}

		// A key that somebody emptied, and settings that somebody changed, are drift.
		b.graph(
			http.MethodPut,
			"/servicePrincipals/"+sp+"/synchronization/secrets",
			map[string]any{"value": []map[string]string{
				{
					"key":   "BaseAddress",
					"value": "https://scim.example/directory/x",
				},
				{"key": "SyncAll", "value": "true"},
			}},
		)
		b.says(b.Plan(2).Output, "SecretToken", "sync_all", "true -> false", "needs a restart")
		b.Apply()
		b.Plan(0)

		// Other credentials aren't lost to a create.
		other := b.another()
		other.live(jobOf(sp), strings.Replace(secret("x", settings), "SecretToken", "Password", 1))
		other.says(
			other.Do(
				1,
				"apply",
				"-no-color",
				"-input=false",
				"-auto-approve",
				"-target="+secretAddress,
				"-refresh=false",
			).Output,
			"already",
		)
		for key, says := range map[string]string{"SyncAll": "set sync_all instead", "SyncNotificationSettings": "set notifications instead", "SecretTokn": "Did you mean SecretToken?"} {
			b.live(jobOf(sp), strings.Replace(secret("x", "credentials_version = 2"), "SecretToken", key, 1))
			r, err := b.Workspace.Run(b.Context(), "plan", "-no-color", "-input=false")
			b.Must(err)
			b.says(r.Output, says)
		}
	})
}

// providerLine: the CLI itself logs configurations it sends; ours must not.
func providerLine(text string, at int) bool {
	start := strings.LastIndexByte(text[:at], '\n') + 1
	end := at + strings.IndexByte(text[at:]+"\n", '\n')
	return strings.Contains(text[start:end], "provider.terraform-provider-usersync")
}

// What an independent attack found: unset variables, settings that the service
// doesn't list, sets that aren't known, a second validation that fails.
func TestSecretTrouble(t *testing.T) {
	const putSecrets = "PUT /v1.0/servicePrincipals/{id}/synchronization/secrets"
	once(t, func(b *bench) {
		sp := b.app("Atlassian Cloud")
		variable := "variable \"token\" {\n  type = string\n  default = null\n  ephemeral = true\n}\n"
		b.live(jobOf(sp), variable, strings.Replace(secret("x", versionOne), `"x"`, "var.token", 1))
		out := b.fails()
		b.tidy(out)
		b.says(out, `credentials["SecretToken"]: must not contain null. Is the variable that it`)
		b.live(jobOf(sp), strings.Replace(secret("hunter2-literal", versionOne), "SecretToken", "SecretTokn", 1))
		b.saysNot(b.Do(0, "plan", "-no-color", "-input=false").Output, "hunter2-literal")

		// The service never had SyncAll: true is a change, also after an import.
		b.live(jobOf(sp))
		b.Apply()
		b.graph(
			http.MethodPut,
			"/servicePrincipals/"+sp+"/synchronization/secrets",
			map[string]any{"value": []map[string]string{
				{
					"key":   "BaseAddress",
					"value": "https://scim.example/directory/x",
				},
				{"key": "SecretToken", "value": simulator.DefaultSecretToken},
			}},
		)
		b.live(
			jobOf(sp),
			secret(simulator.DefaultSecretToken, versionOne, "sync_all = true"),
			imports(map[string]string{secretAddress: sp}),
		)
		b.Server.ResetRequests()
		b.says(b.plan(2).Output, "1 to import", "false -> true")
		b.apply()
		b.Plan(0)
		if b.writes()[putSecrets] != 1 {
			b.Error("sync_all was recorded and not written")
		}

		// A set that isn't known, with a key that is new.
		b.live(
			jobOf(sp),
			`resource "terraform_data" "c" { input = jsonencode({ BaseAddress = "https://scim.example/directory/x", SecretToken = "`+simulator.DefaultSecretToken+`", Domain = "d" }) }`,
			strings.Replace(
				secret("x", "credentials_version = 2", "sync_all = true"),
				`{ BaseAddress = "https://scim.example/directory/x", SecretToken = "x" }`,
				"jsondecode(terraform_data.c.output)",
				1,
			),
		)
		b.Apply()
		b.Plan(0)

		// Saved, and then found bad: the next apply writes again.
		b.live(
			jobOf(sp),
			strings.Replace(
				secret(simulator.DefaultSecretToken, "credentials_version = 3", "sync_all = true"),
				"SecretToken",
				`Domain = "d", SecretToken`,
				1,
			),
		)
		b.fault(
			simulator.Fault{
				Kind:   simulator.FaultStatus,
				Match:  "POST " + oneJob + "/validateCredentials",
				Nth:    2,
				Times:  1,
				Status: 400,
			},
		)
		b.says(
			b.Do(1, "apply", "-no-color", "-input=false", "-auto-approve").Output,
			"They were good before they were written",
			"Apply again",
		)
		b.Server.ClearFaults()
		b.Plan(2)
		b.Apply()
		b.Plan(0)
	})
}

// A mapping that is replaced, or destroyed by itself, never lets the job run
// with the template's rows.
func TestReplacedMappingPausesTheJob(t *testing.T) {
	once(t, func(b *bench) {
		sp := b.app("Atlassian Cloud")
		b.live(whole(sp))
		b.Apply()
		b.fault(
			simulator.Fault{
				Kind:   simulator.FaultStatus,
				Match:  "PUT " + oneJob + "/schema",
				Nth:    2,
				Times:  1,
				Status: 403,
			},
		)
		b.says(
			b.Do(1, "apply", "-no-color", "-input=false", "-auto-approve", "-replace="+usersAddress).Output,
			"The job was paused",
		)
		b.Server.ClearFaults()
		if c := b.cycles(sp); c.DefaultMappings {
			b.Errorf("a cycle ran with the template's rows: %+v", c)
		}
		b.Apply()
		b.Plan(0)
		if c := b.cycles(sp); c.DefaultMappings || b.jobs(sp)[0]["schedule"].(map[string]any)["state"] != "Active" {
			b.Errorf("the job isn't as it was: %+v", c)
		}
	})
}

// A plan that is applied after the job went into quarantine holds.
func TestScheduleInQuarantine(t *testing.T) {
	once(t, func(b *bench) {
		sp := b.app("Atlassian Cloud")
		b.live(whole(sp))
		b.Apply()
		b.live(strings.Replace(whole(sp), "start_after  ", "wait_for = \"nothing\"\n  start_after  ", 1))
		b.plan(2)
		b.quarantine(sp)
		b.tidy(b.apply().Output)
		p := b.Plan(0)
		b.says(p.Output, "The provisioning job is in quarantine", "change restart_triggers")
		if q, _ := b.attributes(scheduleAddress)["quarantine"].(map[string]any); q != nil {
			b.Errorf("the state has what the plan didn't promise: %v", q)
		}
		b.Do(0, "apply", "-no-color", "-input=false", "-auto-approve", "-refresh-only")
		if q, _ := b.attributes(scheduleAddress)["quarantine"].(map[string]any); q == nil || q["reason"] == "" {
			b.Errorf("a refresh doesn't see the quarantine: %v", q)
		}
	})
}

// quarantine makes the next cycle of a job fail at its credentials.
func (b *bench) quarantine(sp string) {
	b.Helper()
	org := b.Server.About().Organizations[0]
	b.graph(
		http.MethodPut,
		"/servicePrincipals/"+sp+"/synchronization/secrets",
		map[string]any{"value": []map[string]string{
			{
				"key":   "BaseAddress",
				"value": b.Server.URL() + "/scim/directory/" + org.DirectoryID,
			},
			{"key": "SecretToken", "value": "wrong"},
			{"key": "SyncAll", "value": "true"},
			{
				"key":   "SyncNotificationSettings",
				"value": `{"Enabled":true,"Recipients":"it@company.com","DeleteThresholdEnabled":true,"DeleteThresholdValue":500}`,
			},
		}},
	)
	b.Must(b.Server.FinishCycle(b.cyclesOf(sp)))
}

// The schedule: drift either way, restarts, and a quarantine that is said.
func TestSchedule(t *testing.T) {
	once(t, func(b *bench) {
		sp := b.app("Atlassian Cloud")
		base := jobOf(sp) + users(userRows) + groupMapping + secret(simulator.DefaultSecretToken, versionOne)
		b.live(base, schedule("enabled = false"))
		b.Apply()
		b.Plan(0)
		if c := b.cycles(sp); c.Cycles != 0 {
			b.Errorf("a disabled job ran: %+v", c)
		}
		b.live(base, schedule(`restart_triggers = { week = 1 }`))
		b.says(b.Plan(2).Output, "enabled", "false -> true")
		b.Apply()
		b.Plan(0)
		job := b.jobs(sp)[0]["id"].(string)
		b.Must(b.Server.FinishCycle(job))

		// Somebody pauses it.
		b.graph(http.MethodPost, "/servicePrincipals/"+sp+"/synchronization/jobs/"+job+"/pause", map[string]any{})
		b.says(b.Plan(2).Output, "enabled", "false -> true")
		b.Apply()
		b.Plan(0)

		before := b.cycles(sp).InitialCycles
		b.live(base, schedule(`restart_triggers = { week = 2 }`, `restart_scope = ["Watermark"]`))
		b.Apply()
		b.Plan(0)
		if after := b.cycles(sp).InitialCycles; after != before+1 {
			b.Errorf("a new trigger restarted the job %d times", after-before)
		}
		b.live(base, strings.Replace(schedule(), "start_after ", "start_after = []\n#", 1))
		b.says(b.fails(), "start_after", "at least 1")

		b.live(base)
		b.Apply()
		if state := b.jobs(sp)[0]["schedule"].(map[string]any)["state"]; state == "Active" {
			b.Error("a schedule without its resource still runs")
		}
	})
}

// A snapshot in the services' place: planning goes on, writing is refused.
func TestProvisioningOffline(t *testing.T) {
	once(t, func(b *bench) {
		sp := b.app("Atlassian Cloud")
		config := jobOf(sp) + users(userRows)
		b.live(config)
		b.Apply()
		b.writeSnapshot("tenant.json", b.example())
		b.snapshot("tenant.json", config)
		b.says(b.Plan(0).Output, "Not refreshed: the provider reads a snapshot")
		b.snapshot("tenant.json", config, groupMapping)
		b.Plan(2)
		b.says(
			b.Do(1, "apply", "-no-color", "-input=false", "-auto-approve").Output,
			"nothing can be written",
			`mode to "record"`,
		)
	})
}

// A wait for the first cycle ends with it, and says why where it fails.
func TestScheduleWaitsForTheFirstCycle(t *testing.T) {
	once(t, func(b *bench) {
		sp := b.app("Atlassian Cloud")
		b.live(whole(sp))
		b.Write(
			"main.tf",
			strings.Replace(
				b.ProviderBlock()+whole(sp),
				"start_after  ",
				"wait_for = \"first_cycle\"\n  timeouts = { create = \"3s\" }\n  start_after  ",
				1,
			),
		)
		b.says(b.Apply().Output, "The provisioning job isn't there yet", "The service took the order")
		b.Plan(0)
		stop, stopped := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(stopped)
			for {
				select {
				case <-stop:
					return
				case <-time.After(100 * time.Millisecond):
					_ = b.Server.FinishCycle(b.cyclesOf(sp)) // an error where none runs
				}
			}
		}()
		first := "wait_for = \"first_cycle\"\n  timeouts = { update = \"1m\" }\n  restart_triggers = { n = %s }\n  " +
			"start_after  "
		b.Write(
			"main.tf",
			strings.Replace(b.ProviderBlock()+whole(sp), "start_after  ", strings.Replace(first, "%s", "1", 1), 1),
		)
		b.Apply()
		b.Write(
			"main.tf",
			strings.Replace(b.ProviderBlock()+whole(sp), "start_after  ", strings.Replace(first, "%s", "2", 1), 1),
		)
		b.Apply()
		close(stop)
		<-stopped
		b.Plan(0)
	})
}

func (b *bench) cyclesOf(sp string) string {
	for _, c := range b.Server.Cycles() {
		if c.ServicePrincipalID == sp {
			return c.JobID
		}
	}
	return ""
}

// The mapping of cross-tenant synchronization: a constant userType, and every
// flow type, survive an import.
func TestCrossTenantMapping(t *testing.T) {
	once(t, func(b *bench) {
		sp := b.app("Microsoft Entra cross-tenant synchronization")
		b.live(strings.Replace(jobOf(sp), "customappsso", "Azure2Azure", 1))
		b.Apply()
		flows := map[string]string{
			"displayName": "Always",
			"givenName":   "ObjectAddOnly",
			"surname":     "MultiValueAddOnly",
			"jobTitle":    "ValueAddOnly",
			"department":  "AttributeAddOnly",
		}
		b.rewrite(sp, func(s map[string]any) {
			for _, row := range b.objectMapping(s, "User")["attributeMappings"].([]any) {
				if flow := flows[row.(map[string]any)["targetAttributeName"].(string)]; flow != "" {
					row.(map[string]any)["flowType"] = flow
				}
			}
		})
		before := b.rows(b.graph(http.MethodGet, b.schemaPath(sp), nil), "User")
		job := b.jobs(sp)[0]["id"].(string)
		mapping := func(rows string) string {
			return `
resource "usersync_provisioning_mapping" "users" {
  service_principal_id = local.sp
  job_id               = usersync_provisioning_job.atlassian.id
  object               = { source = "User", target = "User" }
  attributes = {
` + rows + `
  }
}
`
		}
		rows := `
    "userType"    = { expression = "\"Member\"", apply = "on_create" }
    "displayName" = { expression = "[displayName]" }
    "givenName"   = { expression = "[givenName]", apply = "on_create" }
    "surname"     = { expression = "[surname]", apply = "multi_value_add_only" }
    "jobTitle"    = { expression = "[jobTitle]", apply = "value_add_only" }
    "department"  = { expression = "[department]", apply = "attribute_add_only" }`
		config := strings.Replace(jobOf(sp), "customappsso", "Azure2Azure", 1)
		b.live(
			config,
			mapping(rows),
			imports(map[string]string{usersAddress: sp + "/" + job + "/USER_INBOUND_USER/User/User"}),
		)
		b.Server.ResetRequests()
		p := b.plan(2)
		b.says(p.Output, "1 to import", "Rows that are no longer listed stay in the job")
		b.apply()
		b.live(config, mapping(rows))
		b.Plan(0)
		if w := b.writes(); len(w) > 0 {
			b.Errorf("the import wrote %v", w)
		}
		// Everybody becomes a guest from now on.
		b.live(config, mapping(strings.Replace(rows, `\"Member\"`, `\"Guest\"`, 1)))
		b.says(b.plan(2).Output, `"Member`, `"Guest`)
		b.apply()
		b.Plan(0)
		after := b.rows(b.graph(http.MethodGet, b.schemaPath(sp), nil), "User")
		if after["userType"] != `"Guest" ObjectAddOnly` {
			b.Errorf("userType is %s", after["userType"])
		}
		delete(before, "userType")
		delete(after, "userType")
		if !maps.Equal(before, after) {
			b.Errorf("other rows changed:\n%v\n%v", before, after)
		}
	})
}

// What is deleted behind our back is planned anew, in every CLI.
func TestGoneBehindOurBack(t *testing.T) {
	once(t, func(b *bench) {
		sp := b.app("Atlassian Cloud")
		b.live(whole(sp))
		b.Apply()
		b.graph(http.MethodDelete, "/servicePrincipals/"+sp+"/synchronization/jobs/"+b.jobs(sp)[0]["id"].(string), nil)
		b.graph(
			http.MethodPut,
			"/servicePrincipals/"+sp+"/synchronization/secrets",
			map[string]any{
				"value": []map[string]string{{"key": "BaseAddress", "value": ""}, {"key": "SecretToken", "value": ""}},
			},
		)
		b.tidy(b.Plan(2).Output)
		b.Apply()
		b.Plan(0)
		b.rewrite(sp, func(s map[string]any) {
			for _, rule := range s["synchronizationRules"].([]any) {
				r := rule.(map[string]any)
				r["objectMappings"] = slices.DeleteFunc(
					r["objectMappings"].([]any),
					func(m any) bool { return m.(map[string]any)["sourceObjectName"] == "Group" },
				)
			}
		})
		b.says(b.Plan(2).Output, groupsAddress, "1 to add")
		b.Do(0, "destroy", "-no-color", "-input=false", "-auto-approve")
	})
}

// A new instance before the old one goes loses nothing.
func TestCreateBeforeDestroy(t *testing.T) {
	once(t, func(b *bench) {
		sp := b.app("Atlassian Cloud")
		config := strings.ReplaceAll(
			whole(sp),
			"service_principal_id = local.sp",
			"lifecycle {\n    create_before_destroy = true\n  }\n  service_principal_id = local.sp",
		)
		b.live(config)
		b.Apply()
		b.says(
			b.Apply("-replace="+secretAddress, "-replace="+usersAddress, "-replace="+scheduleAddress).Output,
			"Not changed: another resource manages it now",
		)
		b.Plan(0)
		if c := b.cycles(sp); c.DefaultMappings || b.jobs(sp)[0]["schedule"].(map[string]any)["state"] != "Active" {
			b.Errorf("the job isn't as it was: %+v", c)
		}
		// Two of one thing.
		other := b.another()
		other.live(jobOf(b.app("Atlassian Cloud")), `
resource "usersync_provisioning_job" "second" {
  service_principal_id = local.sp
  template_id          = "customappsso"
}`)
		out := other.Do(1, "apply", "-no-color", "-input=false", "-auto-approve", "-parallelism=1").Output
		other.says(out, "Conflicting resources")
	})
}

// A priority that another row of the job has, and a row that is listed again.
func TestMappingListedAgain(t *testing.T) {
	once(t, func(b *bench) {
		sp := b.app("Atlassian Cloud")
		rows := `"externalId" = { expression = "[objectId]", matching_priority = 1 }`
		b.live(jobOf(sp), users(rows))
		b.says(
			b.Do(1, "apply", "-no-color", "-input=false", "-auto-approve").Output,
			"externalId has the matching_priority 1, which the job's row userName has too",
			`list "userName" too`,
		)
		filter := func(value string) string {
			return `scoping_filter = { any_of = [{ all_of = [{ attribute = "department", operator = "EQUALS", values = ["` + value + `"] }] }] }`
		}
		b.live(jobOf(sp), users(userRows, filter("IT")))
		b.Apply()
		b.live(jobOf(sp), users(userRows))
		b.says(b.Plan(2).Output, "Rows that are no longer listed stay in the job")
		b.Apply()
		b.Plan(0)
		b.live(jobOf(sp), users(userRows, filter("HR")))
		b.says(
			b.Do(1, "apply", "-no-color", "-input=false", "-auto-approve").Output,
			"its own scoping_filter",
			"Set adopt = true",
		)
		b.live(jobOf(sp), users(userRows, filter("HR"), "adopt = true"))
		b.Apply()
		b.Plan(0)
	})
}

// Credentials that somebody changes between plan and apply aren't overwritten,
// and what the service keeps beside our settings stays.
func TestSecretOfSomebodyElse(t *testing.T) {
	const path = "/synchronization/secrets"
	once(t, func(b *bench) {
		sp := b.app("Atlassian Cloud")
		put := func(more ...map[string]string) {
			b.graph(http.MethodPut, "/servicePrincipals/"+sp+path, map[string]any{"value": append([]map[string]string{
				{
					"key":   "BaseAddress",
					"value": "https://scim.example/directory/x",
				},
				{"key": "SecretToken", "value": simulator.DefaultSecretToken},
			}, more...)})
		}
		notify := func(email string) string {
			return `notifications = { enabled = true, email = "` + email + `" }`
		}
		b.live(jobOf(sp), secret(simulator.DefaultSecretToken, versionOne, notify("it@company.com")))
		b.Apply()
		b.live(jobOf(sp), secret(simulator.DefaultSecretToken, "credentials_version = 2", notify("it@company.com")))
		b.plan(2)
		put(
			map[string]string{"key": "Domain", "value": "d"},
			map[string]string{"key": "SyncAll", "value": "true"},
			map[string]string{
				"key":   "SyncNotificationSettings",
				"value": `{"Enabled":false,"HumanResourcesLookaheadQueryEnabled":true}`,
			},
		)
		out := b.Do(1, "apply", "-no-color", "-input=false", planFile).Output
		b.says(
			out,
			"Someone else changed the credentials",
			"keys, sync_all, notifications",
			"Nothing was written",
			"Plan again",
		)
		b.says(b.Plan(2).Output, `- "Domain"`, "true -> false")
		b.Apply()
		b.Plan(0)
		var held string
		for _, s := range b.graph(http.MethodGet, "/servicePrincipals/"+sp+path, nil)["value"].([]any) {
			if kv := s.(map[string]any); kv["key"] == "SyncNotificationSettings" {
				held, _ = kv["value"].(string)
			}
		}
		if !strings.Contains(held, `"HumanResourcesLookaheadQueryEnabled":true`) ||
			!strings.Contains(held, `"Recipients":"it@company.com"`) {
			b.Errorf("the settings are %s", held)
		}
		put() // without them: drift
		b.says(b.Plan(2).Output, "notifications")
	})
}
