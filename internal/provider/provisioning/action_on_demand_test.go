package provisioning_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

const (
	onDemand = "usersync_provision_on_demand"
	ruleTwo  = ruleOne + `,{"id":"rule-2","name":"GROUP_OUTBOUND","objectMappings":[]}`
)

func onDemandOf(more map[string]any) map[string]any { return restartOf(more) }

// bodyOf reads a request's body and leaves it in place.
func bodyOf(r *http.Request) string {
	raw, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(raw))
	return string(raw)
}

func TestOnDemandValidates(t *testing.T) {
	p := newProtocol(t, nil)
	six := []string{}
	for i := range 6 {
		six = append(six, fmt.Sprintf("11111111-1111-4111-8111-00000000000%d", i))
	}
	for _, c := range []struct {
		config map[string]any
		want   string
	}{
		{onDemandOf(map[string]any{"users": []string{ann}}), ""},
		{onDemandOf(map[string]any{"groups": []any{map[string]any{"id": team, "members": six[:5]}}}), ""},
		{onDemandOf(nil), "No users to provision"},
		{onDemandOf(map[string]any{"users": []string{}}), "at least 1"},
		{onDemandOf(map[string]any{"users": []any{nil}}), "Null"},
		{onDemandOf(map[string]any{"groups": []any{map[string]any{"id": team, "members": six}}}), "at most 5"},
		{onDemandOf(map[string]any{"groups": []any{map[string]any{"id": "Team"}}}), "must be an object id"},
	} {
		resp, err := p.actions().
			ValidateActionConfig(t.Context(), &tfprotov6.ValidateActionConfigRequest{ActionType: onDemand, Config: p.config(onDemand, c.config)})
		if err != nil {
			t.Fatal(err)
		}
		if got := texts(resp.Diagnostics); (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%v: %s", c.config, got)
		}
	}
}

// One in scope, one not; by object id, the tenant isn't read.
func TestOnDemand(t *testing.T) {
	for _, list := range []bool{false, true} {
		s := tenant(t, active, ruleOne, simulator.WithBehavior(func(b *simulator.Behavior) { b.OnDemandAsList = list }))
		got := of(t, s).invoke(onDemand, onDemandOf(map[string]any{"users": []string{ann, ben}}))
		wants(
			t,
			"progress",
			got.told(),
			ann+": provisioning (1 of 2)",
			ann+": import Success; scoping Success; ",
			"; result Success, Create",
			ben+": import Success; scoping Skipped (Assigned to the application: False, User has the required role: "+
				"False)",
			"SkipReason: NotEffectivelyEntitled",
		)
		text := texts(got.diagnostics)
		wants(
			t,
			"diagnostics",
			text,
			"WARNING: Provisioning on demand skipped 1 of 2",
			ben+": NotEffectivelyEntitled: The object is not assigned",
		)
		lacks(t, "diagnostics", text, "ERROR", ann)
		if n := posts(s, onDemandPath); n != 2 {
			t.Errorf("%d requests", n)
		}
		for route := range s.Requests().Routes {
			if strings.Contains(route, "/users") {
				t.Error(route)
			}
		}
		if c := s.Cycles()[0]; c.Cycles != 0 {
			t.Errorf("a cycle began: %+v", c)
		}
	}
}

// Named in three ways, Ann is provisioned once.
func TestOnDemandNames(t *testing.T) {
	s := tenant(t, active, ruleOne)
	got := of(
		t,
		s,
	).invoke(onDemand, onDemandOf(map[string]any{"users": []string{"ANN@x.example", "ann.mail@x.example", ann}}))
	if len(got.diagnostics) > 0 || posts(s, onDemandPath) != 1 {
		t.Error(got.told(), texts(got.diagnostics), s.Requests().Routes)
	}
	got = of(t, s).invoke(onDemand, onDemandOf(map[string]any{"users": []string{"ann@x.example", "who@x.example"}}))
	wants(t, "diagnostics", texts(got.diagnostics), "ERROR: User not found", `"who@x.example"`)
	if posts(s, onDemandPath) != 1 {
		t.Error("somebody was provisioned although a name is wrong")
	}
}

