package sources_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/ingest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
	"github.com/fluxhound/fluxhound-detections-datasource/sources"
)

// variant is one way to write a record, and the event that must come of it: its columns, joined by blanks. Nothing where none may come.
type variant struct{ written, want string }

// wayOf is how a source's records are written.
type wayOf struct {
	source, file string
	header       string // of a CSV
	// record is a line; its event must be at the second of that number in the first minutes of 2026.
	record func(at clock, written string) string
}

// clock is the second of a record within the first hour of 2026.
type clock int

func (c clock) iso() string { return fmt.Sprintf("2026-01-01T00:%02d:%02d.000Z", int(c)/60, int(c)%60) }
func (c clock) unix() int   { return 1767225600 + int(c) }

// check imports one file that holds all variants, and compares the columns of the events, which are SQL over network_events.
func check(t *testing.T, way wayOf, columns string, variants []variant) {
	t.Helper()
	var text strings.Builder
	if way.header != "" {
		text.WriteString(way.header + "\n")
	}
	want := map[string]string{}
	for i, v := range variants {
		at := clock(i)
		text.WriteString(way.record(at, v.written) + "\n")
		if v.want != "" {
			want[fmt.Sprintf("%s %s", at.iso(), v.written)] = v.want
		}
	}
	got := map[string]string{}
	for _, row := range importedTexts(t, way.source, way.file, text.String(), columns) {
		at, columns, _ := strings.Cut(row, " ")
		for i, v := range variants {
			if clock(i).iso() == at {
				at = at + " " + v.written
			}
		}
		got[at] = columns
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", way.source, diff)
	}
}

// importedTexts imports a file and gives the events in order of time, each as its time and columns.
func importedTexts(t *testing.T, source, file, text, columns string) []string {
	t.Helper()
	server := chtest.Database(t)
	server.CreateTable(t, settings.DefaultTable)
	client, err := clickhouse.New(server.Settings(settings.Native), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := client.Close(); err != nil {
			t.Error(err)
		}
	})
	known, err := ingest.Load(sources.Files)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), file)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	summary, err := ingest.Import(t.Context(), ingest.Options{
		Client: client, Database: server.Database, Table: settings.DefaultTable, Sources: known, Internal: settings.PrivateNetworks(),
	}, []ingest.File{{Path: path, Named: true}})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range summary.Files {
		if f.Source != source || f.Fault != "" || f.Rejected > 0 || f.Others > 0 {
			t.Errorf("%s was read as %q: %s %v, and %d records as of others", f.Path, f.Source, f.Fault, f.Rejects, f.Others)
		}
	}
	result, err := client.Query(t.Context(), statement.Statement{
		SQL: "SELECT concat(formatDateTime(Timestamp, '%Y-%m-%dT%H:%i:%S.'), leftPad(toString(toUnixTimestamp64Milli(Timestamp) % 1000), 3, '0'), 'Z ', " + columns + ") AS Row FROM " +
			statement.Identifier(server.Database) + "." + statement.Identifier(settings.DefaultTable) + " ORDER BY Row",
		Columns:  []statement.Column{{Name: "Row", Kind: statement.Text}},
		RowLimit: 10_000,
	}, clickhouse.Origin{})
	if err != nil {
		t.Fatal(err)
	}
	return result.Data[0].([]string)
}

// ecsEvent is an event with the fields within objects; what is written stands before them, and ends with a comma where there is any.
func ecsEvent(at clock, written string) string {
	return fmt.Sprintf(`{"@timestamp":%q,%s"source":{"ip":"10.0.0.5","port":50001,"bytes":100},"destination":{"ip":"203.0.113.9","port":443,"bytes":200}}`, at.iso(), written)
}

