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
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
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
	rows, _ := importedText(t, source, file, text, settings.DefaultTable, columns)
	return rows
}

// importedText gives the rows of any table, and the summary as well.
func importedText(t *testing.T, source, file, text, table, columns string) ([]string, ingest.Summary) {
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
			statement.Identifier(server.Database) + "." + statement.Identifier(table) + " ORDER BY Row",
		Columns:  []statement.Column{{Name: "Row", Kind: statement.Text}},
		RowLimit: 10_000,
	}, clickhouse.Origin{})
	if err != nil {
		t.Fatal(err)
	}
	return result.Data[0].([]string), summary
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
		{`"event":{"outcome":"unknown","type":["connection"]},`, "10.0.0.5 203.0.113.9  "},
		{`"event":{"start":"-"},`, "10.0.0.5 203.0.113.9  "},
	})
	check(t, wayOf{source: "ecs", file: "index.ndjson", record: func(at clock, written string) string {
		return fmt.Sprintf(`{"_index":"x","_source":{"@timestamp":%q,%s}}`, at.iso(), written)
	}}, "concat(DeviceId, ' ', RemoteIP, ' ', toString(RemotePort), ' ', RemoteUrl)", []variant{
		{`"source":{"ip":"10.0.0.5"},"destination":{"ip":"203.0.113.9","port":443}`, "10.0.0.5 203.0.113.9 443 "},
		{`"source.ip":"10.0.0.5","destination.ip":"203.0.113.9","destination.port":443`, "10.0.0.5 203.0.113.9 443 "},
		{`"source":{"ip":"10.0.0.5"},"destination.ip":"203.0.113.9","destination":{"port":443},"host":"ws-1","user":"x"`, "10.0.0.5 203.0.113.9 443 "},
		{`"source.ip":["10.0.0.5"],"destination.ip":["203.0.113.9"],"destination.port":[443],"tls.client.server_name":["a.example"]`, "10.0.0.5 203.0.113.9 443 a.example"},
		{`"source.ip":"10.0.0.5","destination.ip":"203.0.113.9","destination.domain":"a.example:443"`, "10.0.0.5 203.0.113.9 0 a.example"},
		{`"source.ip":"10.0.0.5","destination.ip":"203.0.113.9","destination.domain":"203.0.113.9:443"`, "10.0.0.5 203.0.113.9 0 "},
		{`"source.ip":"10.0.0.5","destination.ip":"203.0.113.9","tls.client":{"server_name":"a.example"}`, "10.0.0.5 203.0.113.9 0 a.example"},
		{`"source.ip":"10.0.0.5","destination.ip":"203.0.113.9","tls":{"client.server_name":"a.example"}`, "10.0.0.5 203.0.113.9 0 a.example"},
	})
}

// portsAndBytes are the ways in which each source writes a port that is reached, and bytes that are sent if it counts any.
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
				`443`: 443, `"443"`: 443, `443.0`: 443, `"443.0"`: 443, `" 443 "`: 443, `"8,443"`: 8443, `1.5e3`: 1500, `"1.5E+3"`: 1500, `"5,000, 443"`: 5000, `[443]`: 443, `["443",444]`: 443, `[null,"8,443"]`: 8443, `[443,444]`: 443, `"0x1bb"`: 443,
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