// What was read before isn't taken for true afterwards.
func TestOnDemandForgets(t *testing.T) {
	s := tenant(t, active, ruleOne)
	p := of(t, s)
	for i := range 2 {
		p.invoke(onDemand, onDemandOf(map[string]any{"users": []string{"ann@x.example"}}))
		if n := s.Requests().Routes["GET /v1.0/users"]; n != i+1 {
			t.Errorf("the users were read %d times: %v", n, s.Requests().Routes)
		}
	}
}

func TestOnDemandGroup(t *testing.T) {
	s := tenant(t, active, ruleTwo)
	var body string
	p := between(t, s, func(r *http.Request) (int, string) {
		if strings.HasSuffix(r.URL.Path, onDemandPath) {
			body = bodyOf(r)
		}
		return 0, ""
	})
	groups := []any{map[string]any{"id": team, "members": []string{ann}}}
	got := p.invoke(onDemand, onDemandOf(map[string]any{"groups": groups, "rule": "GROUP_OUTBOUND"}))
	if len(got.diagnostics) > 0 {
		t.Error(texts(got.diagnostics))
	}
	wants(
		t,
		"request",
		body,
		`"ruleId":"rule-2"`,
		`"objectId":"`+team+`","objectTypeName":"Group"`,
		`"members":[{"objectId":"`+ann+`","objectTypeName":"User"}]`,
	)
	wants(t, "progress", got.told(), "group "+team+": import Success")
	for _, c := range []struct {
		rule any
		want []string
	}{
		{nil, []string{"several synchronization rules", `"USER_OUTBOUND_USER"`, `"GROUP_OUTBOUND"`}},
		{"USER_INBOUND", []string{`no synchronization rule "USER_INBOUND"`, `"GROUP_OUTBOUND"`}},
	} {
		got := p.invoke(onDemand, onDemandOf(map[string]any{"groups": groups, "rule": c.rule}))
		wants(t, "diagnostics", texts(got.diagnostics), c.want...)
	}
	if posts(s, onDemandPath) != 1 {
		t.Error("a group was provisioned without a rule")
	}
}

// failure is an answer that carries values of attributes.
const failure = `{"key":"{\"result\":\"Failure\",\"details\":{\"errorCode\":\"DuplicateTargetEntries\",\"errorMessage\":\"two\"}}",
 "value":"{\"action\":\"Update\",\"provisioningSteps\":[{\"name\":\"EntryImport\",\"type\":\"Import\",\"status\":\"Success\",\"details\":{\"mobile\":\"0170 SECRET\"}},
 {\"name\":\"EntryExportUpdate\",\"type\":\"Export\",\"status\":\"Failure\",\"description\":\"SECRET\",\"details\":{}}],
 \"modifiedProperties\":[{\"displayName\":\"mobile\",\"oldValue\":\"0170 SECRET\",\"newValue\":\"0171 SECRET\"},{\"displayName\":\"title\",\"oldValue\":\"SECRET\",\"newValue\":null}],
 \"statusInfo\":{\"status\":\"Failure\",\"errorCode\":\"DuplicateTargetEntries\",\"reason\":\"More than one entry\\u001b[31m matches\",\"recommendedAction\":\"Remove one\"}}"}`

// What fails for one doesn't stop the others, and the end names who failed and
// why; values of attributes don't show.
func TestOnDemandFailure(t *testing.T) {
	s := tenant(t, active, ruleOne)
	p := between(t, s, func(r *http.Request) (int, string) {
		if strings.HasSuffix(r.URL.Path, onDemandPath) && strings.Contains(bodyOf(r), ann) {
			return http.StatusOK, strings.ReplaceAll(failure, "\n", "")
		}
		return 0, ""
	})
	got := p.invoke(onDemand, onDemandOf(map[string]any{"users": []string{"ann@x.example", "ben@x.example"}}))
	wants(t, "progress", got.told(), "ann@x.example: import Success; export Failure; result Failure, Update; "+
		"modified mobile, title; DuplicateTargetEntries: More than one entry\\u001b[31m matches Recommended: Remove "+
		"one",
		"ben@x.example: import Success")
	text := texts(got.diagnostics)
	wants(
		t,
		"diagnostics",
		text,
		"ERROR: Provisioning on demand failed for 1 of 2",
		"ann@x.example: DuplicateTargetEntries: More than one entry",
		"Remove one",
		"WARNING: Provisioning on demand skipped 1 of 2",
	)
	lacks(t, "all", got.told()+text, "SECRET", "\u001b", simulator.DefaultClientSecret)
}

