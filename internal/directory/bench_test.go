package directory

import (
	"encoding/json"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

const benchUsers = 100_000

var benchAttributes = []string{"department", "jobTitle", "employeeType", "usageLocation"}

// synthetic is a made-up tenant as a snapshot file, once for all benchmarks.
var synthetic = sync.OnceValues(func() ([]byte, error) {
	f, err := os.CreateTemp("", "usersync-bench-*.json")
	if err != nil {
		return nil, err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	if err := (simulator.Synthetic{Users: benchUsers}).WriteSnapshot(f); err != nil {
		return nil, err
	}
	return os.ReadFile(f.Name())
})

func syntheticFile(b *testing.B) (path string, size int) {
	b.Helper()
	raw, err := synthetic()
	if err != nil {
		b.Fatal(err)
	}
	path = filepath.Join(b.TempDir(), "tenant.json")
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		b.Fatal(err)
	}
	return path, len(raw)
}

func syntheticDirectory(b *testing.B) *Directory {
	b.Helper()
	path, _ := syntheticFile(b)
	s, err := ReadSnapshot(path, benchAttributes)
	if err != nil {
		b.Fatal(err)
	}
	d, err := s.Directory()
	if err != nil {
		b.Fatal(err)
	}
	return d
}

func perUser(b *testing.B) {
	b.ReportAllocs()
	b.ReportMetric(float64(benchUsers)*float64(b.N)/b.Elapsed().Seconds(), "users/s")
}

func BenchmarkEncodeReading(b *testing.B) {
	d := syntheticDirectory(b)
	size := 0
	for b.Loop() {
		size = len(mustEncode(b, d))
	}
	perUser(b)
	b.ReportMetric(float64(size), "bytes")
}

func BenchmarkDecodeReading(b *testing.B) {
	text := mustEncode(b, syntheticDirectory(b))
	for b.Loop() {
		if _, err := DecodeDirectory(text); err != nil {
			b.Fatal(err)
		}
	}
	perUser(b)
}

// The baselines: the same facts as encoding/json writes and reads them.
func BenchmarkEncodeReadingBaselineJSON(b *testing.B) {
	d := syntheticDirectory(b)
	size := 0
	for b.Loop() {
		raw, err := json.Marshal(d)
		if err != nil {
			b.Fatal(err)
		}
		size = len(raw)
	}
	perUser(b)
	b.ReportMetric(float64(size), "bytes")
}

func BenchmarkDecodeReadingBaselineJSON(b *testing.B) {
	raw, err := json.Marshal(syntheticDirectory(b))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		var d Directory
		if err := json.Unmarshal(raw, &d); err != nil {
			b.Fatal(err)
		}
	}
	perUser(b)
}

func BenchmarkReadSnapshot(b *testing.B) {
	path, size := syntheticFile(b)
	b.SetBytes(int64(size))
	for b.Loop() {
		s, err := ReadSnapshot(path, benchAttributes)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := s.Directory(); err != nil {
			b.Fatal(err)
		}
	}
	perUser(b)
}

func BenchmarkReadSnapshotBaselineMaps(b *testing.B) {
	path, size := syntheticFile(b)
	b.SetBytes(int64(size))
	for b.Loop() {
		raw, err := os.ReadFile(path)
		if err != nil {
			b.Fatal(err)
		}
		var file map[string]any
		if err := json.Unmarshal(raw, &file); err != nil {
			b.Fatal(err)
		}
	}
	perUser(b)
}

func BenchmarkProject(b *testing.B) {
	d := syntheticDirectory(b)
	ids := NewLookup(d).GroupIDs([]string{simulator.SyntheticScopeGroup})
	for b.Loop() {
		d.Project(ids, nil)
	}
	perUser(b)
}
