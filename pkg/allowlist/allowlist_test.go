package allowlist_test

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/allowlist"
)

func detectors() []string { return []string{"beaconing", "dynamicDns", "fastFlux"} }

func TestAnEntryIsReadAndMadeCanonical(t *testing.T) {
	got, err := allowlist.Decode(json.RawMessage(`{"domain":"Updates.Häuser.example","network":"2001:db8::/32","process":"Agent.EXE","device":"WS-1",
		"detector":"beaconing","reason":"updates","owner":"it","expires":"2030-12-31"}`), detectors())
	if err != nil {
		t.Fatal(err)
	}
	want := allowlist.Entry{
		Domain: "updates.xn--huser-gra.example", Network: netip.MustParsePrefix("2001:db8::/32"), Process: "agent.exe", Device: "WS-1",
		Detector: "beaconing", Reason: "updates", Owner: "it", Expires: time.Date(2031, 1, 1, 0, 0, 0, 0, time.UTC),
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateComparable(netip.Prefix{})); diff != "" {
		t.Errorf("entry (-want +got):\n%s", diff)
	}
}

func TestANetworkIsReadAndAnIPv4MappedOneIsIPv4(t *testing.T) {
	for text, want := range map[string]string{
		"203.0.113.7": "203.0.113.7/32", "2001:db8::7": "2001:db8::7/128", "::ffff:203.0.113.7": "203.0.113.7/32", "203.0.113.0/24": "203.0.113.0/24",
		"::ffff:203.0.113.0/120": "203.0.113.0/24", "::FFFF:cb00:7107/128": "203.0.113.7/32", "::ffff:128.0.0.0/97": "128.0.0.0/1",
		"::/1": "::/1", "::/96": "::/96", "::fffe:0:0/95": "::fffe:0:0/95",
	} {
		e, err := allowlist.Fields{Network: text, Reason: "r", Owner: "o"}.Entry(nil)
		if err != nil || e.Network.String() != want {
			t.Errorf("%s: got %s, %v; want %s", text, e.Network, err, want)
		}
	}
}

func TestABadEntryIsRefusedAndSaysWhy(t *testing.T) {
	for name, c := range map[string]struct{ json, reason string }{
		"no object":               {`"x"`, "must be an object"},
		"an unknown field":        {`{"proces":"x","device":"d","reason":"r","owner":"o"}`, `key "proces" is unknown; did you mean process? It may be domain, network`},
		"a key twice":             {`{"domain":"a.example.com","device":"d","domain":"","reason":"r","owner":"o"}`, `key "domain" stands more than once`},
		"a key in another case":   {`{"domain":"a.example.com","Domain":"","device":"d","reason":"r","owner":"o"}`, `key "Domain" must be written domain`},
		"only in another case":    {`{"DEVICE":"d","reason":"r","owner":"o"}`, `key "DEVICE" must be written device`},
		"more behind it":          {`{"device":"d","reason":"r","owner":"o"}{"domain":"a.example.com"}`, "after top-level value"},
		"a byte that is no UTF-8": {"{\"device\":\"\xff\",\"reason\":\"r\",\"owner\":\"o\"}", "UTF-8"},
		"null":                    {`null`, "must be an object"},
		"a number":                {`{"domain":7,"reason":"r","owner":"o"}`, "must be an object"},
		"nothing that it hides":   {`{"reason":"r","owner":"o"}`, "at least one of"},
		"a detector alone":        {`{"detector":"beaconing","reason":"r","owner":"o"}`, "at least one of"},
		"no reason":               {`{"device":"d","reason":" ","owner":"o"}`, "reason is missing"},
		"no owner":                {`{"device":"d","reason":"r"}`, "owner is missing"},
		"an unknown detector":     {`{"device":"d","detector":"Beaconing","reason":"r","owner":"o"}`, "it may be beaconing, dynamicDns, fastFlux"},
		"a top-level domain":      {`{"domain":"com","reason":"r","owner":"o"}`, "public suffix"},
		"a leading dot":           {`{"domain":".example.com","reason":"r","owner":"o"}`, "dot"},
		"broken punycode":         {`{"domain":"xn--a.example.com","reason":"r","owner":"o"}`, "no domain name"},
		"every address":           {`{"network":"0.0.0.0/0","reason":"r","owner":"o"}`, "every address"},
		"every IPv6 address":      {`{"network":"::/0","reason":"r","owner":"o"}`, "every address"},
		"bits beyond the length":  {`{"network":"203.0.113.7/24","reason":"r","owner":"o"}`, "203.0.113.0/24 or only 203.0.113.7"},
		"a length beyond 32":      {`{"network":"203.0.113.0/33","reason":"r","owner":"o"}`, "no network"},
		"all of IPv4, mapped":     {`{"network":"::ffff:0:0/96","reason":"r","owner":"o"}`, "every address"},
		"mapped, bits beyond":     {`{"network":"::ffff:203.0.113.7/120","reason":"r","owner":"o"}`, "203.0.113.0/24 or only 203.0.113.7"},
		"mapped and wider":        {`{"network":"::ffff:203.0.113.0/80","reason":"r","owner":"o"}`, "::/80 or only ::ffff:203.0.113.0"},
		"an octal address":        {`{"network":"010.0.0.1","reason":"r","owner":"o"}`, "no network"},
		"a zone":                  {`{"network":"fe80::1%eth0","reason":"r","owner":"o"}`, "no network"},
		"an expiry in words":      {`{"device":"d","reason":"r","owner":"o","expires":"tomorrow"}`, "2030-12-31"},
		"the zero of instants":    {`{"device":"d","reason":"r","owner":"o","expires":"0001-01-01T00:00:00Z"}`, "before 1900"},
		"the day before it":       {`{"device":"d","reason":"r","owner":"o","expires":"0000-12-31"}`, "before 1900"},
		"a day that is none":      {`{"device":"d","reason":"r","owner":"o","expires":"2030-02-30"}`, "2030-12-31"},
		"an instant without zone": {`{"device":"d","reason":"r","owner":"o","expires":"2030-02-28T12:00:00"}`, "2030-12-31"},
		"NUL":                     {`{"device":"d\u0000","reason":"r","owner":"o"}`, "NUL"},
		"a long text":             {fmt.Sprintf(`{"device":%q,"reason":"r","owner":"o"}`, strings.Repeat("d", 1001)), "1000 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			if e, err := allowlist.Decode(json.RawMessage(c.json), detectors()); err == nil || !strings.Contains(err.Error(), c.reason) {
				t.Errorf("got %v, %v; want an error with %q", e, err, c.reason)
			}
		})
	}
}