// A refusal of one request is that subject's failure; of the application, the
// end of it.
func TestOnDemandRefusals(t *testing.T) {
	for _, c := range []struct {
		status, sent int
		wants        []string
	}{
		{400, 2, []string{"ERROR: Provisioning on demand failed for 1 of 2", ann + ": provisioning on demand", "skipped 1 of 2"}},
		{403, 1, []string{"ERROR", "Synchronization.ReadWrite.All", "WARNING: Provisioning on demand ended " +
			"early", "Of 2, 2"}},
	} {
		s := tenant(t, active, ruleOne)
		if err := s.AddFault(
			simulator.Fault{Kind: simulator.FaultStatus, Match: "POST /v1.0/*" + onDemandPath, Status: c.status},
		); err != nil {
			t.Fatal(err)
		}
		got := of(t, s).invoke(onDemand, onDemandOf(map[string]any{"users": []string{ann, ben}}))
		wants(t, "diagnostics", texts(got.diagnostics), c.wants...)
		if n := posts(s, onDemandPath); n != c.sent {
			t.Errorf("%d: %d requests", c.status, n)
		}
	}
}

// An interrupted run says what isn't known.
func TestOnDemandInterrupted(t *testing.T) {
	s := tenant(t, active, ruleOne)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	p := between(t, s, func(r *http.Request) (int, string) {
		if strings.HasSuffix(r.URL.Path, onDemandPath) {
			cancel()
		}
		return 0, ""
	})
	got := p.invokeIn(ctx, onDemand, onDemandOf(map[string]any{"users": []string{ann, ben}}))
	wants(
		t,
		"diagnostics",
		texts(got.diagnostics),
		"ERROR: Provisioning on demand was interrupted",
		"It isn't known whether "+ann+" was provisioned",
		"Not begun: "+ben+".",
	)
	lacks(t, "progress", got.told(), ben)
}

// Interrupted before the first request, nobody is uncertain.
func TestOnDemandInterruptedEarly(t *testing.T) {
	s := tenant(t, active, ruleOne)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	p := between(t, s, func(r *http.Request) (int, string) {
		if strings.HasSuffix(r.URL.Path, "/schema") {
			cancel()
		}
		return 0, ""
	})
	text := texts(p.invokeIn(ctx, onDemand, onDemandOf(map[string]any{"users": []string{ann, ben}})).diagnostics)
	wants(t, "diagnostics", text, "ERROR: Provisioning on demand was interrupted", "Nobody was provisioned")
	lacks(t, "diagnostics", text, "isn't known", "may have arrived")
}

// What is told last is all of it: Terraform doesn't show warnings of actions
// that something triggers.
func TestOnDemandTellsTheTally(t *testing.T) {
	s := tenant(t, active, ruleOne)
	got := of(t, s).invoke(onDemand, onDemandOf(map[string]any{"users": []string{ann, ben}}))
	last := got.progress[len(got.progress)-1]
	wants(t, "the last line", last, "Provisioned on demand: 1 of 2; skipped 1 ("+ben+": NotEffectivelyEntitled")
}

func TestOnDemandNeedsATenant(t *testing.T) {
	config := onDemandOf(map[string]any{"users": []string{ann}})
	wants(
		t,
		"without a provider",
		texts(newProtocol(t, nil).invoke(onDemand, config).diagnostics),
		"ERROR",
		missingPart,
	)
	offline := newProtocol(t, map[string]any{"snapshot": map[string]any{"file": "none.json"}})
	wants(
		t,
		"with a snapshot",
		texts(offline.invoke(onDemand, config).diagnostics),
		"ERROR",
		"none.json",
		"nothing can be written",
	)
}