// In the common schema a field's place may be taken by a text, and a scalar's by a list. No event is lost by it.
func TestATextWhereAnObjectIsUsualKeepsTheEvent(t *testing.T) {
	check(t, wayOf{source: "ecs", file: "events.ndjson", record: ecsEvent}, "concat(DeviceId, ' ', RemoteIP, ' ', InitiatingProcessFileName, ' ', InitiatingProcessAccountName)", []variant{
		{``, "10.0.0.5 203.0.113.9  "},
		{`"host":"ws-1",`, "10.0.0.5 203.0.113.9  "},
		{`"host":["ws-1"],`, "10.0.0.5 203.0.113.9  "},
		{`"host":"ws-1","process":"a.exe",`, "ws-1 203.0.113.9 a.exe "},
		{`"host":["ws-1"],"process":["a.exe"],`, "ws-1 203.0.113.9 a.exe "},
		{`"host":[{"name":"ws-1"}],"process":{"name":"a.exe"},`, "ws-1 203.0.113.9 a.exe "},
		{`"host":{"name":["ws-1"],"ip":["::ffff:10.0.0.5"]},`, "ws-1 203.0.113.9  "},
		{`"url":"https://x.example/?q=\"{[",`, "10.0.0.5 203.0.113.9  "},
		{`"url":"{",`, "10.0.0.5 203.0.113.9  "},
		{`"user":"alice",`, "10.0.0.5 203.0.113.9  alice"},
		{`"user":["Doe, Jane"],`, "10.0.0.5 203.0.113.9  Doe, Jane"},
		{`"user":7,"event":true,"tls":null,`, "10.0.0.5 203.0.113.9  7"},
		{`"event":"conn",`, "10.0.0.5 203.0.113.9  "},
		{`"event":["conn"],"network":"lan","dns":"x","tls":"yes","flow":"abc","observer":"fw1",`, "10.0.0.5 203.0.113.9  "},
		{`"event":{"kind":["event"]},`, "10.0.0.5 203.0.113.9  "},
		{`"event":{"kind":"-"},`, "10.0.0.5 203.0.113.9  "},
		{`"event":{"kind":"Event"},`, "10.0.0.5 203.0.113.9  "},
		{`"event.kind":["event"],`, "10.0.0.5 203.0.113.9  "},
		{`"event.kind":"alert",`, ""},
		{`"event":{"kind":["alert"]},`, ""},
		{`"event":{"start":"-"},`, "10.0.0.5 203.0.113.9  "},
	})
	check(t, wayOf{source: "ecs", file: "index.ndjson", record: func(at clock, written string) string {
		return fmt.Sprintf(`{"_index":"x","_source":{"@timestamp":%q,%s}}`, at.iso(), written)
	}}, "concat(DeviceId, ' ', RemoteIP, ' ', toString(RemotePort), ' ', RemoteUrl)", []variant{
		{`"source":{"ip":"10.0.0.5"},"destination":{"ip":"203.0.113.9","port":443}`, "10.0.0.5 203.0.113.9 443 "},
		{`"source.ip":"10.0.0.5","destination.ip":"203.0.113.9","destination.port":443`, "10.0.0.5 203.0.113.9 443 "},
		{`"source":{"ip":"10.0.0.5"},"destination.ip":"203.0.113.9","destination":{"port":443},"host":"ws-1","user":"x"`, "10.0.0.5 203.0.113.9 443 "},
		{`"source.ip":["10.0.0.5"],"destination.ip":["203.0.113.9"],"destination.port":[443],"tls.client.server_name":["a.example"]`, "10.0.0.5 203.0.113.9 443 a.example"},
		{`"source.ip":"10.0.0.5","destination.ip":"203.0.113.9","tls.client":{"server_name":"a.example"}`, "10.0.0.5 203.0.113.9 0 a.example"},
		{`"source.ip":"10.0.0.5","destination.ip":"203.0.113.9","tls":{"client.server_name":"a.example"}`, "10.0.0.5 203.0.113.9 0 a.example"},
	})
}

