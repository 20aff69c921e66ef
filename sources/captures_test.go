package sources_test

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/ingest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/ingest/captures"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
	"github.com/fluxhound/fluxhound-detections-datasource/sources"
)

// plain is what a file holds, counted from the file alone.
type plain struct {
	Events, Inbound, DNS    int
	Devices                 int
	Named                   int // outbound connections whose other side has a name, told by the sensor or by an answer of DNS
	Sent, Received, Packets uint64
}

type object = map[string]any

// Each file is counted by a function that knows nothing of the importer: a loop over its records, as a person with a script
// would write it.
func TestFormatsComeToWhatAPlainCountGives(t *testing.T) {
	folder := captures.Folder(t)
	for file, c := range map[string]struct {
		source string
		count  func([]object) plain
	}{
		"defender.ndjson.gz":          {"defender", countDefender},
		"defender-envelope.ndjson.gz": {"defender", countDefender},
		"suricata-eve.json.gz":        {"suricata", countSuricata},
		"sysmon-3-22.ndjson.gz":       {"sysmon", countSysmon},
	} {
		t.Run(file, func(t *testing.T) {
			path := filepath.Join(folder, "formats", file)
			want := c.count(records(t, path))
			if got := imported(t, path, c.source); !cmp.Equal(want, got) {
				t.Errorf("-counted +imported:\n%s", cmp.Diff(want, got))
			}
		})
	}
}

func countDefender(rows []object) plain {
	var n plain
	devices := map[any]bool{}
	for _, row := range rows {
		if inner, ok := row["properties"].(object); ok {
			row = inner
		}
		action := text(row["ActionType"])
		times := 1
		if report, ok := strings.CutSuffix(action, "AggregatedReport"); ok {
			var additional struct{ UniqueEventsAggregated int }
			_ = json.Unmarshal([]byte(text(row["AdditionalFields"])), &additional)
			action, times = report, additional.UniqueEventsAggregated
		}
		switch {
		case action == "DnsConnectionInspected":
			n.DNS++
			continue
		case strings.HasSuffix(action, "Inspected") || strings.HasPrefix(action, "Listening"):
			continue
		case strings.HasPrefix(action, "Inbound"):
			n.Inbound += times
		case text(row["RemoteUrl"]) != "": // no answer of DNS in the files names a connection that has none
			n.Named += times
		}
		n.Events += times
		devices[row["DeviceId"]] = true
	}
	n.Devices = len(devices)
	return n
}

// answer is what a device was told that an address is.
type answer struct{ at, until time.Time }

// answersOf are by device and address.
type answersOf map[string][]answer

// names says whether the last answer before a connection holds at its time.
func (a answersOf) names(device, address string, at time.Time) bool {
	var last answer
	for _, one := range a[device+" "+address] {
		if !one.at.After(at) && one.at.After(last.at) {
			last = one
		}
	}
	return !last.at.IsZero() && !at.After(last.until)
}

func countSuricata(rows []object) plain {
	var n plain
	devices, answers := map[any]bool{}, answersOf{}
	moment := func(value any) time.Time {
		at, _ := time.Parse("2006-01-02T15:04:05.999999-0700", text(value))
		return at
	}
	for _, row := range rows {
		dns, _ := row["dns"].(object)
		if dns["type"] == "query" {
			n.DNS++
		}
		list, _ := dns["answers"].([]any)
		for _, one := range list {
			one := one.(object)
			key, at := text(row["src_ip"])+" "+text(one["rdata"]), moment(row["timestamp"])
			answers[key] = append(answers[key], answer{at, at.Add(time.Second * time.Duration(min(max(number(one["ttl"]), 600), 86400)))})
		}
	}
	for _, row := range rows {
		flow, isFlow := row["flow"].(object)
		if !isFlow || row["event_type"] != "flow" {
			continue
		}
		n.Events++
		toServer, toClient := number(flow["bytes_toserver"]), number(flow["bytes_toclient"])
		n.Packets += number(flow["pkts_toserver"]) + number(flow["pkts_toclient"])
		if !isPrivate(text(row["src_ip"])) && isPrivate(text(row["dest_ip"])) {
			n.Inbound++
			devices[row["dest_ip"]] = true
			continue
		}
		devices[row["src_ip"]] = true
		if answers.names(text(row["src_ip"]), text(row["dest_ip"]), moment(flow["start"])) {
			n.Named++ // no outbound flow of the file has a tls or http event
		}
		n.Sent, n.Received = n.Sent+toServer, n.Received+toClient
	}
	n.Devices = len(devices)
	return n
}

