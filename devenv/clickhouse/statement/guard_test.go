package statement

import (
	"errors"
	"testing"

	"github.com/fluxhound/fluxhound-detections-datasource/devenv/clickhouse/engine"
)

// What the engine would take for a command to a client becomes a statement, which no command is.
func TestGuardDisarmsClientCommands(t *testing.T) {
	for _, text := range []string{"exit", " quit ;", "q", ":q", `\q`, `\i /etc/passwd`, "?? show tables", "учше", ";exit", "\\i\n"} {
		got, err := guard(text)
		if err != nil || got != "/**/"+text {
			t.Errorf("%q: want it behind a comment, got %q, %v", text, got, err)
		}
	}
}

// Statements stay as they are, whatever is in their strings.
func TestGuardLeavesStatements(t *testing.T) {
	for _, text := range []string{"SELECT 1", "(SELECT 1) UNION ALL SELECT 2", "  SHOW TABLES;", "SELECT 'INTO OUTFILE', `into` `outfile`", "SELECT infile FROM t"} {
		if got, err := guard(text); err != nil || got != text {
			t.Errorf("%q: want it as it is, got %q, %v", text, got, err)
		}
	}
}

// Files of the server's machine are not for its clients.
func TestGuardKeepsFilesShut(t *testing.T) {
	cases := []struct {
		text string
		code int32
	}{
		{"SELECT 1 INTO OUTFILE '/tmp/x'", 358},
		{"SELECT 1 into /* */ outfile '/tmp/x' FORMAT CSV", 358},
		{"INSERT INTO t FROM INFILE '/etc/passwd' FORMAT LineAsString", 36},
	}
	for _, c := range cases {
		_, err := guard(c.text)
		var exception *engine.Exception
		if !errors.As(err, &exception) || exception.Code != c.code {
			t.Errorf("%q: want exception %d, got %v", c.text, c.code, err)
		}
	}
}
