package ingest

import (
	"bufio"
	"bytes"
	"fmt"
	"testing"
)

// BenchmarkParse reads lines as an import does, up to the rows of a landing table.
func BenchmarkParse(b *testing.B) {
	var text bytes.Buffer
	for i := range 20_000 {
		fmt.Fprintf(&text, `{"ts":%d.123456,"uid":"C%d","id.orig_h":"10.0.0.1","id.orig_p":52626,"id.resp_h":"203.0.113.1","id.resp_p":443,"proto":"tcp","service":"ssl","duration":241.018767,"orig_bytes":312902,"resp_bytes":13778976,"conn_state":"SF","local_orig":true,"local_resp":false,"missed_bytes":0,"history":"ShADadFf","orig_pkts":1867,"orig_ip_bytes":365178,"resp_pkts":11297,"resp_ip_bytes":14095292}`+"\n", 1767571200+i, i)
	}
	landed := landing{columns: map[string]int{}}
	for i, name := range []string{"ts", "uid", "id.orig_h", "id.orig_p", "id.resp_h", "id.resp_p", "proto", "service", "duration", "orig_bytes", "resp_bytes", "conn_state", "local_orig", "local_resp", "missed_bytes", "history", "orig_pkts", "orig_ip_bytes", "resp_pkts", "resp_ip_bytes"} {
		landed.columns[name], landed.names = i, append(landed.names, name)
	}
	source := Source{Name: "s", Logs: []Log{{Name: "conn", Match: []Match{{Equals: map[string][]string{"_path": {"conn"}}}, {Keys: []string{"ts", "id.orig_h", "id.resp_h", "conn_state"}, Absent: []string{"_path"}}}}}}
	landed.know()
	b.SetBytes(int64(text.Len()))
	b.ReportAllocs()
	for b.Loop() {
		c := &chain{split: &lines{in: bufio.NewReaderSize(bytes.NewReader(text.Bytes()), peeked)}, parser: &jsonObjects{}, size: 16 << 20, after: func(string) ([]link, error) { return nil, nil }}
		p, err := c.next()
		if err != nil {
			b.Fatal(err)
		}
		l := &lander{importer: &importer{landing: map[string]landing{"s_conn": landed}}, source: source, parser: &jsonObjects{}, summary: &FileSummary{}}
		blocks, rejects := l.parse(p)
		if len(blocks) != 1 || len(blocks[0].lines) != 20_000 || len(rejects) > 0 {
			b.Fatal(len(blocks), rejects)
		}
	}
}
