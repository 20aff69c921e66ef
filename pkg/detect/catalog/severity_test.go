package catalog_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/detecttest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/referee"
)

func TestSeverityIsTheHighestOfTheConditionsThatHold(t *testing.T) {
	p := referee.DefaultAlerts()
	all := detecttest.Bytes(100)
	// beaconTo is a beacon of successful connections, which dynamic DNS sees as well; changed is made of each event.
	beaconTo := func(url string, change func(i int, e *referee.Event)) []referee.Event {
		events := detecttest.Each(beacon(t, "WS-1", "203.0.113.7", url), func(_ int, e *referee.Event) { e.ActionType, e.SentBytes = "ConnectionSuccess", all })
		if change != nil {
			detecttest.Each(events, change)
		}
		return events
	}
	severity := []string{"AlertType", "Severity"}
	detecttest.CheckRules(t, detecttest.Start(t), []detecttest.Rule{
		{Rule: "beaconing alone is medium", Detector: p, Columns: severity, Events: beaconTo("c2.example.com", nil), Want: [][]any{{"PotentialBeaconing", "medium"}}},
		{Rule: "dynamic DNS alone is medium", Detector: p, Columns: severity, Events: name(detecttest.At(t, "09:00:00"), "203.0.113.7", "a.duckdns.org"), Want: [][]any{{"SuspiciousDynamicDNS", "medium"}}},
		{Rule: "fast flux alone is low", Detector: p, Columns: severity, Events: flux(detecttest.At(t, "09:00:00"), "WS-1"), Want: [][]any{{"PotentialFastFluxActivity", "low"}}},
		{
			Rule: "beaconing to a dynamic DNS name is critical on both sides", Detector: p, Columns: severity, Events: beaconTo("https://a.duckdns.org/x", nil),
			Want: [][]any{{"PotentialBeaconing", "critical"}, {"SuspiciousDynamicDNS", "critical"}},
		},
		{
			Rule: "a domain of the provider table that is not among the analytic's makes a beacon critical", Detector: p, Columns: severity, Events: beaconTo("x.mooo.com", nil),
			Want: [][]any{{"PotentialBeaconing", "critical"}},
		},
		{
			Rule: "what only contains a dynamic DNS domain raises no beacon", Detector: p.Beaconing, Columns: severity, Events: beaconTo("notduckdns.org", nil),
			Want: [][]any{{"PotentialBeaconing", "medium"}},
		},
		{
			Rule: "attempts make a beacon", Detector: p.DynamicDNS, Columns: severity,
			Events: beaconTo("a.duckdns.org", func(i int, e *referee.Event) {
				if i%2 == 1 {
					e.ActionType = "ConnectionAttempt"
				}
			}),
			Want: [][]any{{"SuspiciousDynamicDNS", "critical"}},
		},
		{
			Rule: "so does one device under two names", Detector: p.DynamicDNS, Columns: severity,
			Events: beaconTo("a.duckdns.org", func(i int, e *referee.Event) { e.DeviceName = []string{"WS-1", "WS-2"}[i%2] }),
			Want:   [][]any{{"SuspiciousDynamicDNS", "critical"}},
		},
		{
			Rule: "and one to two addresses of the name", Detector: p.DynamicDNS, Columns: severity,
			Events: beaconTo("a.duckdns.org", func(i int, e *referee.Event) { e.RemoteIP = []string{"203.0.113.7", "203.0.113.8"}[i%2] }),
			Want:   [][]any{{"SuspiciousDynamicDNS", "critical"}},
		},
		{
			Rule: "and one through a proxy, whose address is private", Detector: p.DynamicDNS, Columns: severity,
			Events: beaconTo("a.duckdns.org", func(_ int, e *referee.Event) { e.RemoteIP = "10.0.0.7" }), Want: [][]any{{"SuspiciousDynamicDNS", "critical"}},
		},
		{
			Rule: "two devices that share the connections do not beacon", Detector: p.DynamicDNS, Columns: severity,
			Events: beaconTo("a.duckdns.org", func(i int, e *referee.Event) { e.DeviceID = []string{"WS-1", "WS-2"}[i%2] }),
			Want:   [][]any{{"SuspiciousDynamicDNS", "medium"}},
		},
		{
			Rule: "nor does one to a port that beaconing does not look at", Detector: p.DynamicDNS, Columns: severity,
			Events: beaconTo("a.duckdns.org", func(_ int, e *referee.Event) { e.RemotePort = 22 }), Want: [][]any{{"SuspiciousDynamicDNS", "medium"}},
		},
	})
}

