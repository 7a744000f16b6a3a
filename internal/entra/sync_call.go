package entra

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
)

// What changing synchronization and reading its logs needs ([graph 3.8],
// [graph 3.10]; Directory.ReadWrite.All is of old pages, ProvisioningLog.Read.All of
// newer ones).
var (
	NeedSynchronizationWrite = Need{"change synchronization jobs, their schema and credentials", []string{"Synchronization.ReadWrite.All", "Application.ReadWrite.OwnedBy", "Directory.ReadWrite.All"}}
	NeedLogs                 = Need{"read provisioning logs", []string{"AuditLog.Read.All", "ProvisioningLog.Read.All"}}
)

// NotFound reports whether Graph answered that something isn't there. A
// service principal or job made moments ago may be missing so, or answer 403
// or 409, for some seconds ([graph 3.1], [graph 3.9]): nothing here waits for
// that, since only the caller knows what it just made.
func NotFound(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Status == http.StatusNotFound
}

// syncCall signs in and prepares a request under a service principal's
// synchronization; path is what follows, unescaped.
func (c *Client) syncCall(ctx context.Context, need Need, method, doing, servicePrincipalID string, path ...string) (call, error) {
	at := "/servicePrincipals"
	for _, segment := range append([]string{servicePrincipalID, "synchronization"}, path...) {
		// An empty id would turn a request for one object into one for all.
		if segment == "" || segment == "." || segment == ".." {
			return call{}, fmt.Errorf("%s: %q is no id", doing, segment)
		}
		at += "/" + url.PathEscape(segment)
	}
	if err := c.SignIn(ctx, need); err != nil {
		return call{}, &NotSentError{doing, err}
	}
	return call{method: method, url: at, doing: doing, need: need, sync: true}, nil
}