func countSysmon(rows []object) plain {
	var n plain
	devices, answers := map[any]bool{}, answersOf{}
	moment := func(row object) time.Time {
		at, _ := time.Parse("2006-01-02 15:04:05.999", text(row["UtcTime"]))
		return at
	}
	spelled := func(address string) string {
		a, err := netip.ParseAddr(address)
		if err != nil {
			return ""
		}
		return a.Unmap().String()
	}
	for _, row := range rows {
		if text(row["EventID"]) != "22" {
			continue
		}
		n.DNS++
		for _, part := range strings.Split(text(row["QueryResults"]), ";") {
			if address := spelled(part); address != "" {
				key := text(row["Hostname"]) + " " + address
				answers[key] = append(answers[key], answer{moment(row), moment(row).Add(10 * time.Minute)})
			}
		}
	}
	for _, row := range rows {
		if text(row["EventID"]) != "3" {
			continue
		}
		n.Events++
		devices[row["Hostname"]] = true
		switch {
		case row["Initiated"] == "false":
			n.Inbound++
		case text(row["DestinationHostname"]) != "-", answers.names(text(row["Hostname"]), spelled(text(row["DestinationIp"])), moment(row)):
			n.Named++
		}
	}
	n.Devices = len(devices)
	return n
}

func number(value any) uint64 {
	n, _ := strconv.ParseUint(text(value), 10, 64)
	return n
}

func text(value any) string {
	if value == nil {
		return ""
	}
	return fmt.Sprint(value)
}

func isPrivate(address string) bool {
	a, err := netip.ParseAddr(address)
	return err == nil && (a.IsPrivate() || a.IsLinkLocalUnicast())
}

// records reads a packed file of JSON objects, one a line.
func records(t *testing.T, path string) []object {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	unpacked, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	var list []object
	lines := bufio.NewScanner(unpacked)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var o object
		decoder := json.NewDecoder(strings.NewReader(lines.Text()))
		decoder.UseNumber()
		if err := decoder.Decode(&o); err != nil {
			t.Fatal(err)
		}
		list = append(list, o)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}

// imported counts what comes of a file.
func imported(t *testing.T, path, source string) plain {
	t.Helper()
	server := chtest.Database(t)
	server.CreateTable(t, settings.DefaultTable)
	client, err := clickhouse.New(server.Settings(settings.Native), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := client.Close(); err != nil {
			t.Error(err)
		}
	}()
	known, err := ingest.Load(sources.Files)
	if err != nil {
		t.Fatal(err)
	}
	files, err := ingest.Find([]string{path})
	if err != nil {
		t.Fatal(err)
	}
	summary, err := ingest.Import(t.Context(), ingest.Options{
		Client: client, Database: server.Database, Table: settings.DefaultTable, Sources: known, Internal: settings.PrivateNetworks(),
	}, files)
	if err != nil {
		t.Fatal(err)
	}
	if f := summary.Files[0]; f.Source != source || f.Fault != "" || f.Rejected > 0 {
		t.Errorf("%s was read as %q: %s %v", f.Path, f.Source, f.Fault, f.Rejects)
	}
	sum := func(sql string) int {
		s := statement.Statement{
			SQL:     "SELECT toInt64(ifNull(" + sql + ", 0)) AS N FROM " + server.Database + ".",
			Columns: []statement.Column{{Name: "N", Kind: statement.Integer}}, RowLimit: 1,
		}
		if s.SQL += settings.DefaultTable; sql == "count(Query)" {
			s.SQL = strings.ReplaceAll(s.SQL, settings.DefaultTable, "dns_events")
		}
		result, err := client.Query(t.Context(), s, clickhouse.Origin{})
		if err != nil {
			t.Fatal(err)
		}
		return int(result.Data[0].([]int64)[0])
	}
	const outbound = "NOT startsWith(ActionType, 'Inbound')"
	return plain{
		Events:   sum("count()"),
		Inbound:  sum("countIf(startsWith(ActionType, 'Inbound'))"),
		DNS:      sum("count(Query)"),
		Devices:  sum("uniqExact(DeviceId)"),
		Named:    sum("countIf(RemoteUrl != '')"),
		Sent:     uint64(sum("sumIf(SentBytes, " + outbound + ")")),
		Received: uint64(sum("sumIf(ReceivedBytes, " + outbound + ")")),
		Packets:  uint64(sum("sum(ifNull(SentPackets, 0) + ifNull(ReceivedPackets, 0))")),
	}
}
