package jobs

import (
	"encoding/json"
	"slices"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// maxLogs is how many entries of cycles are kept, the newest; the service keeps them for 30 days.
const maxLogs = 10_000

// AddLogs keeps the entries of a cycle.
func (s *Registry) AddLogs(entries []json.RawMessage) {
	s.Logs = append(s.Logs, entries...)
	if more := len(s.Logs) - maxLogs; more > 0 {
		s.Logs = slices.Delete(s.Logs, 0, more)
	}
}

// AllLogs are those of cycles, the newest first, and then those of the snapshot.
func (s *Registry) AllLogs() ([]json.RawMessage, error) {
	out := slices.Clone(s.Logs)
	slices.Reverse(out)
	if len(s.Old) == 0 {
		return out, nil
	}
	var old []json.RawMessage
	if err := json.Unmarshal(s.Old, &old); err != nil {
		return nil, err
	}
	return append(out, old...), nil
}

// LogsSnapshot is the logs as a snapshot has them.
func (s *Registry) LogsSnapshot() json.RawMessage {
	all, err := s.AllLogs()
	if err != nil || len(s.Logs) == 0 {
		return s.Old
	}
	return rawjson.Marshal(all)
}
