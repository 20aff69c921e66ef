package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
)

func TestRangesBecomeTheFewestPrefixes(t *testing.T) {
	for ranges, want := range map[string]string{
		"203.0.113.0\t203.0.113.255\t64500\tDE\tEXAMPLE":           "203.0.113.0/24\t64500\tEXAMPLE\n",
		"203.0.113.7\t203.0.113.7\t64500\tDE\tEXAMPLE":             "203.0.113.7/32\t64500\tEXAMPLE\n",
		"203.0.113.1\t203.0.113.4\t64500\tDE\tE":                   "203.0.113.1/32\t64500\tE\n203.0.113.2/31\t64500\tE\n203.0.113.4/32\t64500\tE\n",
		"0.0.0.0\t255.255.255.255\t64500\tDE\tE":                   "0.0.0.0/0\t64500\tE\n",
		"255.255.255.254\t255.255.255.255\t4294967295\tDE\tE":      "255.255.255.254/31\t4294967295\tE\n",
		"2001:db8::\t2001:db8:0:1:ffff:ffff:ffff:ffff\t64500\t\tE": "2001:db8::/63\t64500\tE\n",
		"10.0.0.0\t10.255.255.255\t0\tNone\tNot routed":            "",
		`203.0.113.7	203.0.113.7	64500	DE	A\B, C`:                  "203.0.113.7/32\t64500\tA\\\\B, C\n",
	} {
		var out strings.Builder
		if err := prefixes(strings.NewReader(ranges+"\n"), &out); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, out.String()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", ranges, diff)
		}
	}
}

func TestABadRangeIsRefusedWithItsLine(t *testing.T) {
	const good = "203.0.113.7\t203.0.113.7\t64500\tDE\tE\n"
	for line, reason := range map[string]string{
		"203.0.113.7\t203.0.113.8\t64500":             "3 fields",
		"203.0.113.8\t203.0.113.7\t64500\tDE\tE":      "no range",
		"203.0.113.7\t2001:db8::7\t64500\tDE\tE":      "no range",
		"x\t203.0.113.7\t64500\tDE\tE":                "line 2",
		"203.0.113.7\t203.0.113.7\tAS64500\tDE\tE":    "no number",
		"203.0.113.7\t203.0.113.7\t4294967296\tDE\tE": "no number",
	} {
		err := prefixes(strings.NewReader(good+line+"\n"), &strings.Builder{})
		if err == nil || !strings.Contains(err.Error(), "line 2") || !strings.Contains(err.Error(), reason) {
			t.Errorf("%s: got %v, want an error with line 2 and %q", line, err, reason)
		}
	}
}

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
