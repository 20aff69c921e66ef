package catalog_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/detecttest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/referee"
)

func TestAMappedForeignTableGivesTheSameFindings(t *testing.T) {
	events := slices.DeleteFunc(plenty(t), func(e referee.Event) bool { return e.RemoteIP == "" })
	table := detecttest.Start(t).Events(t, events).Derived(t, `ENGINE = MergeTree ORDER BY ts AS SELECT
    toDateTime(e.Timestamp, 'Europe/Berlin') AS ts,
    CAST(e.DeviceId, 'FixedString(32)') AS `+"`sensor's \"id\"`"+`,
    CAST(e.DeviceName, 'LowCardinality(Nullable(String))') AS `+"`host name`"+`,
    CAST(e.ActionType, 'Enum8(\'ConnectionSuccess\' = 1, \'ConnectionAttempt\' = 2)') AS action,
    toIPv6(e.RemoteIP) AS `+"`dst\\\\ip`"+`,
    CAST(e.RemotePort, 'Nullable(Int32)') AS dport,
    CAST(e.RemoteUrl, 'Nullable(String)') AS Timestamp,
    CAST(nullIf(e.InitiatingProcessFileName, ''), 'Nullable(String)') AS `+"`процесс`"+`,
    CAST(e.SentBytes, 'Nullable(Int64)') AS `+"`{from:DateTime64(3)}`"+`,
    toUInt32(ifNull(e.ReceivedBytes, 0)) AS received,
    toUUID('61f0c404-5cb3-11e7-907b-a6006ad3dba0') AS DeviceId,
    1.5 AS score,
    [1, 2] AS RemoteIP,
    'other' AS Protocol
FROM {from} AS e`).Mapped(map[string]string{
		"Timestamp": "ts", "DeviceId": `sensor's "id"`, "DeviceName": "host name", "ActionType": "action", "RemoteIP": `dst\ip`, "RemotePort": "dport",
		"RemoteUrl": "Timestamp", "InitiatingProcessFileName": "процесс", "SentBytes": "{from:DateTime64(3)}", "ReceivedBytes": "received",
	})
	for _, filters := range [][]referee.Filter{
		nil,
		{{Column: "DeviceId", Operator: "endsWith", Values: []string{"WS-1"}}},
		{{Column: "DeviceName", Operator: "notIn", Values: []string{"WS-1"}}, {Column: "RemotePort", Operator: "!=", Values: []string{"80"}}},
		{{Column: "ActionType", Operator: "contains", Values: []string{"Att"}}},
		{{Column: "ActionType", Operator: "in", Values: []string{"ConnectionSuccess", "Nothing"}}},
		{{Column: "RemoteIP", Operator: "inSubnet", Values: []string{"203.0.113.0/24"}}, {Column: "InitiatingProcessFileName", Operator: "!=", Values: []string{""}}},
		{{Column: "SentBytes", Operator: "in", Values: []string{"100", "5"}}},
	} {
		found := table.Judge(t, events, referee.Question{Window: detecttest.Days(1), Filters: filters}, detectors()...)
		if found == 0 {
			t.Errorf("nothing was found with filters %v", filters)
		}
	}
}

