package simulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

var errNotJSON = errors.New("the text is no JSON")

// changeApplication changes one entry of the snapshot's "synchronization".
func (s *Server) changeApplication(id string, change func(*application)) error {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	var list []application
	if len(s.extra.synchronization) > 0 {
		if err := json.Unmarshal(s.extra.synchronization, &list); err != nil {
			return fmt.Errorf("the seed's synchronization: %w", err)
		}
	}
	for i := range list {
		if strings.EqualFold(list[i].ID, id) || list[i].DisplayName == id {
			change(&list[i])
			raw, err := json.Marshal(list)
			if err == nil {
				s.extra.synchronization = raw
			}
			return err
		}
	}
	return fmt.Errorf("no service principal %q", id)
}
