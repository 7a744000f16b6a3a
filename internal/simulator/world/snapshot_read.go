package world

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/jobs"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// snapshotVersion is the format that this server reads and writes.
const snapshotVersion = 1

// snapshotExtra is what a snapshot holds and the server only passes on, and which parts it has: a
// missing part isn't the same as an empty one.
type snapshotExtra struct {
	entra   bool
	covered map[string]bool // parts of entra
}

// Load reads a snapshot as a stream. Unknown members are ignored; a wrong shape is an error with its
// path and line.
func (s *World) Load(in io.Reader) error {
	stream := rawjson.NewStream(in)
	s.extra.covered = map[string]bool{}
	version := 0
	err := stream.Object("", func(name, path string) error {
		switch name {
		case "version":
			if err := stream.Value(path, &version); err != nil {
				return err
			}
			if version != snapshotVersion {
				return fmt.Errorf("version %d, expected %d", version, snapshotVersion)
			}
			return nil
		case "entra":
			s.extra.entra = true
			return s.loadEntra(stream, path)
		case "organizations":
			return stream.Object(path, func(key, path string) error { return s.Organizations.Load(stream, path, key) })
		}
		return stream.Skip()
	})
	if err != nil {
		return err
	}
	if version == 0 {
		return fmt.Errorf("the document has no version")
	}
	return s.Organizations.Index()
}

func (s *World) loadEntra(stream *rawjson.Stream, path string) error {
	return stream.Object(path, func(name, path string) error {
		s.extra.covered[name] = true
		switch name {
		case "tenant_id":
			return stream.Value(path, &s.Store.ID)
		case "domains":
			return stream.Array(path, func(raw json.RawMessage) error { return s.Store.Domains.Load(raw) })
		case "users":
			return stream.Array(
				path,
				func(raw json.RawMessage) error { return s.Store.LoadObject(s.Store.UserType, raw) },
			)
		case "groups":
			return stream.Array(
				path,
				func(raw json.RawMessage) error { return s.Store.LoadObject(s.Store.GroupType, raw) },
			)
		case "cross_tenant_partners":
			return stream.Array(path, s.Store.LoadPartner)
		case "synchronization":
			var list []jobs.Application
			if err := stream.Value(path, &list); err != nil {
				return err
			}
			s.Registry.Load(list)
			return nil
		case "provisioning_logs":
			return stream.Value(path, &s.Registry.Old)
		}
		return stream.Skip()
	})
}
