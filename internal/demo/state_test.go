package demo

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/scenario"
	"github.com/google/go-cmp/cmp"
)

func TestLoadedDataIsUsedOnlyWhileItIsWhatTheDemoWouldLoad(t *testing.T) {
	now := time.Date(2026, 3, 4, 12, 30, 0, 0, time.UTC)
	ddl := []string{"CREATE TABLE a", "CREATE TABLE b"}
	loaded := state{Version: scenario.Version, Seed: 7, Schema: hash(ddl), End: now.Add(-30 * time.Minute), Events: 1}
	for name, c := range map[string]struct {
		change func(*state)
		want   bool
	}{
		"just loaded":                  {func(*state) {}, true},
		"half a day old":               {func(s *state) { s.End = now.Add(-12 * time.Hour) }, true},
		"more than half a day old":     {func(s *state) { s.End = now.Add(-12*time.Hour - 1) }, false},
		"from the future":              {func(s *state) { s.End = now.Add(time.Hour) }, false},
		"another seed":                 {func(s *state) { s.Seed = 8 }, false},
		"another kind of scenario":     {func(s *state) { s.Version++ }, false},
		"another schema":               {func(s *state) { s.Schema = hash(ddl[:1]) }, false},
		"the statements' borders move": {func(s *state) { s.Schema = hash([]string{"CREATE TABLE a" + "CREATE TABLE b"}) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := loaded
			c.change(&s)
			if got := s.usable(7, ddl, now); got != c.want {
				t.Errorf("usable = %v, want %v", got, c.want)
			}
		})
	}
}

func TestStateIsReadAsItWasWritten(t *testing.T) {
	folder := t.TempDir()
	if _, ok := readState(folder); ok {
		t.Error("an empty folder has a state")
	}
	want := state{Version: 1, Seed: 1 << 63, Schema: "x", End: time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC), Events: 5}
	if err := want.write(folder); err != nil {
		t.Fatal(err)
	}
	got, ok := readState(folder)
	if diff := cmp.Diff(want, got); !ok || diff != "" {
		t.Errorf("state (-want +got):\n%s", diff)
	}
	for range 2 { // a second time there is nothing to forget
		if err := forgetState(folder); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(folder, stateFile), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, ok := readState(folder); ok {
		t.Error("half a note counts as a state")
	}
}