func TestTheKeyOfAFindingNeverChanges(t *testing.T) {
	p := referee.DefaultAlerts()
	at := func(text string) []referee.Event { return name(detecttest.At(t, text), "203.0.113.7", "a.duckdns.org") }
	device := func(id, name string) []referee.Event {
		return detecttest.Each(flux(detecttest.At(t, "09:00:00"), ""), func(_ int, e *referee.Event) { e.DeviceID, e.DeviceName = id, name })
	}
	key := []string{"FindingKey"}
	detecttest.CheckRules(t, detecttest.Start(t), []detecttest.Rule{
		{Rule: "the first 64 bits of the SHA-256 of 10:dynamicDns13:a.duckdns.org", Detector: p.DynamicDNS, Columns: key, Events: at("09:00:00"), Want: [][]any{{"5c52eb5d26e9ad9b"}}},
		{Rule: "neither time nor count is in it", Detector: p, Columns: key, Events: join(at("10:00:00"), at("11:00:00.001")), Want: [][]any{{"5c52eb5d26e9ad9b"}}},
		{Rule: "DeviceName and DeviceId do not run together", Detector: p.FastFlux, Columns: key, Events: device("b", "a"), Want: [][]any{{"b4286077171ad100"}}},
		{Rule: "wherever one ends and the other begins", Detector: p.FastFlux, Columns: key, Events: device("ab", ""), Want: [][]any{{"7b50890b17176d43"}}},
	})
}

// A notification leads to the row of a table by it.
func TestANumbersKeyIsTheKeyOfTheSameFindingInATable(t *testing.T) {
	table := detecttest.Start(t).Events(t, plenty(t))
	byHost := map[string]any{detect.GroupBy: detect.ByHost}
	fluxHosts := map[string]any{detect.GroupBy: detect.ByHost, "minFluxiness": 0}
	for _, q := range []detecttest.Question{
		{Type: "beaconing"}, {Type: "beaconing", Params: byHost}, {Type: "dynamicDns"}, {Type: "dynamicDns", Params: map[string]any{"match": "suffix"}},
		{Type: "fastFlux"}, {Type: "fastFlux", Params: fluxHosts}, {Type: "alerts"},
		{Type: "alerts", Params: map[string]any{"beaconing.groupBy": detect.ByHost, "fastFlux.groupBy": detect.ByHost, "fastFlux.minFluxiness": 0}},
	} {
		q.Window = detecttest.Days(1)
		var inTable, inNumbers []string
		for _, f := range table.Frames(t, q)[0].Fields {
			for i := range f.Len() {
				if f.Name == "FindingKey" {
					inTable = append(inTable, f.At(i).(string))
				}
			}
		}
		q.Format = "numeric"
		for _, f := range table.Frames(t, q) {
			inNumbers = append(inNumbers, f.Fields[0].Labels["finding_key"])
		}
		// A fast-flux finding is an hour in a table, and its device in numbers.
		slices.Sort(inTable)
		slices.Sort(inNumbers)
		if diff := cmp.Diff(slices.Compact(inTable), inNumbers); diff != "" || len(inNumbers) == 0 {
			t.Errorf("%s %v: %d keys (-table +numbers):\n%s", q.Type, q.Params, len(inNumbers), diff)
		}
	}
}

