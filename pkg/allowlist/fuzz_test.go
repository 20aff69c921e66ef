package allowlist_test

import (
	"encoding/json"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/allowlist"
)

// FuzzDecode proves that whatever arrives ends in an error, or in an entry that says what is written: no field of it is
// lost, for without it the entry would hide more.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		`{"domain":"Updates.Häuser.example","network":"2001:db8::/32","process":"Agent.EXE","device":"WS-1","detector":"beaconing","reason":"updates","owner":"it","expires":"2030-12-31"}`,
		`{"network":"::ffff:203.0.113.0/120","reason":"r","owner":"o","expires":"2030-12-31T12:00:00.5+02:00"}`,
		`{"domain":"a.example.com","Domain":"","device":"d","reason":"r","owner":"o"}`,
		`{"domain":"a.example.com","domain":null,"device":"d","reason":"r","owner":"o"}`,
		`{"domain":null,"network":"203.0.113.7","reason":"r","owner":"o"} {}`,
		`{"domain":"１２７.0.0.1","reason":"r","owner":"o"}`, `{"device":"\ud800","reason":"r","owner":"o","expires":"0000-01-01T00:00:00+23:59"}`,
		`{"process":"\u212a.exe","reason":" r","owner":"o","expires":"9999-12-31"}`, `null`, `[{}]`, "{\"device\":\"\xff\"}",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		e, err := allowlist.Decode(data, detectors())
		if err != nil {
			return
		}
		written := members(t, data)
		checkNothingIsLost(t, written, e)
		again, err := json.Marshal(fields(e))
		if err != nil {
			t.Fatal(err)
		}
		read, err := allowlist.Decode(again, detectors())
		if err != nil {
			t.Fatalf("%q became %q, which is refused: %v", data, again, err)
		}
		if diff := cmp.Diff(e, read, cmpopts.EquateComparable(netip.Prefix{})); diff != "" {
			t.Errorf("%q read again (-want +got):\n%s", data, diff)
		}
	})
}

// members reads an object of texts, token by token. It fails for a name that is none of the eight, or stands twice.
func members(t *testing.T, data []byte) map[string]string {
	known := []string{"domain", "network", "process", "device", "detector", "reason", "owner", "expires"}
	decoder := json.NewDecoder(strings.NewReader(string(data)))
	var tokens []json.Token
	for {
		token, err := decoder.Token()
		if err != nil {
			break
		}
		tokens = append(tokens, token)
	}
	if len(tokens)%2 != 0 || tokens[0] != json.Delim('{') || tokens[len(tokens)-1] != json.Delim('}') {
		t.Fatalf("%q is no object", data)
	}
	written := map[string]string{}
	for pair := range slices.Chunk(tokens[1:len(tokens)-1], 2) {
		name, _ := pair[0].(string)
		if _, twice := written[name]; twice || !slices.Contains(known, name) {
			t.Fatalf("%q passed with the name %q", data, name)
		}
		written[name], _ = pair[1].(string) // null is no text
	}
	return written
}

func checkNothingIsLost(t *testing.T, written map[string]string, e allowlist.Entry) {
	for name, lost := range map[string]bool{
		"domain":  (written["domain"] == "") != (e.Domain == ""),
		"network": !sameNetwork(written["network"], e.Network),
		"process": !strings.EqualFold(written["process"], e.Process),
		"device":  written["device"] != e.Device, "detector": written["detector"] != e.Detector,
		"reason": written["reason"] != e.Reason, "owner": written["owner"] != e.Owner,
		"expires": (written["expires"] == "") != e.Expires.IsZero(),
	} {
		if lost {
			t.Errorf("%s %q is lost in %+v", name, written[name], e)
		}
	}
	if e.Domain == "" && !e.Network.IsValid() && e.Process == "" && e.Device == "" {
		t.Errorf("%v says nothing of what %+v hides", written, e)
	}
}

// sameNetwork holds where a network begins and ends where the text says.
func sameNetwork(text string, got netip.Prefix) bool {
	if text == "" {
		return !got.IsValid()
	}
	base, length, isPrefix := strings.Cut(text, "/")
	address := netip.MustParseAddr(base)
	want := netip.PrefixFrom(address, address.BitLen())
	if isPrefix {
		want = netip.MustParsePrefix(base + "/" + length)
	}
	if address.Is4In6() {
		want = netip.PrefixFrom(address.Unmap(), want.Bits()-96)
	}
	return want == got && got.Bits() > 0
}

// fields writes an entry.
func fields(e allowlist.Entry) allowlist.Fields {
	f := allowlist.Fields{Domain: e.Domain, Process: e.Process, Device: e.Device, Detector: e.Detector, Reason: e.Reason, Owner: e.Owner}
	if e.Network.IsValid() {
		f.Network = e.Network.String()
	}
	switch year := e.Expires.Year(); {
	case e.Expires.IsZero():
	case year > 9999: // the day after the last that can be written
		f.Expires = "9999-12-31"
	default:
		f.Expires = e.Expires.Format(time.RFC3339Nano)
	}
	return f
}
