package demo

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/scenario"
)

// state is what the data folder remembers of what was loaded into it.
type state struct {
	Version int       `json:"version"` // of the scenario
	Seed    uint64    `json:"seed"`
	Schema  string    `json:"schema"` // hash of the statements that made the tables
	End     time.Time `json:"end"`    // of the window
	Events  int       `json:"events"` // rows
}

const (
	stateFile  = "demo.json"
	dataFolder = "demo-clickhouse"
)

// maxAge is how old a window may be until its data is made anew: a dashboard over the last seven days still shows all
// planted attacks.
const maxAge = 12 * time.Hour

// readState returns the state of the folder, and false when nothing usable was loaded.
func readState(folder string) (state, bool) {
	var s state
	text, err := os.ReadFile(filepath.Join(folder, stateFile))
	if err != nil || json.Unmarshal(text, &s) != nil {
		return state{}, false
	}
	return s, true
}

// usable reports whether the loaded data is what the demo would load, and recent enough.
func (s state) usable(seed uint64, ddl []string, now time.Time) bool {
	return s.Version == scenario.Version && s.Seed == seed && s.Schema == hash(ddl) &&
		!s.End.After(now) && now.Sub(s.End) <= maxAge
}

func (s state) write(folder string) error {
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	// A rename is whole or not at all.
	path := filepath.Join(folder, stateFile)
	if err := os.WriteFile(path+".new", append(text, '\n'), 0o600); err != nil {
		return fmt.Errorf("note what was loaded: %w", err)
	}
	return os.Rename(path+".new", path)
}

// forgetState removes the note, before what it says stops being true.
func forgetState(folder string) error {
	if err := os.Remove(filepath.Join(folder, stateFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("forget what was loaded: %w", err)
	}
	return nil
}

func hash(statements []string) string {
	sum := sha256.Sum256([]byte(strings.Join(statements, ";\n")))
	return hex.EncodeToString(sum[:])
}
