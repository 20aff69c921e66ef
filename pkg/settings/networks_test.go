package settings_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

func TestNetworksAreReadAsPrefixes(t *testing.T) {
	for entry, want := range map[string]string{
		"10.0.0.0/8": "10.0.0.0/8", " 192.168.7.9/16 ": "192.168.0.0/16", "198.51.100.7": "198.51.100.7/32", "2001:DB8::/32": "2001:db8::/32",
		"2001:db8::7": "2001:db8::7/128", "::ffff:10.0.0.0/104": "10.0.0.0/8", "::ffff:10.0.0.5": "10.0.0.5/32", "": "",
	} {
		got, err := settings.ReadNetworks([]string{entry})
		if err != nil || strings.Join(got, " ") != want {
			t.Errorf("%q: got %q, %v; want %q", entry, got, err, want)
		}
	}
	for _, entry := range []string{"10.0.0", "10.0.0.0/33", "10.0.0.0/08", "fe80::1%eth0", "fe80::1%eth0/64", "::ffff:10.0.0.0/64", "10.0.0.0-10.0.0.9", "office"} {
		got, err := settings.ReadNetworks([]string{"10.0.0.0/8", entry, "fd00::/8"})
		if err == nil || !strings.Contains(err.Error(), entry) {
			t.Errorf("%q: got %v; want an error that names it", entry, err)
		}
		if diff := cmp.Diff([]string{"10.0.0.0/8", "fd00::/8"}, got); diff != "" {
			t.Errorf("%q: the others (-want +got):\n%s", entry, diff)
		}
	}
}

// No query asks which networks are inside: one that is none must not stop alerting, and is named where a person looks.
func TestANetworkThatIsNoneIsNamedAndStopsNothing(t *testing.T) {
	got, err := settings.Decode([]byte(`{"host":"h","internalNetworks":["10.0.0.0/8","office","10.0.0"]}`), nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"10.0.0.0/8"}, got.InternalNetworks); diff != "" {
		t.Errorf("networks (-want +got):\n%s", diff)
	}
	if len(got.Ignored) != 1 || got.Ignored[0].Field != "internalNetworks" || !strings.Contains(got.Ignored[0].Reason, `"office" is no network such as 10.0.0.0/8 or fd00::/8; "10.0.0"`) {
		t.Errorf("got %v; want both named", got.Ignored)
	}
	if got, err = settings.Decode([]byte(`{"host":"h","internalNetworks":["office"]}`), nil); err != nil || len(got.InternalNetworks) > 0 {
		t.Errorf("got %v, %v; want none inside rather than others than were meant", got.InternalNetworks, err)
	}
}