// addressWays are how each source writes a device's address and that of the other side, in this order.
func addressWays() map[string]wayOf {
	pair := func(written string) (device, other string) {
		device, other, _ = strings.Cut(written, " ")
		return device, other
	}
	record := func(format string) func(at clock, written string) string {
		return func(at clock, written string) string {
			device, other := pair(written)
			return strings.NewReplacer("DEVICE", device, "OTHER", other, "ISO", at.iso(), "UNIX", fmt.Sprint(at.unix()), "ID", fmt.Sprint(int(at)+1)).Replace(format)
		}
	}
	return map[string]wayOf{
		"zeek":     {source: "zeek", file: "conn.json", record: record(`{"ts":UNIX,"uid":"CID","id.orig_h":"DEVICE","id.orig_p":50001,"id.resp_h":"OTHER","id.resp_p":443,"proto":"tcp","conn_state":"SF"}`)},
		"zeek id":  {source: "zeek", file: "conn.json", record: record(`{"ts":UNIX,"uid":"CID","id":{"orig_h":"DEVICE","orig_p":50001,"resp_h":"OTHER","resp_p":443},"proto":"tcp","conn_state":"SF"}`)},
		"suricata": {source: "suricata", file: "eve.json", record: record(`{"timestamp":"ISO","flow_id":ID,"event_type":"flow","src_ip":"DEVICE","src_port":50001,"dest_ip":"OTHER","dest_port":443,"proto":"TCP","flow":{"start":"ISO","state":"established"}}`)},
		"ecs":      {source: "ecs", file: "e.json", record: record(`{"@timestamp":"ISO","source":{"ip":"DEVICE"},"destination":{"ip":"OTHER","port":443}}`)},
		"ecs list": {source: "ecs", file: "e.json", record: record(`{"@timestamp":["ISO"],"source.ip":["DEVICE","192.0.2.1"],"destination.ip":["OTHER"],"destination.port":[443]}`)},
		"ocsf":     {source: "ocsf", file: "o.json", record: record(`{"class_uid":4001,"activity_id":6,"time":UNIX000,"src_endpoint":{"ip":"DEVICE"},"dst_endpoint":{"ip":["OTHER"],"port":443}}`)},
		"flows":    {source: "flows", file: "f.json", record: record(`{"time_received_ns":UNIX000000000,"time_flow_start_ns":UNIX000000000,"bytes":1,"packets":1,"src_addr":"DEVICE","dst_addr":"OTHER","src_port":5ID,"dst_port":443,"proto":"TCP","tcp_flags":27}`)},
		"sysmon":   {source: "sysmon", file: "s.json", record: record(`{"UtcTime":"ISO","Hostname":"ws-1","Image":"a.exe","Protocol":"tcp","Initiated":"true","SourceIp":"DEVICE","SourcePort":5,"DestinationIp":"OTHER","DestinationPort":443}`)},
		"defender": {source: "defender", file: "d.json", record: record(`{"Timestamp":"ISO","DeviceId":"ws-1","DeviceName":"ws-1","ActionType":"ConnectionSuccess","LocalIP":"DEVICE","RemoteIP":"OTHER","RemotePort":443,"ReportId":ID}`)},
		"proxy":    {source: "proxy", file: "p.csv", header: "timestamp,client_ip,host,port,server_ip", record: record(`ISO,DEVICE,c2.example,443,OTHER`)},
		"squid":    {source: "proxy", file: "access.log", record: record(`UNIX.000      0 DEVICE TCP_TUNNEL/200 5000 CONNECT c2.example:443 - HIER_DIRECT/OTHER -`)},
	}
}

// Whoever writes an address, it is one: so a device is one device, and what comes from outside is inbound.
func TestAnAddressIsOneHoweverItIsWritten(t *testing.T) {
	for name, way := range addressWays() {
		t.Run(name, func(t *testing.T) {
			variants := []variant{
				{"10.0.0.5 203.0.113.9", "10.0.0.5 203.0.113.9"},
				{"::ffff:10.0.0.5 ::ffff:203.0.113.9", "10.0.0.5 203.0.113.9"},
				{"::FFFF:0a00:0005 2001:DB8:0:0::9", "10.0.0.5 2001:db8::9"},
				{"2001:0db8:0000:0000:0000:0000:0000:0005 2001:0db8:0000:0000:0000:0000:0000:0009", "2001:db8::5 2001:db8::9"},
				{"fe80::5%eth0 203.0.113.9", "fe80::5 203.0.113.9"},
				{"10.0.0.5:51234 203.0.113.9:443", "10.0.0.5 203.0.113.9"},
				{"[2001:db8::5]:51234 [2001:db8::9]:443", "2001:db8::5 2001:db8::9"},
			}
			if name != "sysmon" && name != "defender" { // which say themselves what is inbound
				if way.source != "proxy" { // whose clients are inside
					variants = append(variants, variant{"::ffff:8.8.8.8 ::ffff:10.0.0.9", "10.0.0.9 8.8.8.8 inbound"})
				}
				variants = append(variants, variant{"- 203.0.113.9", ""}, variant{"N/A 203.0.113.9", ""})
				if way.source == "zeek" || way.source == "suricata" {
					variants = variants[:len(variants)-2] // which always write addresses
				}
			}
			check(t, way, "concat(LocalIP, ' ', RemoteIP, if(startsWith(ActionType, 'Inbound'), ' inbound', ''), if(DeviceId IN (LocalIP, 'ws-1') AND DeviceName IN (LocalIP, 'ws-1'), '', ' another device'))", variants)
		})
	}
}

// hostColumns are what a proxy's host comes to.
const hostColumns = "concat(RemoteUrl, ' ', RemoteIP, ' ', toString(RemotePort))"

