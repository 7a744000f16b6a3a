package simulator

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/assert"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/faults"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/login"
)

const childURL = "SIMULATOR_TEST_CHILD_URL"

// The child: it names a user 1, 2, 3 and so on, one after the other, and says what it heard.
func TestKillChild(t *testing.T) {
	base := os.Getenv(childURL)
	if base == "" {
		t.Skip("this is the process that other tests kill")
	}
	ca, err := os.ReadFile(os.Getenv("SIMULATOR_TEST_CHILD_CA"))
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(ca)
	http := &http.Client{
		Transport: &http.Transport{
			TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}, ForceAttemptHTTP2: true,
		},
	}
	send := func(method, path, body string) {
		r, err := newRequest(method, base+path, body)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := http.Do(r)
		if err != nil {
			fmt.Println("heard nothing")
			return
		}
		_ = answer.Body.Close()
		fmt.Println("heard", answer.StatusCode)
	}
	for i := 1; i <= 4; i++ {
		send("GET", "/v1.0/users/"+oscar, "")
		send("PATCH", "/v1.0/users/"+oscar, fmt.Sprintf(`{"displayName":"%d"}`, i))
	}
	item := func(id int, method, name string) string {
		return fmt.Sprintf(
			`{"id":"%d","method":%q,"url":"/users/%s","headers":{"Content-Type":"application/json"},"body":{"displayName":%q}}`,
			id,
			method,
			ada,
			name,
		)
	}
	send(
		"POST", "/v1.0/$batch",
		`{"requests":[`+item(1, "PATCH", "5")+","+item(2, "PATCH", "6")+","+item(3, "PATCH", "7")+`]}`,
	)
}

func newRequest(method, url, body string) (*http.Request, error) {
	r, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+os.Getenv("SIMULATOR_TEST_CHILD_TOKEN"))
	return r, nil
}

func TestKill(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("needs /proc")
	}
	for name, test := range map[string]struct {
		kill        faults.Kill
		names       string // of the two users then
		heard, seen int
	}{
		"the third request, lost":     {faults.Kill{N: 3, Before: true}, `1 Ada "the" Lovelace`, 2, 3},
		"the fourth, unheard":         {faults.Kill{N: 4}, `2 Ada "the" Lovelace`, 3, 4},
		"the second write, lost":      {faults.Kill{N: 2, Writes: true, Before: true}, `1 Ada "the" Lovelace`, 3, 2},
		"the second write, unheard":   {faults.Kill{N: 2, Writes: true}, `2 Ada "the" Lovelace`, 3, 2},
		"a read, by its route":        {faults.Kill{N: 3, Match: "GET /v1.0/users/{id}"}, `2 Ada "the" Lovelace`, 4, 3},
		"a batch, lost":               {faults.Kill{N: 5, Writes: true, Before: true}, `4 Ada "the" Lovelace`, 8, 5},
		"a batch, unheard":            {faults.Kill{N: 5, Writes: true}, "4 7", 8, 5},
		"an item of a batch, lost":    {faults.Kill{N: 6, Writes: true, Items: true, Before: true}, "4 5", 8, 6},
		"an item of a batch, unheard": {faults.Kill{N: 6, Writes: true, Items: true}, "4 6", 8, 6},
		"never":                       {faults.Kill{N: 99}, "4 7", 9, 9},
	} {
		t.Run(name, func(t *testing.T) {
			c := newClient(t)
			if err := c.server.Start(); err != nil {
				t.Fatal(err)
			}
			defer c.server.Close()
			ca, err := c.server.CAFile(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			killing, err := c.server.KillAt(test.kill)
			if err != nil {
				t.Fatal(err)
			}
			child := exec.Command(os.Args[0], "-test.run=^TestKillChild$")
			child.Env = append(os.Environ(), childURL+"="+
				c.server.URL(), "SIMULATOR_TEST_CHILD_CA="+ca, "SIMULATOR_TEST_CHILD_TOKEN="+
				c.server.IssueToken(
					c.server.URL(),
					login.App{ClientID: DefaultClientID, Roles: login.AllRoles()},
					c.server.URL(),
				))
			var out bytes.Buffer
			child.Stdout = &out
			err = child.Run()
			at, done, failed := killing.Done()
			assert.Equal(t, "killing", failed, nil)
			assert.Equal(t, "done", done, name != "never")
			if done && (err == nil || !strings.Contains(err.Error(), "killed")) {
				t.Errorf("the child ended by itself: %v\n%s", err, out.String())
			}
			if done && test.kill.Writes && !at.Writes {
				t.Errorf("died at %+v", at)
			}
			assert.Equal(t, "heard", strings.Count(out.String(), "heard 20"), test.heard)
			assert.Equal(t, "seen", killing.Seen(), test.seen)
			assert.Equal(
				t,
				"names",
				c.get("/v1.0/users/"+oscar).text("displayName")+" "+c.get("/v1.0/users/"+ada).text("displayName"),
				test.names,
			)
		})
	}
}

