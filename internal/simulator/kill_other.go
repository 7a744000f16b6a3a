//go:build !linux

package simulator

import "errors"

func (s *Server) killClients() error {
	return errors.New("finding the processes that are connected takes Linux: give Kill.By")
}