// A proxy's host is read as any URL is, and a port that nobody tells is 0: not known.
func TestAProxysHostAndPortAreToldByWhateverStandsThere(t *testing.T) {
	check(t, wayOf{source: "proxy", file: "p.csv", header: "timestamp,client_ip,host", record: func(at clock, written string) string {
		return at.iso() + ",10.0.0.5," + written
	}}, hostColumns, []variant{
		{"c2.example", "c2.example  0"},
		{"C2.Example.", "c2.example  0"},
		{"c2.example:443", "c2.example  443"},
		{"203.0.113.9:8080", " 203.0.113.9 8080"},
		{"203.0.113.9", " 203.0.113.9 0"},
		{"[2001:db8::9]:443", " 2001:db8::9 443"},
		{"[2001:0DB8::9]", " 2001:db8::9 0"},
		{"2001:db8::9", " 2001:db8::9 0"},
		{"::ffff:203.0.113.9", " 203.0.113.9 0"},
		{"https://c2.example/", "c2.example  443"},
		{"wss://c2.example/x", "c2.example  443"},
		{"ws://c2.example", "c2.example  80"},
		{"ws://c2.example:8080", "c2.example  8080"},
		{"//c2.example", "c2.example  0"},
		{"ssl://c2.example", "c2.example  0"},
		{"tcp://c2.example:4444/", "c2.example  4444"},
		{"c2.example:99999", "c2.example  0"},
		{"-", "  0"},
		{"N/A", "  0"},
	})
	check(t, wayOf{source: "proxy", file: "p.csv", header: "timestamp,client_ip,url,port", record: func(at clock, written string) string {
		return at.iso() + `,10.0.0.5,"` + written + `",-`
	}}, hostColumns, []variant{
		{`https:\\c2.example\x`, "c2.example  443"},
		{` https://c2.example/`, "c2.example  443"},
		{`http://user:p@ss@c2.example/`, "c2.example  80"},
		{`http://user:22@c2.example:8080/x@y:9`, "c2.example  8080"},
		{`http://[2001:db8::9]:8080/`, " 2001:db8::9 8080"},
		{`https://user@203.0.113.9:8443/`, " 203.0.113.9 8443"},
		{`c2.example:443`, "c2.example  443"},
		{`c2.example`, "c2.example  0"},
		{`ftp://c2.example/x`, "c2.example  21"},
		{`https://c2.example?x=http://other.example:1/`, "c2.example  443"},
	})
	check(t, wayOf{source: "proxy", file: "access.log", record: func(at clock, written string) string {
		return fmt.Sprintf("%d.000      0 10.0.0.5 TCP_TUNNEL/200 5000 %s anne-marie HIER_NONE/- -", at.unix(), written)
	}}, "concat("+hostColumns+", ' ', InitiatingProcessAccountName)", []variant{
		{"CONNECT c2.example:443", "c2.example  443 anne-marie"},
		{"CONNECT c2.example", "c2.example  0 anne-marie"},
		{"CONNECT [2001:db8::9]:443", " 2001:db8::9 443 anne-marie"},
		{"GET http://-/", "  80 anne-marie"},
		{"GET wss://c2.example/", "c2.example  443 anne-marie"},
		{"GET http://user:p@ss@c2.example:8080/x", "c2.example  8080 anne-marie"},
	})
	check(t, wayOf{source: "ocsf", file: "o.json", record: func(at clock, written string) string {
		return fmt.Sprintf(`{"class_uid":4001,"activity_id":6,"time":%d000,"src_endpoint":{"ip":"10.0.0.5"},"dst_endpoint":{"ip":"203.0.113.9"%s}}`, at.unix(), written)
	}}, hostColumns, []variant{{``, " 203.0.113.9 0"}, {`,"port":null`, " 203.0.113.9 0"}, {`,"port":443`, " 203.0.113.9 443"}})
}