// What arrives while the client dies is dropped too; afterwards all is as before.
func TestKillHolds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t)
		var dropped atomic.Int32
		send := func(name string) {
			defer func() {
				if recover() != nil {
					dropped.Add(1)
				}
			}()
			c.do("PATCH", "/v1.0/users/"+oscar, `{"displayName":"`+name+`"}`)
		}
		killing, err := c.server.KillAt(faults.Kill{N: 1, Writes: true, Before: true, By: func(faults.Request) error {
			go send("meanwhile")
			synctest.Wait()
			return nil
		}})
		if err != nil {
			t.Fatal(err)
		}
		send("first")
		synctest.Wait()
		_, done, err := killing.Done()
		assert.Equal(t, "done", fmt.Sprint(done, err, dropped.Load()), "true <nil> 2")
		assert.Equal(t, "unchanged", c.get("/v1.0/users/"+oscar).text("displayName"), "Oscar Ward")
		send("after")
		assert.Equal(t, "changed", c.get("/v1.0/users/"+oscar).text("displayName"), "after")
	})
}

func TestKillRefuses(t *testing.T) {
	c := newClient(t)
	if _, err := c.server.KillAt(faults.Kill{}); err == nil {
		t.Error("no n")
	}
	if _, err := c.server.KillAt(faults.Kill{N: 1, Match: "["}); err == nil {
		t.Error("a pattern that isn't one")
	}
	k, err := c.server.KillAt(faults.Kill{N: 1, By: func(faults.Request) error { return nil }})
	if err != nil {
		t.Fatal(err)
	}
	k.Cancel()
	c.get("/v1.0/users").want(t, 200)
	assert.Equal(t, "canceled", k.Seen(), 0)
}

// What counts as a write: not a login, not a question that comes by POST, not a batch of reads.
func TestHookWrites(t *testing.T) {
	c, job := newJob(t)
	var seen []string
	remove := c.server.OnRequest(func(r faults.Request) (before, after func()) {
		if r.Writes {
			seen = append(seen, r.Route)
		}
		return nil, nil
	})
	c.do("POST", job+"/schema/parseExpression", `{"expression":"[a]"}`)
	c.do("POST", "/v1.0/$batch", `{"requests":[{"id":"1","method":"GET","url":"/users"}]}`).want(t, 200)
	c.get("/v1.0/users")
	assert.Equal(t, "reads", len(seen), 0)
	c.do("POST", job+"/start", "").want(t, 204)
	c.do("POST", "/v1.0/$batch", `{"requests":[{"id":"1","method":"DELETE","url":"/users/`+ada+`"}]}`).want(t, 200)
	assert.Equal(
		t, "writes", strings.Join(seen, ", "),
		"POST /v1.0/servicePrincipals/{id}/synchronization/jobs/{job}/start, POST /v1.0/$batch, DELETE "+
			"/v1.0/users/{id}",
	)
	remove()
	c.do("POST", job+"/pause", "").want(t, 204)
	assert.Equal(t, "removed", len(seen), 3)
}

// A hook may end the connection instead of an answer, when the request was carried out.
func TestHookDrops(t *testing.T) {
	c := newClient(t)
	c.server.OnRequest(func(r faults.Request) (before, after func()) {
		if r.Method == http.MethodPatch {
			return nil, faults.DropConnection
		}
		return nil, nil
	})
	func() {
		defer func() { assert.Equal(t, "cut", recover() == any(http.ErrAbortHandler), true) }()
		r := httptest.NewRequest(
			http.MethodPatch,
			testBase+"/v1.0/users/"+oscar,
			strings.NewReader(`{"displayName":"New"}`),
		)
		r.Header.Set("Authorization", "Bearer "+c.bearer)
		r.Header.Set("Content-Type", "application/json")
		c.server.Handler().ServeHTTP(httptest.NewRecorder(), r)
	}()
	assert.Equal(t, "carried out", c.get("/v1.0/users/"+oscar).text("displayName"), "New")
}