// ways are those in which each source writes a port that is reached and bytes that are sent, if it has any.
func portsAndBytes() map[string]struct {
	way   wayOf
	bytes bool
} {
	type one = struct {
		way   wayOf
		bytes bool
	}
	ways := map[string]one{
		"zeek": {wayOf{source: "zeek", file: "conn.json", record: func(at clock, n string) string {
			return fmt.Sprintf(`{"ts":%d,"uid":"C%d","id.orig_h":"10.0.0.5","id.orig_p":%s,"id.resp_h":"203.0.113.9","id.resp_p":%s,"proto":"tcp","conn_state":"SF","orig_bytes":%s,"resp_bytes":%s}`, at.unix(), at, n, n, n, n)
		}}, true},
		"suricata": {wayOf{source: "suricata", file: "eve.json", record: func(at clock, n string) string {
			return fmt.Sprintf(`{"timestamp":%q,"flow_id":%d,"event_type":"flow","src_ip":"10.0.0.5","src_port":%s,"dest_ip":"203.0.113.9","dest_port":%s,"proto":"TCP",`+
				`"flow":{"start":%q,"state":"established","bytes_toserver":%s,"bytes_toclient":%s}}`, at.iso(), at, n, n, at.iso(), n, n)
		}}, true},
		"sysmon": {wayOf{source: "sysmon", file: "flat.json", record: func(at clock, n string) string {
			return fmt.Sprintf(`{"UtcTime":%q,"Hostname":"ws-1","Image":"C:\\a.exe","Protocol":"tcp","Initiated":"true","SourceIp":"10.0.0.5","SourcePort":%s,"DestinationIp":"203.0.113.9","DestinationPort":%s}`, at.iso(), n, n)
		}}, false},
		"defender": {wayOf{source: "defender", file: "rows.json", record: func(at clock, n string) string {
			return fmt.Sprintf(`{"Timestamp":%q,"DeviceId":"d1","DeviceName":"ws-1","ActionType":"ConnectionSuccess","RemoteIP":"203.0.113.9","RemotePort":%s,"LocalPort":%s,"ReportId":%d}`, at.iso(), n, n, at)
		}}, false},
		"ecs": {wayOf{source: "ecs", file: "events.json", record: func(at clock, n string) string {
			return fmt.Sprintf(`{"@timestamp":%q,"source":{"ip":"10.0.0.5","port":%s,"bytes":%s},"destination.ip":"203.0.113.9","destination.port":%s,"destination":{"bytes":%s}}`, at.iso(), n, n, n, n)
		}}, true},
		"ocsf": {wayOf{source: "ocsf", file: "events.json", record: func(at clock, n string) string {
			return fmt.Sprintf(`{"class_uid":4001,"activity_id":6,"time":%d000,"src_endpoint":{"ip":"10.0.0.5","port":%s},"dst_endpoint":{"ip":"203.0.113.9","port":%s},"traffic":{"bytes_out":%s,"bytes_in":%s}}`, at.unix(), n, n, n, n)
		}}, true},
		"flows": {wayOf{source: "flows", file: "flows.json", record: func(at clock, n string) string {
			return fmt.Sprintf(`{"time_received_ns":%[1]d000000000,"time_flow_start_ns":%[1]d000000000,"time_flow_end_ns":%[1]d000000000,"bytes":%[2]s,"packets":1,"src_addr":"10.0.0.%[3]d","dst_addr":"203.0.113.9","src_port":50000,"dst_port":%[2]s,"proto":"TCP","tcp_flags":27}`, at.unix(), n, int(at)+1)
		}}, true},
	}
	csv := func(n string) string { return `"` + strings.ReplaceAll(strings.Trim(n, `"`), `"`, `""`) + `"` }
	ways["proxy"] = one{wayOf{source: "proxy", file: "proxy.csv", header: "timestamp,client_ip,host,port,bytes_sent", record: func(at clock, n string) string {
		return fmt.Sprintf(`%s,10.0.0.5,c2.example,%s,%s`, at.iso(), csv(n), csv(n))
	}}, true}
	ways["defender CSV"] = one{wayOf{source: "defender", file: "rows.csv", header: "Timestamp,DeviceId,DeviceName,ActionType,RemoteIP,RemotePort,ReportId", record: func(at clock, n string) string {
		return fmt.Sprintf(`%s,d1,ws-1,ConnectionSuccess,203.0.113.9,%s,%d`, at.iso(), csv(n), at)
	}}, false}
	ways["ecs CSV"] = one{wayOf{source: "ecs", file: "kibana.csv", header: "@timestamp,source.ip,source.port,source.bytes,destination.ip,destination.port", record: func(at clock, n string) string {
		return fmt.Sprintf(`%s,10.0.0.5,%s,%s,203.0.113.9,%s`, at.iso(), csv(n), csv(n), csv(n))
	}}, true}
	return ways
}

