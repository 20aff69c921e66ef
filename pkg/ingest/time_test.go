package ingest_test

import (
	"strings"
	"testing"
)

// What sensors write for one time is one time; what is no time is 1970 and never a fault.
func TestTimesAreReadInEveryUnitAndZone(t *testing.T) {
	b := newBench(t)
	b.mustDerive()
	want := map[string]string{}
	for at, texts := range map[string][]string{
		"2026-01-05 00:00:00.123456": {
			"1767571200.123456", "1767571200123.456", "1767571200123456", "1767571200123456000", "2026-01-05T00:00:00.123456Z", "2026-01-05T02:00:00.123456+0200",
			"2026-01-04T19:00:00.123456-05:00", "2026-01-05 00:00:00.123456",
		},
		"2026-01-05 00:00:00.000000": {"1767571200", "1.7675712e9", "2026-01-05T00:00:00Z", "2026-01-05"},
		"1970-01-01 00:00:00.000000": {"", "-", "nan", "inf", "-5", "0", "yesterday", "1e400", "99999999999999999999999", "2026-13-45T99:99:99Z", "T", "{}"},
	} {
		for _, text := range texts {
			want[text] = at
		}
	}
	var values []string
	for text := range want {
		values = append(values, "('"+text+"')")
	}
	b.server.Exec(t, "INSERT INTO "+b.server.Database+".zeek_conn (ts) VALUES "+strings.Join(values, ", "))
	for _, row := range b.ask("SELECT ts AS T, toString(EventTime) AS At FROM DB.zeek_conn", "T", "At") {
		text, at := row[:len(row)-27], row[len(row)-26:]
		if at != want[text] {
			t.Errorf("%q is read as %s, want %s", text, at, want[text])
		}
	}
}
