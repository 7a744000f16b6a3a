package report

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// envChromium names the browser that the make targets found; envShots a folder
// for screenshots, for whoever wants to look at them.
const (
	envChromium = "USERSYNC_CHROMIUM"
	envShots    = "USERSYNC_SHOTS"
)

// tab is the page, open in a real browser.
type tab struct {
	*testing.T
	ctx context.Context
	// file is the page's address.
	file string

	mu sync.Mutex
	// said is what the console, the log (a violation of the policy is there),
	// dialogs and requests had to say; nothing is right.
	said []string
}

// browser starts a Chromium for all tests; closeBrowser ends it.
var (
	browser = sync.OnceValues(func() (context.Context, error) {
		options := append(
			chromedp.DefaultExecAllocatorOptions[:],
			chromedp.ExecPath(os.Getenv(envChromium)),
			chromedp.WindowSize(1280, 900),
			chromedp.Flag("disable-dev-shm-usage", true),
			chromedp.WSURLReadTimeout(time.Minute),
		)
		if os.Geteuid() == 0 {
			options = append(options, chromedp.NoSandbox) // Chromium has none for root
		}
		ctx, stop := chromedp.NewExecAllocator(context.Background(), options...)
		ctx, _ = chromedp.NewContext(ctx)
		closeBrowser = func() {
			_ = chromedp.Cancel(ctx)
			stop()
		}
		return ctx, chromedp.Run(ctx)
	})
	closeBrowser = func() {}
)

func TestMain(m *testing.M) {
	code := m.Run()
	closeBrowser()
	os.Exit(code)
}

// open opens a page in a tab of its own. That the browser has nothing to say is
// checked at the end of every test.
func open(t *testing.T, html []byte) *tab {
	t.Helper()
	if os.Getenv(envChromium) == "" {
		t.Skip("these tests run a real Chromium: make test finds it, or set " + envChromium)
	}
	b := &tab{T: t, file: filepath.Join(t.TempDir(), "report.html")}
	b.must(os.WriteFile(b.file, html, 0o600))
	ctx, err := browser()
	b.must(err)
	ctx, closeTab := chromedp.NewContext(ctx)
	t.Cleanup(closeTab)
	ctx, stop := context.WithTimeout(ctx, 3*time.Minute)
	t.Cleanup(stop)
	b.ctx = ctx
	chromedp.ListenTarget(ctx, b.listen)
	b.do(
		log.Enable(),
		runtime.Enable(),
		network.Enable(),
		page.Enable(),
		chromedp.Navigate("file://"+b.file),
		chromedp.WaitVisible("#app"),
	)
	t.Cleanup(b.silent)
	return b
}

// silent fails on anything that the browser had to say.
func (b *tab) silent() {
	b.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, s := range b.said {
		b.Errorf("the browser says: %s", s)
	}
}

func (b *tab) listen(event any) {
	var text string
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		text = fmt.Sprintf("console.%s %s", e.Type, e.Args[0].Value)
	case *runtime.EventExceptionThrown:
		text = "exception: " + e.ExceptionDetails.Error()
	case *log.EventEntryAdded:
		text = fmt.Sprintf("%s %s: %s", e.Entry.Source, e.Entry.Level, e.Entry.Text)
	case *page.EventJavascriptDialogOpening:
		text = "a dialog opened: " + e.Message
	case *network.EventRequestWillBeSent:
		if url := e.Request.URL; url != "file://"+b.file && !strings.HasPrefix(url, "file://"+b.file+"#") {
			text = "a request to " + url
		}
	}
	if text != "" {
		b.mu.Lock()
		b.said = append(b.said, text)
		b.mu.Unlock()
	}
}

func (b *tab) must(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

func (b *tab) do(actions ...chromedp.Action) {
	b.Helper()
	b.must(chromedp.Run(b.ctx, actions...))
}

// eval evaluates an expression in the page.
func (b *tab) eval(expression string, into any) {
	b.Helper()
	b.do(chromedp.Evaluate(expression, into))
}

func (b *tab) text(expression string) (s string) {
	b.Helper()
	b.eval(expression, &s)
	return s
}

// names are the users on the page of the table.
func (b *tab) names() (list []string) {
	b.Helper()
	b.eval(`[...document.querySelectorAll("#rows button[data-row]")].map(e => e.textContent)`, &list)
	return list
}

func (b *tab) count() string {
	b.Helper()
	return b.text(`document.getElementById("count").textContent`)
}

// search types into the search field in place of what is there.
func (b *tab) search(words string) {
	b.Helper()
	b.do(
		chromedp.Evaluate(`document.getElementById("q").select()`, nil),
		chromedp.Focus("#q"),
		chromedp.KeyEvent("\b"),
		chromedp.SendKeys("#q", words),
	)
}

// choose picks an option of a filter by its text.
func (b *tab) choose(filter, option string) {
	b.Helper()
	name, _ := json.Marshal(option)
	var found bool
	b.eval(
		fmt.Sprintf(
			`(() => { const s = document.getElementById("f-%s"); const o = [...s.options].find(o => o.text === %s); if (!o) return false;
		s.value = o.value; s.dispatchEvent(new Event("change", {bubbles: true})); return true; })()`,
			filter,
			name,
		),
		&found,
	)
	if !found {
		b.Fatalf("the filter %s has no option %s", filter, option)
	}
}

// media takes the page as another medium or color scheme would show it.
func (b *tab) media(medium, scheme string) {
	b.Helper()
	b.do(
		emulation.SetEmulatedMedia().
			WithMedia(medium).
			WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}),
	)
}

// shot keeps screenshots, from the top to the end, where they are wanted.
func (b *tab) shot(name string) {
	b.Helper()
	folder := os.Getenv(envShots)
	if folder == "" {
		return
	}
	var width, height float64
	b.eval(`document.documentElement.scrollWidth`, &width)
	b.eval(`document.documentElement.scrollHeight`, &height)
	const piece = 1400
	for i, y := 0, 0.0; y < height; i, y = i+1, y+piece {
		var png []byte
		b.do(page.BringToFront(), chromedp.ActionFunc(func(ctx context.Context) (err error) {
			clip := &page.Viewport{Y: y, Width: width, Height: min(piece, height-y), Scale: 1}
			png, err = page.CaptureScreenshot().WithCaptureBeyondViewport(true).WithClip(clip).Do(ctx)
			return err
		}))
		b.must(os.WriteFile(filepath.Join(folder, fmt.Sprintf("%s-%d.png", name, i)), png, 0o600))
	}
}

func pageOf(t testing.TB, w *world, change func(*Input)) []byte {
	t.Helper()
	html, err := reportOf(t, w, change).HTML()
	if err != nil {
		t.Fatal(err)
	}
	return html
}
