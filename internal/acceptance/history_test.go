package acceptance

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Two days are recorded by the pipelines' configuration; later the example of
// history says, offline, why Bob had no access, and what else changed.
func TestHistory(t *testing.T) {
	once(t, func(b *bench) {
		b.signedIn()
		live := b.examples("pipelines/tenant")
		live.Init()
		h := b.examples("history")
		b.Must(os.Mkdir(filepath.Join(h.Dir, "snapshots"), 0o700))
		record := func(day string) {
			b.Helper()
			file := filepath.Join(h.Dir, "snapshots", day+".json")
			live.Plan(2, "-var", "record="+file)
			if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
				b.Fatalf("%s: %v %v", day, info, err)
			}
		}
		record("2026-03-02")
		b.user(`{"id":"` + bobID + `","userPrincipalName":"` + bob + `","accountEnabled":false}`)
		b.Must(b.Server.RemoveDomainClaim("main", "eng.company.com"))
		record("2026-03-03")
		b.Server.Close()

		h.Env = append(h.Env, "TF_VAR_user="+bob)
		h.Init()
		out := h.Plan(2, "-var", "day=2026-03-03").Output
		h.tidy(out)
		h.says(out, "skip: account_disabled (company.com, managed, inferred)")
		h.Apply("-var", "day=2026-03-02")
		if who := string(h.outputs()["who"]); !strings.Contains(who, "sync: domain_verified") {
			b.Errorf("on 2 March Bob is %s", who)
		}
		h.Plan(0, "-var", "day=2026-03-02")
		p := h.plan(2, "-var", "day=2026-03-03")
		h.tidy(p.Output)
		h.says(p.Output, bob, grace)
		if got := counts(
			p.after("usersync_outcome.then", "changes"),
		); got["left.drift"] != 1 ||
			got["lost.drift"] != 7 {
			b.Errorf("between the days it counts %v", got)
		}
	})
}