// A number is a number however an export has written it. What is none is not known: a port is 0 then, and bytes are NULL.
func TestANumberIsReadHoweverItIsWritten(t *testing.T) {
	for name, c := range portsAndBytes() {
		t.Run(name, func(t *testing.T) {
			var variants []variant
			for written, value := range map[string]int{
				`443`: 443, `"443"`: 443, `443.0`: 443, `"443.0"`: 443, `" 443 "`: 443, `"8,443"`: 8443, `1.5e3`: 1500, `"1.5E+3"`: 1500, `"5,000, 443"`: 5000, `[443]`: 443, `["443",444]`: 443, `"0x1bb"`: 443,
				`"1,234,567"`: 1234567, `-443`: -1, `"-"`: -1, `"https"`: -1, `"443.5"`: -1, `""`: -1, `"N/A"`: -1, `"NaN"`: -1, `"1e400"`: -1, `"18446744073709551616"`: -1,
			} {
				if strings.Contains(c.way.file, ".csv") && strings.HasPrefix(written, "[") {
					continue // a list is of JSON
				}
				port, bytes := value, fmt.Sprint(value)
				if port < 0 || port > 65535 {
					port = 0
				}
				if value < 0 || !c.bytes {
					bytes = "NULL"
				}
				if value < 0 && name == "flows" {
					bytes = "0" // a flow counts what it was told
				}
				variants = append(variants, variant{written, fmt.Sprintf("%d %s", port, bytes)})
			}
			check(t, c.way, "concat(toString(RemotePort), ' ', ifNull(toString(SentBytes), 'NULL'))", variants)
		})
	}
}

// A connection that was kept back is no success, whichever of OCSF's fields says so, and a record without an end has no duration.
func TestOCSFIsKeptBackByNumberOrName(t *testing.T) {
	check(t, wayOf{source: "ocsf", file: "events.json", record: func(at clock, written string) string {
		return fmt.Sprintf(`{"class_uid":4001,%s"time":%d000,"src_endpoint":{"ip":"10.0.0.5","port":50001},"dst_endpoint":{"ip":"203.0.113.9","port":443},"traffic":{"bytes_in":200,"bytes_out":100}}`, written, at.unix())
	}}, "concat(ActionType, ' ', ifNull(toString(DurationMs), 'NULL'))", []variant{
		{`"activity_id":6,`, "ConnectionSuccess NULL"},
		{`"activity_id":6,"action_id":1,"disposition_id":1,"status_id":1,"status":"Success","disposition":"Allowed",`, "ConnectionSuccess NULL"},
		{`"activity_id":6,"action_id":2,`, "ConnectionFailed NULL"},
		{`"activity_id":6,"action_id":"2",`, "ConnectionFailed NULL"},
		{`"activity_id":6,"action_id":2.0,`, "ConnectionFailed NULL"},
		{`"activity_id":6,"action":"Denied",`, "ConnectionFailed NULL"},
		{`"activity_id":6,"disposition":"Blocked",`, "ConnectionFailed NULL"},
		{`"activity_id":6,"disposition":"blocked",`, "ConnectionFailed NULL"},
		{`"activity_id":6,"disposition_id":2,`, "ConnectionFailed NULL"},
		{`"activity_id":6,"disposition_id":25,`, "ConnectionFailed NULL"},
		{`"activity_id":6,"disposition":"Logged",`, "ConnectionSuccess NULL"},
		{`"activity_id":6,"status":"Failure",`, "ConnectionFailed NULL"},
		{`"activity_id":6,"status_id":2,`, "ConnectionFailed NULL"},
		{`"activity_id":[6],"status":["Failure"],`, "ConnectionFailed NULL"},
		{`"activity_id":4,`, "ConnectionFailed NULL"},
		{`"activity_id":6.0,"connection_info":{"uid":"u1"},`, "ConnectionSuccess NULL"},
		{`"activity_id":2,"connection_info":{"uid":"u2"},`, "ConnectionSuccess NULL"},
		{`"activity_id":6,"connection_info":{"uid":"u3"},"duration":1.5,`, "ConnectionSuccess 2"},
		{`"activity_id":1,"connection_info":{"uid":"u4"},`, "ConnectionSuccess 1000"},
		{`"activity_id":2,"connection_info":{"uid":"u4"},`, ""},
	})
}

