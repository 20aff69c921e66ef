package asn_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/asn"
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
		if err := asn.Prefixes(strings.NewReader(ranges+"\n"), &out); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, out.String()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", ranges, diff)
		}
	}
}

func TestRangesMayBePacked(t *testing.T) {
	var packed, out bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, err := w.Write([]byte("203.0.113.7\t203.0.113.7\t64500\tDE\tE\n"))
	if err := errors.Join(err, w.Close(), asn.Prefixes(&packed, &out)); err != nil || out.String() != "203.0.113.7/32\t64500\tE\n" {
		t.Errorf("got %q, %v", out.String(), err)
	}
	if err := asn.Prefixes(strings.NewReader(""), &out); err != nil {
		t.Errorf("nothing: %v", err)
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
		err := asn.Prefixes(strings.NewReader(good+line+"\n"), &strings.Builder{})
		if err == nil || !strings.Contains(err.Error(), "line 2") || !strings.Contains(err.Error(), reason) {
			t.Errorf("%s: got %v, want an error with line 2 and %q", line, err, reason)
		}
	}
}
