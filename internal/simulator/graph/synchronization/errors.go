package synchronization

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/kernel"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/odata"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// failSync answers in the shape of the service behind: its own text, JSON, inside Graph's message
// [graph 3.9, F]. The code is named in that text, or by [Behavior.PlainSyncErrors] as Graph's.
func (c *call) failSync(status int, code, message string) *kernel.Response {
	if c.srv.Behavior.PlainSyncErrors {
		return c.Fail(odata.Error{Status: status, Code: code, Message: message})
	}
	inner := map[string]string{"Message": message}
	if code != "" {
		inner = map[string]string{"Code": code, "Message": message}
	}
	return c.Fail(odata.Error{Status: status, Code: "UnknownError", Message: string(rawjson.Marshal(inner))})
}

func (c *call) refuseSync(code, message string) *kernel.Response {
	return c.failSync(http.StatusBadRequest, code, message)
}

// noSuchResource is what the service says of a method that it doesn't have, such as PATCH of a
// schema [graph 3.5], [graph 3.9, F].
func noSuchResource(c *call) *kernel.Response {
	_, path, _ := strings.Cut(c.Path, "/servicePrincipals/")
	id, rest, _ := strings.Cut(path, "/")
	uri := "https://syncfabric.windowsazure.com/api/servicePrincipals('" + id + "')/" + rest + "?api-version=2.0"
	return c.failSync(http.StatusNotFound, "", "No HTTP resource was found that matches the request URI '"+uri+"'.")
}

// limited answers the sixth request within ten seconds with 429 [graph 6, D]; it counts the
// request. The caller holds the store's mutex for writing.
func (c *call) limited(what string) *kernel.Response {
	const many, within = 5, 10 * time.Second
	now, key := c.srv.Clock.Now(), what+" "+c.Token.AppID
	var recent []time.Time
	for _, t := range c.srv.Jobs.Limits[key] {
		if now.Sub(t) < within {
			recent = append(recent, t)
		}
	}
	c.srv.Jobs.Limits[key] = recent
	if len(recent) < many {
		c.srv.Jobs.Limits[key] = append(recent, now)
		return nil
	}
	wait := within - now.Sub(recent[0])
	seconds := int((wait + time.Second - 1) / time.Second)
	return c.Fail(
		odata.Error{Status: http.StatusTooManyRequests, Code: "TooManyRequests", Message: "Please retry again later."},
	).
		With("Retry-After", strconv.Itoa(seconds))
}