// An ActionType is known in any case; one that nobody knows stays, so that data quality tells of it.
func TestDefendersActionTypesAreKnownInAnySpelling(t *testing.T) {
	check(t, wayOf{source: "defender", file: "rows.json", record: func(at clock, written string) string {
		return fmt.Sprintf(`{"Timestamp":%q,"DeviceId":"d1","DeviceName":"ws-1","ActionType":%q,"RemoteIP":"203.0.113.9","RemotePort":443,"ReportId":%d}`, at.iso(), written, at)
	}}, "ActionType", []variant{
		{"ConnectionSuccess", "ConnectionSuccess"},
		{"connectionsuccess", "ConnectionSuccess"},
		{"ConnectionSuccess ", "ConnectionSuccess"},
		{" CONNECTIONATTEMPT", "ConnectionAttempt"},
		{"connectionacknowledged", "ConnectionSuccess"},
		{"ConnectionRequest", "ConnectionAttempt"},
		{"connectionfailedaggregatedreport", "ConnectionFailed"},
		{"inboundconnectionaccepted", "InboundConnectionAccepted"},
		{"ConnectionThrottled", "ConnectionThrottled"},
		{"SF", "SF"},
		{"networksignatureinspected", ""},
		{"IcmpConnectionInspected ", ""},
		{"listeningconnectioncreated", ""},
	})
}

// The device of an event of Sysmon is the computer that wrote it; without that, the one that its shipper ran on.
func TestSysmonsDeviceIsToldByTheNextBestField(t *testing.T) {
	data := func(at clock) string {
		return fmt.Sprintf(`{"UtcTime":"2026-01-01 00:%02d:%02d.000","Image":"C:\\a.exe","Protocol":"tcp","Initiated":"true","SourceIp":"10.0.0.5","SourcePort":"5","DestinationIp":"203.0.113.9","DestinationPort":"443"}`, int(at)/60, int(at)%60)
	}
	check(t, wayOf{source: "sysmon", file: "beat.json", record: func(at clock, written string) string {
		return fmt.Sprintf(`{"winlog":{%s"event_data":%s}}`, written, data(at))
	}}, "concat(DeviceId, ' ', DeviceName)", []variant{
		{`"computer_name":"WS-1",`, "WS-1 WS-1"},
		{`"computer_name":["WS-1"],`, "WS-1 WS-1"},
	})
	check(t, wayOf{source: "sysmon", file: "beat.json", record: func(at clock, written string) string {
		return fmt.Sprintf(`{%s,"winlog":{"computer_name":null,"event_data":%s}}`, written, data(at))
	}}, "concat(DeviceId, ' ', DeviceName)", []variant{
		{`"host":{"name":"WS-1","hostname":"other"},"agent":{"hostname":"collector"}`, "WS-1 WS-1"},
		{`"host":{"name":["WS-1"]}`, "WS-1 WS-1"},
		{`"host":{"hostname":"WS-1"}`, "WS-1 WS-1"},
		{`"host":"WS-1"`, "WS-1 WS-1"},
		{`"host":["WS-1"]`, "WS-1 WS-1"},
		{`"host":{"name":"-"},"agent":{"hostname":"WS-1"}`, "WS-1 WS-1"},
		{`"host.name":"WS-1"`, "WS-1 WS-1"},
		{`"agent.hostname":"WS-1"`, "WS-1 WS-1"},
		{`"Hostname":"-","hostname":"WS-1"`, "WS-1 WS-1"},
		{`"beat":{"hostname":"WS-1"}`, "WS-1 WS-1"},
	})
	check(t, wayOf{source: "sysmon", file: "dotted.json", record: func(at clock, written string) string {
		return strings.ReplaceAll(strings.ReplaceAll(data(at), `{"`, `{`+written+`"winlog.event_data.`), `,"`, `,"winlog.event_data.`)
	}}, "concat(DeviceId, ' ', RemoteIP, ' ', toString(RemotePort))", []variant{
		{``, " 203.0.113.9 443"},
	})
}
