package ingest_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/ingest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
	"github.com/fluxhound/fluxhound-detections-datasource/sources"
)

// BenchmarkImport imports a day of Zeek's JSON: connections, and a TLS record for every third. Beside it the same files, and the same
// events, are written by ClickHouse's own INSERT … FORMAT JSONEachRow. One run of it takes minutes: -benchtime 1x.
func BenchmarkImport(b *testing.B) {
	const connections = 400_000
	folder := b.TempDir()
	writeDay(b, folder, connections)
	known, err := ingest.Load(sources.Files)
	if err != nil {
		b.Fatal(err)
	}
	files, err := ingest.Find([]string{folder})
	if err != nil {
		b.Fatal(err)
	}
	var landed, made, plain, events time.Duration
	most := uint64(0)
	for b.Loop() {
		server := chtest.Database(b)
		server.CreateTable(b, settings.DefaultTable)
		client, err := clickhouse.New(server.Settings(settings.Native), nil)
		if err != nil {
			b.Fatal(err)
		}
		o := ingest.Options{Client: client, Database: server.Database, Table: settings.DefaultTable, Sources: known, Internal: settings.PrivateNetworks()}
		begun := time.Now()
		var once sync.Once
		o.Progress = func(p ingest.Progress) {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapInuse)
			if p.Making {
				once.Do(func() { landed += time.Since(begun) })
			}
		}
		if _, err := ingest.Import(b.Context(), o, files); err != nil {
			b.Fatal(err)
		}
		made += time.Since(begun)
		server.Exec(b, fmt.Sprintf("SELECT throwIf(count() != %d) FROM %s.network_events FORMAT Null", connections, server.Database))

		for _, table := range []string{"zeek_conn", "zeek_ssl", "network_events"} {
			server.Exec(b, "CREATE TABLE "+server.Database+".plain_"+table+" AS "+server.Database+"."+table)
		}
		begun = time.Now()
		for _, log := range []string{"conn", "ssl"} {
			file, err := os.Open(filepath.Join(folder, log+".json"))
			if err != nil {
				b.Fatal(err)
			}
			post(b, server, "INSERT INTO "+server.Database+".plain_zeek_"+log+" FORMAT JSONEachRow", file)
			_ = file.Close() // nothing was written to it
		}
		plain += time.Since(begun)
		export := filepath.Join(folder, ".events")
		exportEvents(b, client, server.Database, export)
		file, err := os.Open(export)
		if err != nil {
			b.Fatal(err)
		}
		begun = time.Now()
		post(b, server, "INSERT INTO "+server.Database+".plain_network_events FORMAT JSONEachRow", file)
		events += time.Since(begun)
		_ = file.Close() // nothing was written to it
		if err := client.Close(); err != nil {
			b.Fatal(err)
		}
	}
	for name, took := range map[string]time.Duration{"landed/s": landed, "events/s": made, "plain-logs/s": plain, "plain-events/s": events} {
		b.ReportMetric(float64(connections*b.N)/took.Seconds(), name)
	}
	b.ReportMetric(float64(most>>20), "MiB")
	b.ReportMetric(0, "ns/op")
}

// writeDay writes a day's logs as Zeek's JSON writer does.
func writeDay(b *testing.B, folder string, connections int) {
	b.Helper()
	writers := map[string]*bufio.Writer{}
	for _, log := range []string{"conn", "ssl"} {
		file, err := os.Create(filepath.Join(folder, log+".json"))
		if err != nil {
			b.Fatal(err)
		}
		writers[log] = bufio.NewWriterSize(file, 1<<20)
		defer func() { _ = file.Close() }() // Flush told
	}
	for i := range connections {
		at := 1767571200 + 86400*float64(i)/float64(connections)
		id := fmt.Sprintf(`"ts":%.6f,"uid":"C%016x","id.orig_h":"10.0.%d.%d","id.orig_p":%d,"id.resp_h":"203.0.%d.%d","id.resp_p":443`,
			at, uint64(i)*0x9E3779B97F4A7C15, i%40, i%250, 20000+i%40000, i%113, i*7%251)
		fmt.Fprintf(writers["conn"], `{%s,"proto":"tcp","service":"ssl","duration":%d.018767,"orig_bytes":%d,"resp_bytes":%d,"conn_state":"SF","local_orig":true,"local_resp":false,"missed_bytes":0,"history":"ShADadFf","orig_pkts":%d,"orig_ip_bytes":%d,"resp_pkts":%d,"resp_ip_bytes":%d}`+"\n",
			id, i%600, i*31%500_000, i*77%5_000_000, i%900, i*33%500_000, i%4000, i*79%5_000_000)
		if i%3 == 0 {
			fmt.Fprintf(writers["ssl"], `{%s,"version":"TLSv13","server_name":"name-%d.example.com","resumed":false,"established":true}`+"\n", id, i%5000)
		}
	}
	for _, w := range writers {
		if err := w.Flush(); err != nil {
			b.Fatal(err)
		}
	}
}

// post runs a statement whose rows are a file's.
func post(b *testing.B, server chtest.Server, query string, body io.Reader) {
	b.Helper()
	request, err := http.NewRequestWithContext(b.Context(), http.MethodPost, "http://"+server.Address(settings.HTTP)+"/?query="+url.QueryEscape(query), body)
	if err != nil {
		b.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		b.Fatal(err)
	}
	defer response.Body.Close()
	if said, err := io.ReadAll(response.Body); err != nil || response.StatusCode != http.StatusOK {
		b.Fatal(response.Status, string(said), err)
	}
}

// exportEvents writes the events as JSON lines.
func exportEvents(b *testing.B, client *clickhouse.Client, database, path string) {
	b.Helper()
	result, err := client.Query(context.Background(), statement.Statement{
		SQL:     "SELECT formatRowNoNewline('JSONEachRow', *) AS Row FROM " + database + ".network_events",
		Columns: []statement.Column{{Name: "Row", Kind: statement.Text}}, RowLimit: 10_000_000,
	}, clickhouse.Origin{})
	if err != nil {
		b.Fatal(err)
	}
	file, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	w := bufio.NewWriterSize(file, 1<<20)
	for _, row := range result.Data[0].([]string) {
		_, _ = w.WriteString(row)
		_ = w.WriteByte('\n')
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	_ = file.Close() // Flush told
}
