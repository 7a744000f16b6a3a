package faults

import (
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

// limit is what resources that have timeouts are given. A request that hangs does
// so longer: it is they that end the wait, and where there are none, the
// connection ends, as a proxy's does. With -hang 130s it is the client's own
// limit, of two minutes.
const limit = "10s"

// A kind is a way in which a request goes wrong.
type kind struct {
	name string
	// fault makes the entry of the schedule; nil for a death.
	fault func(random *rand.Rand) simulator.Fault
	// dies says that the provider is killed at the request.
	dies bool
	// done says that the request is carried out, so that only the answer is
	// lost, and that the client can't know.
	done bool
	// writes says that it is for requests that change something.
	writes bool
	// whole says that it is for requests of HTTP, and not for items of a batch.
	whole bool
}

// kinds are those of the matrix.
var kinds = []kind{
	{name: "throttled-soon", fault: func(r *rand.Rand) simulator.Fault {
		return simulator.Fault{
			Kind:       simulator.FaultStatus,
			RetryAfter: strconv.FormatFloat(0.001*float64(1+r.IntN(200)), 'f', -1, 64),
		}
	}},
	{name: "throttled", fault: func(*rand.Rand) simulator.Fault {
		return simulator.Fault{Kind: simulator.FaultStatus, RetryAfter: "1"}
	}},
	{name: "throttled-bare", fault: status(http.StatusTooManyRequests, false)},
	{name: "500", fault: status(http.StatusInternalServerError, false)},
	{name: "503", fault: status(http.StatusServiceUnavailable, false)},
	{name: "504-done", fault: status(http.StatusGatewayTimeout, true), done: true, writes: true},
	{name: "hang", fault: silent(simulator.FaultHang, false), whole: true},
	{name: "hang-done", fault: silent(simulator.FaultHang, true), done: true, writes: true, whole: true},
	{name: "drop", fault: silent(simulator.FaultDrop, false), whole: true},
	{name: "drop-done", fault: silent(simulator.FaultDrop, true), done: true, writes: true},
	{
		name:  "cut",
		fault: func(*rand.Rand) simulator.Fault { return simulator.Fault{Kind: simulator.FaultCut} },
		done:  true,
		whole: true,
	},
	{name: "stale", fault: func(r *rand.Rand) simulator.Fault {
		return simulator.Fault{Kind: simulator.FaultStale, Reads: 1 + r.IntN(5)}
	}, writes: true},
	{name: "killed", dies: true, writes: true},
	{name: "killed-done", dies: true, done: true, writes: true},
}

func status(code int, done bool) func(*rand.Rand) simulator.Fault {
	return func(*rand.Rand) simulator.Fault {
		return simulator.Fault{Kind: simulator.FaultStatus, Status: code, CarriedOut: done}
	}
}

func silent(k simulator.FaultKind, done bool) func(*rand.Rand) simulator.Fault {
	return func(*rand.Rand) simulator.Fault {
		return simulator.Fault{Kind: k, Latency: simulator.Duration(*hanging), CarriedOut: done}
	}
}

// fits says whether a request can go wrong in this way.
func (k kind) fits(r simulator.Request) bool {
	switch {
	case k.whole && r.InBatch, k.writes && !r.Writes:
		return false
	case k.name == "stale" || k.dies: // the batch itself changes nothing but by its items
		return !strings.HasSuffix(r.Route, "/$batch")
	}
	return true
}