func TestAnExpiredEntryHidesNothing(t *testing.T) {
	now := time.Date(2030, 12, 31, 12, 0, 0, 0, time.UTC)
	for expires, active := range map[string]bool{
		"": true, "2030-12-31": true, "2030-12-30": false, "2030-12-31T12:00:00Z": false, "2030-12-31T12:00:00.001Z": true, "2030-12-31T13:00:00+02:00": false,
	} {
		e, err := allowlist.Fields{Device: "d", Reason: "r", Owner: "o", Expires: expires}.Entry(nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := len(allowlist.Active([]allowlist.Entry{e}, now)) == 1; got != active {
			t.Errorf("%q: active is %v, want %v", expires, got, active)
		}
	}
}

func TestAListKeepsWhatIsValidAndNamesWhatIsNot(t *testing.T) {
	var l allowlist.List
	l.Add([]json.RawMessage{[]byte(`{"device":"d","reason":"r","owner":"o"}`), []byte(`{"device":"d"}`)}, detectors())
	l.AddRows("entries", [][]string{{"", "com"}, {"203.0.113.7", ""}, {"", ""}, {"", ""}, {"", ""}, {"r", "r"}, {"o", "o"}, {"2030-01-01T00:00:00Z", ""}}, detectors())
	if len(l.Entries) != 2 || len(l.Faults) != 2 {
		t.Fatalf("%d entries and faults %v, want 2 and 2", len(l.Entries), l.Faults)
	}
	for i, where := range []string{"allowlist[1]", `entries (["com",`} {
		if !strings.HasPrefix(l.Faults[i].Where, where) {
			t.Errorf("fault %d is of %s, want %s", i, l.Faults[i].Where, where)
		}
	}
}

func TestEntriesBeyondTheMostAreFaults(t *testing.T) {
	var l allowlist.List
	entries := make([]json.RawMessage, allowlist.MaxEntries+1)
	for i := range entries {
		entries[i] = []byte(fmt.Sprintf(`{"device":"d%d","reason":"r","owner":"o"}`, i))
	}
	l.Add(entries, detectors())
	if len(l.Entries) != allowlist.MaxEntries || len(l.Faults) != 1 {
		t.Errorf("%d entries and %d faults, want %d and 1", len(l.Entries), len(l.Faults), allowlist.MaxEntries)
	}
}
