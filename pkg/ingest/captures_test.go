package ingest_test

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

	"github.com/google/go-cmp/cmp"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/ingest/captures"
)

// plainCount is what the logs of a capture hold, counted from the files alone.
type plainCount struct {
	Events, Outbound, Inbound, DNS int
	TLS, HTTP, ByAnswer            int // names of outbound connections
	SentBytes, ReceivedBytes       uint64
}

// countLogs counts a folder's logs without the importer: a map per line, as a person with a script would.
func countLogs(t *testing.T, folder string) plainCount {
	t.Helper()
	var n plainCount
	tls, web := map[string]string{}, map[string]string{}
	type answer struct {
		at, until float64
		query     string
	}
	answers := map[string][]answer{}
	for _, row := range logRows(t, filepath.Join(folder, "ssl.log.gz")) {
		if tls[row["uid"]] == "" && isName(row["server_name"]) {
			tls[row["uid"]] = row["server_name"]
		}
	}
	for _, row := range logRows(t, filepath.Join(folder, "http.log.gz")) {
		if host, _, _ := strings.Cut(row["host"], ":"); web[row["uid"]] == "" && isName(row["host"]) && isName(host) {
			web[row["uid"]] = host
		}
	}
	for _, row := range logRows(t, filepath.Join(folder, "dns.log.gz")) {
		n.DNS++
		ttls := strings.Split(strings.Trim(row["TTLs"], "[]"), ",")
		for i, a := range strings.Split(strings.Trim(row["answers"], "[]"), ",") {
			a = strings.Trim(a, `"`)
			if _, err := netip.ParseAddr(a); err != nil || row["query"] == "" {
				continue
			}
			at, _ := strconv.ParseFloat(row["ts"], 64)
			ttl, _ := strconv.ParseFloat(ttls[min(i, len(ttls)-1)], 64)
			key := row["id.orig_h"] + " " + a
			answers[key] = append(answers[key], answer{at, at + min(max(ttl, 600), 86400), row["query"]})
		}
	}
	for _, row := range logRows(t, filepath.Join(folder, "conn.log.gz")) {
		n.Events++
		if isTrue(row["local_resp"]) && !isTrue(row["local_orig"]) {
			n.Inbound++
			continue
		}
		n.Outbound++
		uid := row["uid"]
		if row["orig_pkts"] != "0" {
			sent, _ := strconv.ParseUint(row["orig_bytes"], 10, 64)
			n.SentBytes += sent
		}
		received, _ := strconv.ParseUint(row["resp_bytes"], 10, 64)
		n.ReceivedBytes += received
		switch {
		case tls[uid] != "":
			n.TLS++
		case web[uid] != "":
			n.HTTP++
		default:
			at, _ := strconv.ParseFloat(row["ts"], 64)
			var last answer
			for _, a := range answers[row["id.orig_h"]+" "+row["id.resp_h"]] {
				if a.at <= at && a.at >= last.at {
					last = a
				}
			}
			if last.query != "" && at <= last.until {
				n.ByAnswer++
			}
		}
	}
	return n
}

func isTrue(text string) bool { return text == "T" || text == "true" }

func isName(text string) bool {
	if text == "" {
		return false
	}
	_, err := netip.ParseAddr(strings.Trim(text, "[]"))
	return err != nil
}

// logRows reads a log, TSV or JSON, as fields by their names. Nothing is an empty text. A log that is not there has no rows.
func logRows(t *testing.T, path string) []map[string]string {
	t.Helper()
	file, err := os.Open(path)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	unpacked, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	var rows []map[string]string
	var names []string
	lines := bufio.NewScanner(unpacked)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := lines.Text()
		row := map[string]string{}
		switch {
		case strings.HasPrefix(line, "{"):
			var object map[string]json.RawMessage
			if err := json.Unmarshal([]byte(line), &object); err != nil {
				t.Fatal(err)
			}
			for name, value := range object {
				row[name] = strings.Trim(string(value), `"`)
			}
		case strings.HasPrefix(line, "#fields\t"):
			names = strings.Split(line, "\t")[1:]
			continue
		case strings.HasPrefix(line, "#"):
			continue
		default:
			for i, value := range strings.Split(line, "\t") {
				if value != "-" && value != "(empty)" {
					row[names[i]] = value
				}
			}
		}
		rows = append(rows, row)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestCapturesComeToWhatAPlainCountGives(t *testing.T) {
	root := captures.Folder(t)
	for _, name := range []string{"taidoor", "numinon", "benign-a", "benign-b", "benign-lab"} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			folder := filepath.Join(root, name)
			summary := b.load(folder)
			if summary.Rejected() > 0 || summary.Failed() || len(summary.Unread) > 0 {
				t.Errorf("not all was read: %+v", summary)
			}
			outbound := "FROM DB.network_events WHERE NOT startsWith(ActionType, 'Inbound')"
			number := func(sql string) (n int) { _, _ = fmt.Sscan(b.count(sql), &n); return n }
			got := plainCount{
				Events:        number("SELECT count() FROM DB.network_events"),
				Outbound:      number("SELECT count() " + outbound),
				Inbound:       number("SELECT count() FROM DB.network_events WHERE ActionType IN ('InboundConnectionAccepted', 'InboundConnectionAttempted')"),
				DNS:           number("SELECT count() FROM DB.dns_events"),
				TLS:           number("SELECT countIf(NameSource = 'tls' AND RemoteUrl != '') " + outbound),
				HTTP:          number("SELECT countIf(NameSource = 'http' AND RemoteUrl != '') " + outbound),
				ByAnswer:      number("SELECT countIf(NameSource = 'dns' AND RemoteUrl != '') " + outbound),
				SentBytes:     uint64(number("SELECT sum(SentBytes) " + outbound)),
				ReceivedBytes: uint64(number("SELECT sum(ReceivedBytes) " + outbound)),
			}
			if diff := cmp.Diff(countLogs(t, folder), got); diff != "" {
				t.Errorf("-counted +imported:\n%s", diff)
			}
		})
	}
}
