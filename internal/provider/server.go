package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/usersync/terraform-provider-usersync/internal/sanitize"
)

// Server makes the protocol server that the CLIs speak to.
func Server(version string) func() tfprotov6.ProviderServer { return ServerWith(version, Timing{}) }

// ServerWith is Server with another timing, for tests that run a CLI.
func ServerWith(version string, timing Timing) func() tfprotov6.ProviderServer {
	secrets := sanitize.New()
	p := newProvider(version, timing, secrets)
	inner := providerserver.NewProtocol6(p)
	return func() tfprotov6.ProviderServer {
		made := inner()
		all, ok := made.(protocol)
		if !ok {
			panic(fmt.Sprintf("the framework's server (%T) doesn't answer list resources and actions", made))
		}
		return newServer(newChecked(all, p), secrets, time.After)
	}
}

// protocol is all that the framework's server answers. terraform-plugin-go
// asks a server for list resources and actions by interfaces of their own:
// what embedded ProviderServer alone would hide them.
type protocol interface {
	tfprotov6.ProviderServer
	tfprotov6.ListResourceServer
	tfprotov6.ActionServer
}

// server mends what OpenTofu does otherwise than Terraform, ends actions as
// Terraform needs it (server_action.go), and sees to it that no diagnostic
// shows what it must not (server_diagnostics.go).
type server struct {
	protocol
	secrets *sanitize.Secrets
	running *running
}

func newServer(inner protocol, secrets *sanitize.Secrets, after func(time.Duration) <-chan time.Time) *server {
	return &server{inner, secrets, newRunning(after)}
}

// msgpackNil is null in MessagePack.
const msgpackNil = 0xc0

// CallFunction gives null arguments a value: OpenTofu (1.12) sends them
// without any, which the framework takes for its own fault.
func (s *server) CallFunction(
	ctx context.Context, req *tfprotov6.CallFunctionRequest,
) (*tfprotov6.CallFunctionResponse, error) {
	for _, a := range req.Arguments {
		if a != nil && len(a.MsgPack) == 0 && len(a.JSON) == 0 {
			a.MsgPack = []byte{msgpackNil}
		}
	}
	a, err := s.protocol.CallFunction(ctx, req)
	if a != nil && a.Error != nil {
		a.Error.Text = s.secrets.Text(a.Error.Text)
	}
	return a, err
}