// Any field of the common schema may be a list: its first element counts.
func TestOfAListTheFirstElementCounts(t *testing.T) {
	columns := "concat(DeviceId, ' ', RemoteIP, ' ', toString(RemotePort), ' ', RemoteUrl, ' ', ActionType)"
	check(t, wayOf{source: "ecs", file: "e.json", record: func(at clock, written string) string {
		return fmt.Sprintf(`{"@timestamp":[%q],%s}`, at.iso(), written)
	}}, columns, []variant{
		{`"source":{"ip":["10.0.0.5"]},"destination":{"ip":["203.0.113.9"],"port":[443]}`, "10.0.0.5 203.0.113.9 443  ConnectionSuccess"},
		{`"source.ip":["10.0.0.5"],"destination.ip":["203.0.113.9","203.0.113.10"],"destination.port":["443"]`, "10.0.0.5 203.0.113.9 443  ConnectionSuccess"},
		{`"source":[{"ip":"10.0.0.5"}],"source.ip":null,"destination.ip":[null,"203.0.113.9"],"destination.port":[]`, "10.0.0.5 203.0.113.9 0  ConnectionSuccess"},
		{`"source.ip":"10.0.0.5","destination.ip":"203.0.113.9","tls":{"client":{"server_name":["a.example","b.example"]}}`, "10.0.0.5 203.0.113.9 0 a.example ConnectionSuccess"},
		{`"source.ip":"10.0.0.5","destination.ip":"203.0.113.9","url":{"domain":["a.example"]},"event":{"outcome":["failure"]}`, "10.0.0.5 203.0.113.9 0 a.example ConnectionFailed"},
		{`"source.ip":"10.0.0.5","destination.ip":"203.0.113.9","host":{"name":["ws-1"],"id":["h-1"]},"process":{"name":["a.exe"]},"event.type":["denied"]`, "h-1 203.0.113.9 0  ConnectionFailed"},
		{`"source.ip":"8.8.8.8","destination.ip":["10.0.0.9"],"network":{"direction":["inbound"]}`, "10.0.0.9 8.8.8.8 0  InboundConnectionAccepted"},
	})
	check(t, wayOf{source: "suricata", file: "eve.json", record: func(at clock, written string) string {
		return fmt.Sprintf(`{"timestamp":[%q],"flow_id":%d,"event_type":"flow",%s,"flow":{"start":%q,"state":"established"}}`, at.iso(), at, written, at.iso())
	}}, columns, []variant{
		{`"src_ip":["10.0.0.5"],"src_port":[5],"dest_ip":["203.0.113.9"],"dest_port":[443],"proto":["TCP"]`, "10.0.0.5 203.0.113.9 443  ConnectionSuccess"},
	})
	check(t, wayOf{source: "ocsf", file: "o.json", record: func(at clock, written string) string {
		return fmt.Sprintf(`{"class_uid":4001,"activity_id":6,"time":%d000,%s}`, at.unix(), written)
	}}, columns, []variant{
		{`"src_endpoint":{"ip":["10.0.0.5"]},"dst_endpoint":{"ip":["203.0.113.9"],"port":[443],"hostname":["a.example"]}`, "10.0.0.5 203.0.113.9 443 a.example ConnectionSuccess"},
		{`"src_endpoint":{"ip":"10.0.0.5"},"dst_endpoint":{"ip":"203.0.113.9","port":443},"tls":{"sni":["a.example"]},"device":{"hostname":["ws-1"],"ip":["10.0.0.5"]}`, "ws-1 203.0.113.9 443 a.example ConnectionSuccess"},
	})
}

