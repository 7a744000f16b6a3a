package provider

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// States that releases wrote are read by this provider: testdata/states holds,
// by schema version, one of every resource, as a real apply left it (against the
// simulated tenant). A version that was released stays there for good.
func TestStatesOfReleases(t *testing.T) {
	server := Server("test")()
	schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for name, schema := range schemas.ResourceSchemas {
		for version := range schema.Version + 1 {
			raw, err := os.ReadFile(
				filepath.Join("testdata", "states", "v"+strconv.FormatInt(version, 10), name+".json"),
			)
			if err != nil {
				t.Errorf("%s has no state of schema version %d: %v", name, version, err)
				continue
			}
			resp, err := server.UpgradeResourceState(
				t.Context(),
				&tfprotov6.UpgradeResourceStateRequest{
					TypeName: name,
					Version:  version,
					RawState: &tfprotov6.RawState{JSON: raw},
				},
			)
			if err != nil || len(resp.Diagnostics) > 0 {
				t.Errorf("%s, version %d: %v %+v", name, version, err, resp)
				continue
			}
			state, err := resp.UpgradedState.Unmarshal(schema.ValueType())
			if err != nil {
				t.Fatal(err)
			}
			if id := attribute(t, state, "id"); id == "" || !strings.Contains(string(raw), id) {
				t.Errorf("%s, version %d: the id is lost: %q", name, version, id)
			}
			if names := differing(t, raw, state); version == schema.Version && len(names) > 0 {
				t.Errorf("%s, version %d: state and schema differ in %v: give the resource a new schema version, or "+
					"another state here if none was released", name, version, names)
			}
		}
	}
}

// differing are the attributes that only the state's JSON or only the schema has.
func differing(t *testing.T, raw []byte, state tftypes.Value) (names []string) {
	t.Helper()
	var written map[string]any
	var read map[string]tftypes.Value
	if err := errors.Join(json.Unmarshal(raw, &written), state.As(&read)); err != nil {
		t.Fatal(err)
	}
	for name := range written {
		if _, ok := read[name]; !ok {
			names = append(names, name)
		}
	}
	for name := range read {
		if _, ok := written[name]; !ok {
			names = append(names, name)
		}
	}
	return names
}