func TestAMissingOptionalColumnTurnsOffWhatNeedsIt(t *testing.T) {
	// ports and bytes that would keep the beacon out, and a process that would keep the flux out
	events := detecttest.Each(join(beacon(t, "WS-1", "203.0.113.7", "c2.example.com"), flux(detecttest.At(t, "10:00:00"), "WS-2"), name(detecttest.At(t, "10:30:00"), "203.0.113.9", "a.ddns.net")), func(_ int, e *referee.Event) {
		e.RemotePort, e.SentBytes, e.InitiatingProcessFileName = 22, detecttest.Bytes(1), "chrome.exe"
	})
	full := detecttest.Start(t).Events(t, events)
	without := func(columns string) detecttest.Table {
		return full.Derived(t, "ENGINE = MergeTree ORDER BY Timestamp AS SELECT * EXCEPT ("+columns+") FROM {from}")
	}
	ask := func(queryType string) detecttest.Question {
		return detecttest.Question{Type: queryType, Format: "table", Window: detecttest.Days(1)}
	}
	t.Run("with all of them nothing but the name is found", func(t *testing.T) {
		rows := full.TableFormat(t, referee.DefaultAlerts(), ask("alerts"))
		if len(rows) != 1 || rows[0][4] != "SuspiciousDynamicDNS" {
			t.Errorf("rows = %v", rows)
		}
	})
	for _, c := range []struct {
		rule, columns, queryType string
		d                        referee.Detector
		notices                  []string // what each must say, in order
		want                     referee.Row
	}{
		{
			"beaconing without ports and bytes", "RemotePort, SentBytes, ReceivedBytes", "beaconing", referee.DefaultBeaconing(),
			[]string{"ReceivedBytes", "RemotePort", "SentBytes", "1 of 1 findings have unknown bytes"},
			referee.Row{
				detecttest.At(t, "09:30:00"), "WS-1", "203.0.113.7", "c2.example.com", "PotentialBeaconing", int64(20), nil, nil, []string{"chrome.exe"},
				"id of WS-1", detecttest.At(t, "01:00:00"), detecttest.At(t, "09:30:00"), int64(8), 2.5, int64(0),
				// no size is known: there is no SizeScore, and Score is the mean of the other parts
				0.583, "medium", int64(0), 1.0, nil, 0.0, 0.75, 1611.0, 0.0, append([]int64{0, 3, 2, 2, 2, 3, 2, 2, 2, 2}, make([]int64, 14)...), false,
				"4401d8fbb8c7eafc", nil, "",
			},
		},
		{
			"beaconing without anything optional", "RemotePort, SentBytes, ReceivedBytes, InitiatingProcessFileName, InitiatingProcessAccountName, Protocol, LocalIP", "beaconing", referee.DefaultBeaconing(),
			[]string{"InitiatingProcessFileName", "ReceivedBytes", "RemotePort", "SentBytes", "1 of 1 findings have unknown bytes"},
			referee.Row{
				detecttest.At(t, "09:30:00"), "WS-1", "203.0.113.7", "c2.example.com", "PotentialBeaconing", int64(20), nil, nil, []string{},
				"id of WS-1", detecttest.At(t, "01:00:00"), detecttest.At(t, "09:30:00"), int64(8), 2.5, int64(0),
				// no size is known: there is no SizeScore, and Score is the mean of the other parts
				0.583, "medium", int64(0), 1.0, nil, 0.0, 0.75, 1611.0, 0.0, append([]int64{0, 3, 2, 2, 2, 3, 2, 2, 2, 2}, make([]int64, 14)...), false,
				"4401d8fbb8c7eafc", nil, "",
			},
		},
		{
			"fast flux without processes", "InitiatingProcessFileName", "fastFlux", referee.DefaultFastFlux(), []string{"InitiatingProcessFileName"},
			referee.Row{
				detecttest.At(t, "10:00:00"), "WS-2", "", "flux.example.com", "PotentialFastFluxActivity", int64(10), int64(0), int64(0), []string{},
				"id of WS-2", int64(5), int64(1), []string{"flux.example.com"},
				"low", int64(0), "1daedbb2cf9269c1", nil, "",
			},
		},
		{
			"dynamic DNS without processes", "InitiatingProcessFileName", "dynamicDns", referee.DefaultDynamicDNS(), []string{"InitiatingProcessFileName"},
			referee.Row{
				detecttest.At(t, "10:30:00"), "Multiple", "203.0.113.9", "a.ddns.net", "SuspiciousDynamicDNS", int64(1), int64(0), int64(0), []string{},
				int64(1), []string{"WS-3"}, []string{"203.0.113.9"}, detecttest.At(t, "10:30:00"), detecttest.At(t, "10:30:00"),
				"medium", int64(0), "No-IP", "a.ddns.net", "dynamicDns", "0f4acf224b9de195", nil, "",
			},
		},
	} {
		t.Run(c.rule, func(t *testing.T) {
			frames := without(c.columns).Frames(t, ask(c.queryType))
			detecttest.CompareRows(t, []referee.Row{c.want}, detecttest.Rows(t, frames, c.d.Columns()))
			checkNotices(t, frames[0], c.notices)
		})
	}
	t.Run("the union says it once", func(t *testing.T) {
		frames := without("InitiatingProcessFileName").Frames(t, ask("alerts"))
		if rows := detecttest.Rows(t, frames, referee.DefaultAlerts().Columns()); len(rows) != 2 {
			t.Errorf("rows = %v, want the name and the flux", rows)
		}
		checkNotices(t, frames[0], []string{"InitiatingProcessFileName: SampleProcesses is empty", "InitiatingProcessFileName: no process is excluded", "Beaconing can look at none of the"})
	})
	t.Run("a filter on it is an error that names it", func(t *testing.T) {
		q := ask("beaconing")
		q.Filters = []referee.Filter{{Column: "RemotePort", Operator: "=", Values: []string{"22"}}}
		answer := without("RemotePort").Ask(t, q)[0]
		if answer.Status != 400 || answer.Error == nil || !strings.Contains(answer.Error.Error(), "RemotePort") {
			t.Errorf("status %d, error %v; want 400 and RemotePort named", answer.Status, answer.Error)
		}
	})
}

func checkNotices(t *testing.T, frame *data.Frame, want []string) {
	t.Helper()
	if len(frame.Meta.Notices) != len(want) {
		t.Fatalf("notices = %v, want %d", frame.Meta.Notices, len(want))
	}
	for i, n := range frame.Meta.Notices {
		if n.Severity != data.NoticeSeverityInfo || !strings.Contains(n.Text, want[i]) {
			t.Errorf("notice %d = %v, want one about %s", i, n, want[i])
		}
	}
}

func TestAMissingRequiredColumnIsAnErrorThatNamesIt(t *testing.T) {
	full := detecttest.Start(t).Events(t, plenty(t))
	for _, column := range []string{"Timestamp", "DeviceId", "DeviceName", "ActionType", "RemoteIP", "RemoteUrl"} {
		t.Run(column, func(t *testing.T) {
			table := full.Derived(t, "ENGINE = MergeTree ORDER BY tuple() AS SELECT * EXCEPT ("+column+") FROM {from}")
			for _, queryType := range []string{"beaconing", "dynamicDns", "fastFlux", "alerts", "events"} {
				answer := table.Ask(t, detecttest.Question{Type: queryType, Window: detecttest.Days(1)})[0]
				if answer.Error == nil || !strings.Contains(answer.Error.Error(), "[schema]") || !strings.Contains(answer.Error.Error(), "required column "+column+" ") {
					t.Errorf("%s: error = %v, want one of category [schema] that names %s", queryType, answer.Error, column)
				}
			}
		})
	}
}