// Kibana's report is a CSV in a person's words: times with the month's name, dashes, thousands, and several values in a field.
func TestKibanasReportIsRead(t *testing.T) {
	stamps := []string{"Nov 29, 2025 @ 10:00:00.000", "29 Nov, 2025 @ 10:00:01.000", "29. Nov 2025 10:00:02", "2025-11-29T10:00:03.000Z", "2025-11-29 @ 10:00:04", "November 29, 2025 @ 10:00:05.000", "Nov 29, 2025 @ 10:00:06.000 AM", "1764410407000"}
	rows := []string{
		`"10.0.0.5","5,000","1,234","203.0.113.9",443,"2,345","ws-1",event,`,
		`"10.0.0.5",-,-,"203.0.113.9",443,-,"-","-",-`,
		`"10.0.0.5, fe80::1",5000,1,"203.0.113.9, 203.0.113.10","443, 8443",2,"ws-1, ws-2","event, state","a.example, b.example"`,
		`::ffff:10.0.0.5,5000,1,203.0.113.9,"8,443",2,ws-1,,-`,
	}
	want := []string{"10.0.0.5 203.0.113.9 443  1234 2345", "10.0.0.5 203.0.113.9 443  NULL NULL", "10.0.0.5 203.0.113.9 443 a.example 1 2", "10.0.0.5 203.0.113.9 8443  1 2"}
	text := "\"@timestamp\",\"source.ip\",\"source.port\",\"source.bytes\",\"destination.ip\",\"destination.port\",\"destination.bytes\",\"host.name\",\"event.kind\",\"tls.client.server_name\"\n"
	var all []string
	for i, stamp := range stamps {
		text += `"` + stamp + `",` + rows[i%len(rows)] + "\n"
		all = append(all, fmt.Sprintf("2025-11-29T10:00:%02d.000Z %s", i, want[i%len(want)]))
	}
	got := importedTexts(t, "ecs", "kibana.csv", text, "concat(DeviceId, ' ', RemoteIP, ' ', toString(RemotePort), ' ', RemoteUrl, ' ', ifNull(toString(SentBytes), 'NULL'), ' ', ifNull(toString(ReceivedBytes), 'NULL'))")
	if diff := cmp.Diff(all, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// What counts from a device's start, or is before there can be an event, is no time: no event of 1970 comes of it, nor one of 2096.
func TestATimeBeforeTheFirstIsNone(t *testing.T) {
	flow := `{"time_received_ns":1767225600000000000,"time_flow_start_ns":%s,"time_flow_end_ns":%s,"bytes":100,"packets":5,"src_addr":"10.0.0.5","dst_addr":"203.0.113.9","src_port":5,"dst_port":443,"proto":"TCP","tcp_flags":27}`
	for _, start := range []string{"5000000000", "4000000000000", "1764410400000", "946684799000000000", `"5000000000"`, "5e9"} {
		undated(t, "flows", "f.json", fmt.Sprintf(flow, start, start))
	}
	for file, text := range map[string]string{
		"flows old.json": `{"TimeReceived":5,"TimeFlowStartMs":1000000000,"Bytes":100,"Packets":5,"SrcAddr":"10.0.0.5","DstAddr":"203.0.113.9","SrcPort":5,"DstPort":443,"Proto":6}`,
		"zeek conn.json": `{"ts":5.5,"uid":"C1","id.orig_h":"10.0.0.5","id.orig_p":5,"id.resp_h":"203.0.113.9","id.resp_p":443,"proto":"tcp","conn_state":"SF"}`,
		"ecs e.json":     `{"@timestamp":"1999-12-31T23:59:59Z","source.ip":"10.0.0.5","destination.ip":"203.0.113.9"}`,
		"ocsf o.json":    `{"class_uid":4001,"activity_id":6,"time":5000000000,"src_endpoint":{"ip":"10.0.0.5"},"dst_endpoint":{"ip":"203.0.113.9"}}`,
		"defender d.csv": "Timestamp,DeviceId,DeviceName,ActionType,RemoteIP,ReportId\n1/1/1970 00:00:05 AM,d1,ws-1,ConnectionSuccess,203.0.113.9,1",
		"sysmon s.json":  `{"UtcTime":"1970-01-01 00:00:05.000","Hostname":"ws-1","Image":"a.exe","Protocol":"tcp","Initiated":"true","SourceIp":"10.0.0.5","SourcePort":5,"DestinationIp":"203.0.113.9","DestinationPort":443}`,
		"proxy p.csv":    "timestamp,client_ip,url\n1970-01-01 00:00:05,10.0.0.5,https://c2.example/",
		"proxy s.log":    "0000000005.000    900 10.0.0.5 TCP_TUNNEL/200 5000 CONNECT c2.example:443 - HIER_NONE/- -",
	} {
		source, name, _ := strings.Cut(file, " ")
		undated(t, source, name, text)
	}
}

// undated imports a record of which no event may come, and whose lack of a time must be told.
func undated(t *testing.T, source, file, text string) {
	t.Helper()
	rows, summary := importedText(t, source, file, text+"\n", settings.DefaultTable, "DeviceId")
	if len(rows) > 0 {
		t.Errorf("%s: an event is made of it: %v", text, rows)
	}
	for _, made := range summary.Made {
		if made.Kind == ingest.Events && made.Undated != 1 {
			t.Errorf("%s: %d rows of the %s are told to have no time, want 1", text, made.Undated, made.Kind)
		}
	}
}

// What stands for nothing in an export is nothing: no name, no process, no device.
func TestAPlaceholderOfDefenderIsNothing(t *testing.T) {
	check(t, wayOf{source: "defender", file: "rows.json", record: func(at clock, written string) string {
		return fmt.Sprintf(`{"Timestamp":%q,%s,"ActionType":"ConnectionSuccess","RemoteIP":"203.0.113.9","RemotePort":443,"ReportId":%d.0}`, at.iso(), written, at)
	}}, "concat(DeviceId, ' ', DeviceName, ' ', RemoteUrl, ' ', NameSource, ' ', InitiatingProcessFileName)", []variant{
		{`"DeviceId":"d1","DeviceName":"ws-1","RemoteUrl":"a.example","InitiatingProcessFileName":"a.exe"`, "d1 ws-1 a.example sensor a.exe"},
		{`"DeviceId":"NaN","DeviceName":"ws-1","RemoteUrl":"NaN","InitiatingProcessFileName":"nan"`, "ws-1 ws-1   "},
		{`"DeviceId":"d1","DeviceName":"-","RemoteUrl":"-","InitiatingProcessFileName":null,"InitiatingProcessFolderPath":"c:\\x\\a.exe"`, "d1 d1   a.exe"},
	})
	check(t, wayOf{source: "defender", file: "hub.json", record: func(at clock, written string) string {
		return fmt.Sprintf(`{"time":%q,"category":"AdvancedHunting-DeviceNetworkEvents","properties":%s}`, at.iso(), written)
	}}, "concat(DeviceId, ' ', ActionType)", []variant{
		{`{"DeviceId":"d1","ActionType":"ConnectionSuccess","RemoteIP":"203.0.113.9","ReportId":1}`, "d1 ConnectionSuccess"},
		{`"{\"DeviceId\":\"d1\",\"ActionType\":\"ConnectionSuccess\",\"RemoteIP\":\"203.0.113.9\",\"ReportId\":2}"`, "d1 ConnectionSuccess"},
		{`[{"DeviceId":"d1","ActionType":"ConnectionSuccess","RemoteIP":"203.0.113.9","ReportId":3}]`, "d1 ConnectionSuccess"},
	})
}

// Questions are read as connections are: no text in an object's place loses one, and who asks is one device.
func TestAQuestionIsReadAsAConnectionIs(t *testing.T) {
	ecs := func(fields string) string {
		return `{"@timestamp":["2026-01-01T00:00:00.000Z"],` + fields + `,"source.ip":["::ffff:10.0.0.5"],"destination":{"ip":"::ffff:10.0.0.1"}}`
	}
	for name, c := range map[string]struct{ source, text, device string }{
		"zeek":               {"zeek", `{"_path":"dns","ts":1767225600,"uid":"C1","id.orig_h":"::ffff:10.0.0.5","id.orig_p":5,"id.resp_h":"::ffff:10.0.0.1","id.resp_p":53,"query":"a.example"}`, "10.0.0.5"},
		"zeek id":            {"zeek", `{"_path":"dns","ts":1767225600,"uid":"C1","id":{"orig_h":"10.0.0.5","orig_p":5,"resp_h":"10.0.0.1","resp_p":53},"query":"a.example"}`, "10.0.0.5"},
		"suricata":           {"suricata", `{"timestamp":"2026-01-01T00:00:00.000Z","flow_id":1,"event_type":"dns","src_ip":"::ffff:10.0.0.1","src_port":53.0,"dest_ip":["::ffff:10.0.0.5"],"dest_port":5,"dns":{"type":"answer","id":1,"rrname":"a.example","rrtype":"A","version":2}}`, "10.0.0.5"},
		"ocsf":               {"ocsf", `{"class_uid":4003,"activity_id":6,"time":1767225600000,"query":{"hostname":"a.example"},"src_endpoint":{"ip":"::ffff:10.0.0.5"},"dst_endpoint":{"ip":["::ffff:10.0.0.1"]},"rcode":"NOERROR"}`, "10.0.0.5"},
		"ecs":                {"ecs", ecs(`"dns":{"question":{"name":["a.example"]},"response_code":"NOERROR"}`), "10.0.0.5"},
		"ecs, a host's name": {"ecs", ecs(`"dns.question.name":"a.example","dns.response_code":"NOERROR","host":"ws-1","process":"a.exe","event":"x"`), "ws-1"},
		"ecs, texts":         {"ecs", ecs(`"dns.question":{"name":"a.example"},"dns.response_code":"NOERROR","observer":"fw1","host":["ws-1"],"event":["x"]`), "10.0.0.5"},
		"ecs, _source":       {"ecs", `{"_source":` + ecs(`"dns.question.name":"a.example","dns.response_code":"NOERROR"`) + `}`, "10.0.0.5"},
	} {
		t.Run(name, func(t *testing.T) {
			want := []string{"2026-01-01T00:00:00.000Z " + c.device + " a.example 10.0.0.1"}
			got, _ := importedText(t, c.source, "dns.json", c.text+"\n", schema.DNSTable, "concat(DeviceId, ' ', Query, ' ', Server)")
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
