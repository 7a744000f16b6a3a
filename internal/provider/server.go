package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// Server makes the protocol server that the CLIs speak to.
func Server(version string) func() tfprotov6.ProviderServer {
	p := New(version)()
	inner := providerserver.NewProtocol6(p)
	return func() tfprotov6.ProviderServer { return &server{newChecked(inner().(protocol), p)} }
}

// protocol is all that the framework's server answers. terraform-plugin-go
// asks a server for list resources and actions by interfaces of their own:
// what embedded ProviderServer alone would hide them.
type protocol interface {
	tfprotov6.ProviderServer
	tfprotov6.ListResourceServer
	tfprotov6.ActionServer
}

// server mends what OpenTofu does otherwise than Terraform.
type server struct{ protocol }

// msgpackNil is null in MessagePack.
const msgpackNil = 0xc0

// CallFunction gives null arguments a value: OpenTofu (1.12) sends them
// without any, which the framework takes for its own fault.
func (s *server) CallFunction(ctx context.Context, req *tfprotov6.CallFunctionRequest) (*tfprotov6.CallFunctionResponse, error) {
	for _, a := range req.Arguments {
		if a != nil && len(a.MsgPack) == 0 && len(a.JSON) == 0 {
			a.MsgPack = []byte{msgpackNil}
		}
	}
	return s.protocol.CallFunction(ctx, req)
}
