package ingest_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// zeekLogs are made-up logs of two hours and a bit, as TSV: for each log its header and its rows, in order of time.
type zeekLogs map[string]*zeekLog

type zeekLog struct {
	fields, types []string
	rows          [][]string
}

func makeLogs(connections int) zeekLogs {
	id := "id.orig_h id.orig_p id.resp_h id.resp_p"
	idTypes := "addr port addr port"
	of := func(fields, types string) *zeekLog {
		return &zeekLog{fields: strings.Fields("ts uid " + fields), types: strings.Fields("time string " + types)}
	}
	logs := zeekLogs{
		"conn": of(id+" proto duration orig_bytes resp_bytes conn_state local_orig local_resp history orig_pkts resp_pkts",
			idTypes+" enum interval count count string bool bool string count count"),
		"ssl":  of(id+" server_name established", idTypes+" string bool"),
		"http": of(id+" trans_depth method host uri", idTypes+" count string string string"),
		"dns":  of(id+" trans_id query qtype_name rcode_name AA answers TTLs", idTypes+" count string string string bool vector[string] vector[interval]"),
	}
	random := rand.New(rand.NewPCG(20, 1584))
	for i := range connections {
		at := 1767571200 + float64(i)*8000/float64(connections)
		uid, device, remote := fmt.Sprintf("C%d", i), fmt.Sprintf("10.0.0.%d", 1+i%7), fmt.Sprintf("203.0.113.%d", 1+random.IntN(40))
		add := func(log string, after float64, values ...string) {
			row := append([]string{fmt.Sprintf("%.6f", at+after), uid, device, fmt.Sprint(20000 + i%30000), remote, "443"}, values...)
			logs[log].rows = append(logs[log].rows, row)
		}
		add("conn", 0, "tcp", fmt.Sprintf("%.6f", random.Float64()*100), fmt.Sprint(random.IntN(5000)), "-", []string{"SF", "S0", "RSTO"}[random.IntN(3)], "T", "F", "ShADadFf", "5", "6")
		switch i % 4 {
		case 0:
			add("ssl", 0.1, fmt.Sprintf("name-%d.example", i%50), "T")
		case 1:
			add("http", 0.2, "1", "GET", "www.example.org", `/a\x09b\x5c\xff\xc3\xa4`)
		case 2:
			add("dns", -3, fmt.Sprint(i), `q\x2c.example.net`, "A", "NOERROR", "F", `cname\x2c.example.net,`+remote, "60.000000,5.000000")
		}
	}
	return logs
}

// tsvOf writes some rows of a log.
func (l *zeekLog) tsvOf(path string, rows [][]string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\t%s\n#fields\t%s\n#types\t%s\n",
		path, strings.Join(l.fields, "\t"), strings.Join(l.types, "\t"))
	for _, row := range rows {
		fmt.Fprintln(&b, strings.Join(row, "\t"))
	}
	fmt.Fprintln(&b, "#close\t2026-01-05-03-00-00")
	return b.Bytes()
}

// jsonOf writes the same rows as Zeek's JSON writer does.
func (l *zeekLog) jsonOf(rows [][]string) []byte {
	plain := strings.NewReplacer(`\x09`, "\t", `\x2c`, ",", `\x5c`, `\`, `\xc3\xa4`, "ä") // \xff is no UTF-8, and stays
	var b bytes.Buffer
	for _, row := range rows {
		object := map[string]any{}
		for i, value := range row {
			switch kind := l.types[i]; {
			case value == "-":
			case kind == "bool":
				object[l.fields[i]] = value == "T"
			case kind == "vector[string]":
				items := strings.Split(value, ",")
				for j := range items {
					items[j] = plain.Replace(items[j])
				}
				object[l.fields[i]] = items
			case strings.HasPrefix(kind, "vector["):
				object[l.fields[i]] = json.RawMessage("[" + value + "]")
			case kind == "string" || kind == "enum" || kind == "addr":
				object[l.fields[i]] = plain.Replace(value)
			default:
				object[l.fields[i]] = json.RawMessage(value)
			}
		}
		text, err := json.Marshal(object)
		if err != nil {
			panic(err)
		}
		fmt.Fprintf(&b, "%s\n", text)
	}
	return b.Bytes()
}

func packed(text []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write(text) // a buffer takes everything
	_ = w.Close()
	return b.Bytes()
}

// write writes a file below a folder.
func write(t *testing.T, folder, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(folder, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// whole writes each log as one TSV file.
func (z zeekLogs) whole(t *testing.T) string {
	folder := t.TempDir()
	for name, log := range z {
		write(t, folder, name+".log", log.tsvOf(name, log.rows))
	}
	return folder
}
