package attack

import (
	"context"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

const provision = "POST /v1.0/servicePrincipals/*/synchronization/jobs/*/provisionOnDemand"

// provisioning is an action that a resource triggers.
func provisioning(users ...string) string {
	return `
action "usersync_provision_on_demand" "pilot" {
  config {
    service_principal_id = "5a0c7d1e-9b42-4c63-8f1d-3e2b6a7c8d90"
    job_id = "customappsso.3f1c2a605b1d4c7e9a527d0c9be01a11.0d9f1b7e-33a1-4a35-9d0e-5a1c2f6e7b88"
    users = ["` + strings.Join(users, `", "`) + `"]
  }
}
resource "terraform_data" "mapping" {
  lifecycle {
    action_trigger {
      events  = [after_create]
      actions = [action.usersync_provision_on_demand.pilot]
    }
  }
}
`
}

// Somebody presses Ctrl-C while an action runs.
func TestAttack_12_Interrupted(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{
		"Triggered": nil,
		"Invoked":   {"-invoke=action.usersync_provision_on_demand.pilot"},
	} {
		t.Run(name, func(t *testing.T) {
			b := start(t, "terraform")
			b.Write("main.tf", b.ProviderBlock()+provisioning(amara, mei))
			b.Must(b.Server.AddFault(simulator.Fault{
				Kind: simulator.FaultLatency, Match: provision, Latency: simulator.Duration(time.Minute), Times: -1,
			}))
			ctx, cancel := context.WithTimeout(b.Context(), 100*time.Second)
			defer cancel()
			cmd := b.Command(ctx, append([]string{"apply", "-no-color", "-input=false", "-auto-approve"}, args...)...)
			// The CLI drops what comes after an interrupt that it gets before the
			// line of progress.
			out := &watched{word: "provisioning (1 of 2)", seen: make(chan struct{})}
			cmd.Stdout, cmd.Stderr = out, out
			asked := make(chan struct{})
			remove := b.Server.OnRequest(func(r simulator.Request) (before, after func()) {
				if strings.HasSuffix(r.Path, "provisionOnDemand") {
					close(asked)
				}
				return nil, nil
			})
			defer remove()
			b.Must(cmd.Start())
			for _, c := range []chan struct{}{asked, out.seen} {
				select {
				case <-c:
				case <-ctx.Done():
				}
			}
			b.Must(cmd.Process.Signal(os.Interrupt))
			err := cmd.Wait()
			if err == nil || strings.Contains(out.String(), "Apply complete!") {
				b.Errorf("BROKEN: an interrupted action is an error, and never \"Apply complete!\" "+
					"(%v):\n%s", err, out.String())
			}
			says(b, "the text says who is uncertain and who wasn't begun", out.String(),
				"It isn't known whether "+amara+" was provisioned", "Not begun: "+mei)
		})
	}
}

// watched is output that tells when it has a word.
type watched struct {
	mu   sync.Mutex
	text strings.Builder
	word string
	seen chan struct{}
	once sync.Once
}

func (w *watched) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.text.Write(p)
	if strings.Contains(w.text.String(), w.word) {
		w.once.Do(func() { close(w.seen) })
	}
	return len(p), nil
}

func (w *watched) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}

// The tally is the last line of progress: warnings of triggered actions aren't
// shown.
func TestAttack_12_Tally(t *testing.T) {
	b := start(t, "terraform")
	b.Write("main.tf", b.ProviderBlock()+provisioning(amara, mei))
	r, err := b.Workspace.Run(b.Context(), "apply", "-no-color", "-input=false", "-auto-approve")
	b.Must(err)
	says(b, "the tally is the last progress line", r.Output, "Provisioned on demand: 1 of 2")
}

// What is wrong with an action is found at plan, before anything is applied.
func TestAttack_12_FoundAtPlan(t *testing.T) {
	b := start(t, "terraform")
	p := b.ProviderBlock()
	at := strings.Index(p, "  entra {")
	p = p[:at] + p[at+strings.Index(p[at:], "  }\n")+4:]
	b.Write("main.tf", p+provisioning(amara))
	r, err := b.Workspace.Run(b.Context(), "plan", "-no-color", "-input=false")
	b.Must(err)
	if r.Code == 0 {
		b.Errorf("BROKEN: what is wrong with an action is found at plan:\n%s", r.Output)
	}
}
