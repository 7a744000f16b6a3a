package simulator

import (
	"encoding/json"
	"slices"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// maxLogs is how many entries of cycles are kept, the newest; the service keeps them for 30 days.
const maxLogs = 10_000

func (s *syncState) keepLogs(entries []json.RawMessage) {
	s.logs = append(s.logs, entries...)
	if more := len(s.logs) - maxLogs; more > 0 {
		s.logs = slices.Delete(s.logs, 0, more)
	}
}

// allLogs are those of cycles, the newest first, and then those of the snapshot.
func (s *syncState) allLogs() ([]json.RawMessage, error) {
	out := slices.Clone(s.logs)
	slices.Reverse(out)
	if len(s.old) == 0 {
		return out, nil
	}
	var old []json.RawMessage
	if err := json.Unmarshal(s.old, &old); err != nil {
		return nil, err
	}
	return append(out, old...), nil
}

// logsPart is the logs as a snapshot has them.
func (s *syncState) logsPart() json.RawMessage {
	all, err := s.allLogs()
	if err != nil || len(s.logs) == 0 {
		return s.old
	}
	return rawjson.Marshal(all)
}
