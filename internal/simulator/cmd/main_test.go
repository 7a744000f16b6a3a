package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestParse(t *testing.T) {
	for _, args := range [][]string{
		nil, {"-snapshot", "a", "-synthetic", "5"}, {"-synthetic", "5", "rest"}, {"-latency", "x"},
	} {
		if _, err := parse(args); err == nil {
			t.Errorf("%q is accepted", args)
		}
	}
}

// The command tells what it serves, writes what scripts need, and ends when told to.
func TestRun(t *testing.T) {
	dir := t.TempDir()
	snapshot := filepath.Join(dir, "tenant.json")
	if err := run(t.Context(), settings{synthetic: 50, seed: 1, write: snapshot}, nil); err != nil {
		t.Fatal(err)
	}
	s, err := parse(
		[]string{
			"-snapshot", snapshot, "-listen", "127.0.0.1:0", "-env-file", filepath.Join(dir, "env"), "-ca-file",
			filepath.Join(dir, "ca.pem"), "-shell-file", filepath.Join(dir, "shell"),
		},
	)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var out bytes.Buffer
	done := make(chan error, 1)
	go func() { done <- run(ctx, s, &out) }()
	env := waitFor(t, s.envFile)
	for _, key := range []string{
		"URL", "CA_FILE", "TENANT_ID", "CLIENT_ID", "CLIENT_SECRET", "ORGANIZATION_MAIN_ID", "ORGANIZATION_MAIN_API_KEY",
	} {
		if env["SIMULATOR_"+key] == "" {
			t.Errorf("%s is missing in %v", key, env)
		}
	}
	shell := waitFor(t, s.shellFile)
	for name, want := range map[string]string{
		"ARM_TENANT_ID": env["SIMULATOR_TENANT_ID"], "ARM_CLIENT_ID": env["SIMULATOR_CLIENT_ID"],
		"ARM_CLIENT_SECRET": env["SIMULATOR_CLIENT_SECRET"], "AZURE_AUTHORITY_HOST": env["SIMULATOR_URL"],
		"USERSYNC_GRAPH_ENDPOINT": env["SIMULATOR_URL"], "USERSYNC_CA_FILE": env["SIMULATOR_CA_FILE"],
		"ATLASSIAN_ORGANIZATION_ID": env["SIMULATOR_ORGANIZATION_MAIN_ID"],
		"ATLASSIAN_API_KEY":         env["SIMULATOR_ORGANIZATION_MAIN_API_KEY"],
		"ATLASSIAN_ENDPOINT":        env["SIMULATOR_URL"],
	} {
		if got := shell["export "+name]; got != "'"+want+"'" {
			t.Errorf("%s for the shell: got %s, want '%s'", name, got, want)
		}
	}
	pem, err := os.ReadFile(env["SIMULATOR_CA_FILE"])
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}}
	r, err := client.Get(env["SIMULATOR_URL"] + "/_simulator")
	if err != nil || r.StatusCode != http.StatusOK {
		t.Fatal(r, err)
	}
	r.Body.Close()
	client.CloseIdleConnections()
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"50 users", `provider "usersync" {`, env["SIMULATOR_URL"], "Stopped."} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing in\n%s", want, out.String())
		}
	}
}

func waitFor(t *testing.T, path string) map[string]string {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for range 500 {
		if raw, err := os.ReadFile(path); err == nil {
			env := map[string]string{}
			for line := range strings.Lines(string(raw)) {
				key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
				env[key] = value
			}
			return env
		}
		<-tick.C
	}
	t.Fatalf("%s didn't appear", path)
	return nil
}

func TestErrors(t *testing.T) {
	if err := run(t.Context(), settings{snapshot: "no such file"}, nil); err == nil {
		t.Error("no error for a missing file")
	}
	bad := filepath.Join(t.TempDir(), "bad.json")
	if err := os.WriteFile(bad, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := run(t.Context(), settings{snapshot: bad}, nil); err == nil || !strings.Contains(err.Error(), "bad.json") {
		t.Error(err)
	}
}
