package ingest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
)

// Whatever a file holds: it is cut to its end, in order, into records that hold no more than it does.
func FuzzSplit(f *testing.F) {
	for _, seed := range []string{
		"", "\n", "a\nb", "{\"a\":1}\n{\"b\":[{}]}", "[{\"a\":\"}\"},\n{\"b\":\"\\\"\"}]", "a,\"b\nc\"\nd,e\n", "a,\"b\nc\nd", "x{\n}", "[{\"a\nb\"}{}]", "\"\"\"\n\"", "[[[", "}{",
	} {
		f.Add([]byte(seed), uint8(0))
	}
	f.Fuzz(func(t *testing.T, text []byte, kind uint8) {
		in := bufio.NewReaderSize(bytes.NewReader(text), 16)
		split := []splitter{&lines{in: in}, &objects{in: in}, &rows{in: in}}[kind%3]
		last, total := int64(0), 0
		for n := 0; ; n++ {
			record, line, err := split.next([]byte("before"))
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil && !errors.Is(err, errHalf) && !errors.Is(err, errBroken) {
				t.Fatalf("record %d: %v", n, err)
			}
			record = record[len("before"):]
			if total += len(record); len(record) == 0 || total > len(text) || line < last || line < 1 || line > int64(bytes.Count(text, []byte("\n")))+1 {
				t.Fatalf("record %d of %q: %q on line %d after %d", n, text, record, line, last)
			}
			if last = line; errors.Is(err, errHalf) {
				break
			}
		}
	})
}

// What is read as JSON is JSON, and all of it; the fields are those of the standard library.
func FuzzJSON(f *testing.F) {
	for _, seed := range []string{`{}`, goodRecord, `{"a":"\u00e4\n","b":[1,{"c":null}],"a":2}`, `{"a":1}x`, `{"a":}`, `[]`, `{"a":"` + "\xff" + `"}`, `{"records":[{"a":1},{"b":2}]}`, `{"records":[1]}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if text == "" {
			return
		}
		var got []fields
		err := (&jsonObjects{}).parse(text, func(r *fields) { got = append(got, *r) })
		if err != nil {
			return // the standard library lets a few texts pass that are no UTF-8
		}
		var want map[string]json.RawMessage
		if err := json.Unmarshal([]byte(text), &want); err != nil {
			t.Fatalf("%q was read, and is no JSON: %v", text, err)
		}
		if len(got) != 1 || len(got[0].keys) < len(want) || len(got[0].keys) != len(got[0].values) {
			t.Fatalf("%q was read as %v", text, got)
		}
		for i, key := range got[0].keys {
			if _, ok := want[strings.ToValidUTF8(key, "\uFFFD")]; !ok {
				t.Errorf("%q has no field %q (%q)", text, key, got[0].values[i])
			}
		}
		_ = (&jsonObjects{unwrap: []string{"records"}}).parse(text, func(*fields) {})
	})
}

const goodRecord = `{"ts":1767571200.5,"uid":"C1","id.orig_h":"10.0.0.1"}`

// Records of TSV and CSV have as many fields as their header, whatever either says.
func FuzzHeaders(f *testing.F) {
	for _, seed := range []string{
		"#separator \\x09\n#fields\ta\tb\n#types\tbool\tvector[count]\nT\t1,2\n", "#separator \n#fields a\nx", "#set_separator\t\n#fields\ta\n#types\tset[string]\nabc\n",
		"#unset_field\t\n#fields\n\n", "#fields\ta\tb\n#types\tint\tvector[count]\n1\t1,00,-0,.5,1.,1e3,1e\n", "#fields\ta\n\\x4\\\\\\xzz\\xff\n", "a,b\n1,2\n\"x\"\"y\",z\n\"x\"y,z\n",
	} {
		f.Add(seed, byte(','))
	}
	f.Fuzz(func(t *testing.T, text string, comma byte) {
		for _, p := range []parser{&tsv{}, &csv{comma: comma}} {
			for line := range strings.Lines(text) {
				if line = strings.TrimRight(line, "\r\n"); line == "" {
					continue
				}
				_ = p.parse(line, func(r *fields) {
					if len(r.keys) != len(r.values) {
						t.Fatalf("%q: %d keys and %d values", text, len(r.keys), len(r.values))
					}
					for i, value := range r.values {
						if strings.HasPrefix(value, "[") && i < len(typesOf(p)) && strings.HasPrefix(typesOf(p)[i], "vector[") && !json.Valid([]byte(value)) {
							t.Fatalf("%q: the list %q is no JSON", text, value)
						}
					}
				})
			}
		}
	})
}

func typesOf(p parser) []string {
	if t, ok := p.(*tsv); ok {
		return t.types
	}
	return nil
}
