package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

// greet says what is running and how to use it.
func greet(out io.Writer, server *simulator.Server, s settings) {
	caFile := s.caFile
	about := server.About()
	fmt.Fprintf(out, `A simulated Entra tenant with %d users and %d groups, and %d Atlassian organization(s).
Nothing here is real, and nothing outlives this process.

It listens on %s. Point the provider at it%s:

provider "usersync" {
  entra {
    tenant_id      = %q
    client_id      = %q
    client_secret  = %q
    graph_endpoint = %q
    authority_host = %q
  }
`, about.Users, about.Groups, len(about.Organizations), server.URL(), otherwise(s.shellFile), about.TenantID,
		simulator.DefaultClientID, simulator.DefaultClientSecret, server.URL(), server.URL())
	if len(about.Organizations) > 0 {
		fmt.Fprintln(out, "  organizations = {")
		for _, o := range about.Organizations {
			fmt.Fprintf(out, "    %s = {\n      organization_id = %q\n      api_key         = %q\n      endpoint     "+
				"   = %q\n    }\n",
				o.Key, o.ID, o.APIKey, server.URL())
		}
		fmt.Fprintln(out, "  }")
	}
	fmt.Fprintf(out, `  ca_file = %q
}

Change the tenant from outside, count requests or make it misbehave under %s/_simulator,
for example:
  curl --cacert %s %s/_simulator/requests

Ctrl-C stops it.
`, caFile, server.URL(), caFile, server.URL())
}

// otherwise names the shorter way to point the provider at the server, where there is one.
func otherwise(shellFile string) string {
	if shellFile == "" {
		return ""
	}
	return fmt.Sprintf(" by\n\n  . %s\n\nin the shell that runs the CLI, or by", shellFile)
}

// writeShell writes the variables that the provider reads, for one organization: with several, each has to be named
// in the provider block.
func writeShell(server *simulator.Server, path, caFile string) error {
	about := server.About()
	lines := []string{
		"ARM_TENANT_ID=" + about.TenantID, "ARM_CLIENT_ID=" + simulator.DefaultClientID,
		"ARM_CLIENT_SECRET=" + simulator.DefaultClientSecret, "AZURE_AUTHORITY_HOST=" + server.URL(),
		"USERSYNC_GRAPH_ENDPOINT=" + server.URL(), "USERSYNC_CA_FILE=" + caFile,
	}
	if len(about.Organizations) == 1 {
		o := about.Organizations[0]
		lines = append(lines, "ATLASSIAN_ORGANIZATION_ID="+o.ID, "ATLASSIAN_API_KEY="+o.APIKey,
			"ATLASSIAN_ENDPOINT="+server.URL())
	}
	return replaceFile(path, 0o600, func(w io.Writer) error {
		for _, l := range lines {
			name, value, _ := strings.Cut(l, "=")
			if _, err := fmt.Fprintf(w, "export %s='%s'\n", name, strings.ReplaceAll(value, "'", `'\''`)); err != nil {
				return err
			}
		}
		return nil
	})
}

// writeEnvironment writes what a script needs, one KEY=VALUE a line.
func writeEnvironment(server *simulator.Server, path, caFile string) error {
	about := server.About()
	lines := []string{
		"SIMULATOR_URL=" + server.URL(), "SIMULATOR_CA_FILE=" + caFile, "SIMULATOR_TENANT_ID=" + about.TenantID,
		"SIMULATOR_CLIENT_ID=" + simulator.DefaultClientID, "SIMULATOR_CLIENT_SECRET=" + simulator.DefaultClientSecret,
	}
	for _, o := range about.Organizations {
		key := environmentName(o.Key)
		lines = append(
			lines,
			"SIMULATOR_ORGANIZATION_"+key+"_ID="+o.ID,
			"SIMULATOR_ORGANIZATION_"+key+"_API_KEY="+o.APIKey,
			"SIMULATOR_ORGANIZATION_"+key+"_SCIM_DIRECTORY_ID="+o.DirectoryID,
			"SIMULATOR_ORGANIZATION_"+key+"_SCIM_TOKEN="+o.DirectoryToken,
		)
	}
	return replaceFile(path, 0o600, func(w io.Writer) error {
		_, err := io.WriteString(w, strings.Join(lines, "\n")+"\n")
		return err
	})
}

// environmentName is a key of the snapshot as part of a variable's name.
func environmentName(key string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, strings.ToUpper(key))
}
