package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
)

func TestPrefixesFillTheDictionaryThatSchemaPrints(t *testing.T) {
	server := chtest.Database(t)
	got := run(t, "schema", "print", "--asn", "--database", server.Database, "--table", `my 'prefixes'`)
	if got.code != exitOK || got.stderr != "" {
		t.Fatalf("exit code %d, stderr %q; want 0 and silence", got.code, got.stderr)
	}
	for _, text := range strings.Split(strings.TrimSpace(got.stdout), ";\n\n") {
		server.Exec(t, strings.TrimSuffix(text, ";"))
	}
	file := filepath.Join(t.TempDir(), "ranges.tsv")
	if err := os.WriteFile(file, []byte("203.0.113.1\t203.0.113.4\t64500\tDE\tE\n2001:db8::\t2001:db8::ffff\t64501\tDE\tF\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	loaded := run(t, "asn", "--ranges", file)
	if loaded.code != exitOK {
		t.Fatalf("exit code %d, stderr %q", loaded.code, loaded.stderr)
	}
	server.Exec(t, "INSERT INTO "+server.Database+`."my 'prefixes'" FORMAT TSV`+"\n"+loaded.stdout)
	for address, want := range map[string]string{"203.0.113.4": "64500", "203.0.113.5": "0", "2001:db8::1": "64501"} {
		server.Exec(t, "SELECT throwIf(dictGetOrDefault('"+server.Database+".asn', 'ASN', toIPv6('"+address+"'), toUInt32(0)) != "+want+") FORMAT Null")
	}
}

func TestSchemaPrintsTheListsBesideTheEvents(t *testing.T) {
	server := chtest.Database(t)
	for flag, insert := range map[string]string{
		"--allowlist": "(Device, Reason, Owner) VALUES ('d', 'r', 'o')",
		"--suffixes":  "(Suffix) VALUES ('dyn.example.com')",
	} {
		got := run(t, "schema", "print", flag, "--database", server.Database, "--table", `the "list" of `+flag)
		if got.code != exitOK || got.stderr != "" {
			t.Fatalf("%s: exit code %d, stderr %q; want 0 and silence", flag, got.code, got.stderr)
		}
		server.Exec(t, strings.TrimSuffix(strings.TrimSpace(got.stdout), ";"))
		server.Exec(t, "INSERT INTO "+server.Database+`."the ""list"" of `+flag+`" `+insert)
	}
	if got := run(t, "schema", "print", "--allowlist", "--asn"); got.code != exitUsage {
		t.Errorf("two lists at once: exit code %d, want %d", got.code, exitUsage)
	}
}