// A dictionary that cannot be read, or that changes, must not end one instance of a rule and begin another.
func TestWhatIsKnownOfNetworksChangesNoLabel(t *testing.T) {
	table := detecttest.Start(t).Events(t, join(
		beacon(t, "WS-1", "203.0.113.7", "c2.example.com"), beacon(t, "WS-2", "198.51.100.7", "c2.example.com"),
		name(detecttest.At(t, "09:00:00"), "203.0.113.9", "b.ddns.net"), flux(detecttest.At(t, "10:00:00"), "WS-3"),
	))
	known := table.WithSystems(t, systems())
	for _, queryType := range []string{"beaconing", "dynamicDns", "fastFlux", "alerts"} {
		for _, format := range []string{"numeric", "timeseries"} {
			q := detecttest.Question{Type: queryType, Format: format, Window: detecttest.Days(1), Interval: time.Hour}
			without, with := labelsOf(table.Frames(t, q)), labelsOf(known.Frames(t, q))
			if diff := cmp.Diff(without, with); diff != "" || len(with) == 0 {
				t.Errorf("%s as %s: labels (-without a dictionary +with one):\n%s", queryType, format, diff)
			}
		}
	}
}

func labelsOf(frames data.Frames) []data.Labels {
	var labels []data.Labels
	for _, f := range frames {
		if len(f.Fields) > 0 {
			labels = append(labels, f.Fields[len(f.Fields)-1].Labels)
		}
	}
	return labels
}

// A key names a finding in every format, whatever its name holds: what no filter can carry can still be asked for.
func TestAFindingIsAskedForByItsKey(t *testing.T) {
	long := "https://c2.duckdns.org/" + strings.Repeat("x", 5000)
	table := detecttest.Start(t).Events(t, join(
		plenty(t), name(detecttest.At(t, "09:00:00"), "203.0.113.7", long), name(detecttest.At(t, "09:00:00"), "203.0.113.7", "z\xffq.duckdns.org"),
		beacon(t, "WS-\xff", "203.0.113.7", long),
	))
	found := 0
	for _, queryType := range []string{"beaconing", "dynamicDns", "fastFlux", "alerts"} {
		all := detecttest.Question{Type: queryType, Window: detecttest.Days(1), Interval: time.Hour}
		for _, key := range keysOf(t, table.Frames(t, all)) {
			found++
			for _, format := range []string{"table", "numeric", "timeseries"} {
				one := all
				one.Format, one.Filters = format, []referee.Filter{{Column: "FindingKey", Operator: "=", Values: []string{key}}}
				frames := table.Frames(t, one)
				switch {
				case format == "table":
					if got := slices.Compact(keysOf(t, frames)); !slices.Equal(got, []string{key}) {
						t.Errorf("%s as %s: the keys %v for %s", queryType, format, got, key)
					}
				case len(frames) != 1 || len(frames[0].Fields) == 0:
					t.Errorf("%s as %s: %d frames for %s", queryType, format, len(frames), key)
				case format == "numeric" && frames[0].Fields[0].Labels["finding_key"] != key:
					t.Errorf("%s as %s: %v for %s", queryType, format, frames[0].Fields[0].Labels, key)
				}
			}
		}
	}
	if found < 12 {
		t.Errorf("%d findings were asked for", found)
	}
}

func TestAnAnswerWithoutFindingsHasNoKeyToAskFor(t *testing.T) {
	table := detecttest.Start(t).Events(t, plenty(t))
	for _, c := range []struct {
		queryType string
		filters   []referee.Filter
	}{
		{"events", []referee.Filter{{Column: "FindingKey", Operator: "=", Values: []string{"5c52eb5d26e9ad9b"}}}},
		{"alerts", []referee.Filter{{Column: "FindingKey", Operator: "contains", Values: []string{"5c"}}}},
		{"alerts", []referee.Filter{{Column: "FindingKey", Operator: "=", Values: []string{"a"}}, {Column: "FindingKey", Operator: "=", Values: []string{"b"}}}},
	} {
		answer := table.Ask(t, detecttest.Question{Type: c.queryType, Window: detecttest.Days(1), Filters: c.filters})[0]
		if answer.Error == nil || !strings.Contains(answer.Error.Error(), "FindingKey") || answer.Status != backend.StatusBadRequest {
			t.Errorf("%s %v: status %d, %v", c.queryType, c.filters, answer.Status, answer.Error)
		}
	}
}

func keysOf(t *testing.T, frames data.Frames) []string {
	t.Helper()
	var keys []string
	for _, f := range frames[0].Fields {
		for i := range f.Len() {
			if f.Name == "FindingKey" {
				keys = append(keys, f.At(i).(string))
			}
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}
