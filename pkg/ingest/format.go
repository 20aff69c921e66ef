package ingest

import (
	"bytes"
	"slices"
)

// fields are one record: its fields as texts, in the order of the sensor's. Nothing is an empty text.
type fields struct{ keys, values []string }

// get finds a field, or what lies in one that is an object: winlog.event_id. A name may itself have dots.
func (f *fields) get(key string) (string, bool) {
	if i := slices.Index(f.keys, key); i >= 0 && i < len(f.values) {
		return f.values[i], true
	}
	for i, c := range key {
		if c != '.' {
			continue
		}
		if at := slices.Index(f.keys, key[:i]); at >= 0 && at < len(f.values) {
			if value, found := within(f.values[at], key[i+1:]); found {
				return value, true
			}
		}
	}
	return "", false
}

func (f *fields) reset() { f.keys, f.values = f.keys[:0], f.values[:0] }

// mostFields bounds what a header may name: no sensor has so many, and a line of separators takes no memory.
const mostFields = 10_000

// parser reads the records of one file.
type parser interface {
	// parse reads a record, and gives emit each that it holds; a header holds none. What emit is given is good until it returns,
	// but for the texts. The error says what is wrong with the record.
	parse(raw string, emit func(*fields)) error
	// header says whether the n-th record, from 0, tells how to read others.
	header(raw []byte, n int64) bool
	// closed says of a record that can be read, the n-th, that nothing can belong to it that stands behind.
	closed(raw []byte, n int64) bool
}

// format is how a file's records are cut and read.
type format struct {
	name    string
	split   func(*file) splitter
	parser  func() parser // one that has read nothing yet
	certain bool          // it is JSON, by the first sign
}

// formats are those that a file with this beginning may have, the likeliest first. unwrap names the fields that may hold
// records.
func formats(beginning []byte, unwrap []string) []format {
	byLine := func(f *file) splitter { return &lines{in: f.Reader} }
	byObject := func(f *file) splitter { return &objects{in: f.Reader} }
	object := func() parser { return &jsonObjects{unwrap: unwrap} }
	byRow := func(f *file) splitter { return &rows{in: f.Reader} }
	first := bytes.TrimLeft(beginning, " \t\r\n")
	switch {
	case hasZeekHeader(first):
		return []format{{"TSV with a header", byLine, func() parser { return &tsv{} }, false}}
	case bytes.HasPrefix(first, []byte("[")) || oneObjectOverLines(first):
		return []format{{"JSON", byObject, object, true}}
	case bytes.HasPrefix(first, []byte("{")):
		return []format{{"JSON lines", byLine, object, true}}
	}
	list := make([]format, 0, 5)
	if bytes.Contains(first, []byte("{")) { // a line that is none may stand first; or fields of a CSV hold JSON
		list = append(list, format{"JSON lines", byLine, object, false})
	}
	for _, comma := range []byte{',', ';', '\t'} {
		list = append(list, format{"CSV", byRow, func() parser { return &csv{comma: comma} }, false})
	}
	return append(list, format{"lines", byLine, func() parser { return &plain{} }, false})
}

// hasZeekHeader says whether one of the lines of # that stand first names the fields, or what stands between them.
func hasZeekHeader(beginning []byte) bool {
	for line := range bytes.Lines(beginning) {
		line = bytes.TrimSpace(line)
		switch {
		case len(line) == 0:
		case line[0] != '#':
			return false
		case bytes.HasPrefix(line, []byte("#separator ")) || bytes.HasPrefix(line, []byte("#fields")):
			return true
		}
	}
	return false
}

// plain reads lines that have no fields: each is one.
type plain struct{ record fields }

func (*plain) header([]byte, int64) bool { return false }

func (*plain) closed([]byte, int64) bool { return false }

func (p *plain) parse(raw string, emit func(*fields)) error {
	p.record.keys, p.record.values = append(p.record.keys[:0], keyLine), append(p.record.values[:0], raw)
	emit(&p.record)
	return nil
}

// keyLine is what a line is called among the fields.
const keyLine = "line"

// oneObjectOverLines says whether a JSON object begins that does not end with its line.
func oneObjectOverLines(beginning []byte) bool {
	line, rest, more := bytes.Cut(beginning, []byte("\n"))
	line = bytes.TrimSpace(line)
	return bytes.HasPrefix(line, []byte("{")) && !bytes.HasSuffix(line, []byte("}")) && more && !bytes.HasPrefix(bytes.TrimSpace(rest), []byte("{"))
}
