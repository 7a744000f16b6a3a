package provisioning

import (
	"context"
	"fmt"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/entra"
	"github.com/usersync/terraform-provider-usersync/internal/provider/session"
)

// await waits for what wait_for says; moved says that something was sent.
func (r *scheduleResource) await(
	ctx context.Context, c *entra.Client, sp string, before entra.SynchronizationJob, plan *scheduleModel, changed bool,
) (job entra.SynchronizationJob, err error) {
	enabled, what := plan.Enabled.ValueBool(), plan.WaitFor.ValueString()
	err = r.Session.Await(ctx, func(ctx context.Context) (bool, error) {
		if job, err = c.Job(ctx, sp, before.ID); err != nil {
			return false, session.RetryableIfMissing(err)
		}
		switch {
		case what == waitNothing || !changed && what != waitFirstCycle:
			return true, nil
		case enabled != (job.ScheduleState == entra.ScheduleActive):
			return false, nil
		case !enabled || what == waitStarted:
			return true, nil
		}
		return cycleEnded(before, job, changed)
	})
	return job, err
}

// cycleEnded reports whether a cycle has ended: one that is newer than before,
// where something was sent.
func cycleEnded(before, now entra.SynchronizationJob, changed bool) (bool, error) {
	if now.Quarantine != nil {
		return false, &cycleError{
			"the job went into quarantine: " + now.Quarantine.Reason + ". " + now.Quarantine.ErrorMessage,
		}
	}
	last := now.LastExecution
	if last == nil || changed && before.LastExecution != nil && !last.Ended.After(before.LastExecution.Ended) {
		return false, nil
	}
	if last.State == "Failed" {
		return false, &cycleError{fmt.Sprintf("the cycle failed: %s %s", last.ErrorCode, last.ErrorMessage)}
	}
	return true, nil
}

type cycleError struct{ problem string }

func (e *cycleError) Error() string { return strings.TrimSpace(e.problem) }

// Advice says what to do about it.
func (e *cycleError) Advice() string {
	return "See the provisioning log (data source usersync_provisioning_log), fix the cause, and restart the job: " +
		"change restart_triggers."
}
