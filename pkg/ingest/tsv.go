package ingest

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-faster/jx"
)

// tsv reads Zeek's TSV: lines of # say what the fields are, what stands between them and how nothing is written.
// https://docs.zeek.org/en/master/log-formats.html#zeek-tsv-format-logs. What it gives is what Zeek's JSON of the same log
// would: true and false, lists as JSON, and nothing for what is unset or empty.
type tsv struct {
	separator, setSeparator string
	empty, unset            string
	path                    string
	types                   []string // of the fields, as far as the header tells
	names                   []string // of the fields
	fields                  fields   // the keys are the header's, and the path behind them where it tells one
}

// keyPath is what the log's own path is called among the fields, as Corelight's JSON calls it.
const keyPath = "_path"

func (t *tsv) header(raw []byte, _ int64) bool { return raw[0] == '#' }

func (t *tsv) closed([]byte, int64) bool { return false }

func (t *tsv) parse(raw string, emit func(*fields)) error {
	if raw[0] == '#' {
		return t.learn(raw[1:])
	}
	if len(t.names) == 0 {
		return errors.New("no line of #fields stands before it")
	}
	values := t.fields.values[:0]
	want, rest, more := len(t.names), raw, true
	for more && len(values) < want {
		var value string
		value, rest, more = strings.Cut(rest, t.separator)
		values = append(values, t.value(value, len(values)))
	}
	if more || len(values) < want {
		n := len(values)
		if more {
			n += 1 + strings.Count(rest, t.separator)
		}
		return fmt.Errorf("it has %d fields, and the header %d", n, want)
	}
	if t.path != "" {
		values = append(values, t.path)
	}
	t.fields.values = values
	emit(&t.fields)
	return nil
}

// learn reads a line of the header.
func (t *tsv) learn(line string) error {
	line = strings.Clone(line) // what it holds outlives the part that it is a piece of
	if sign, ok := strings.CutPrefix(line, "separator "); ok {
		before := *t
		*t = tsv{separator: cmp.Or(unescape(sign), "\t"), setSeparator: ",", empty: "(empty)", unset: "-"}
		if len(before.names) == 0 && before.separator != "" { // lines of the same header stand before it
			t.setSeparator, t.empty, t.unset, t.path = before.setSeparator, before.empty, before.unset, before.path
			t.name()
		}
		return nil
	}
	if t.separator == "" {
		*t = tsv{separator: "\t", setSeparator: ",", empty: "(empty)", unset: "-"}
	}
	name, rest, _ := strings.Cut(line, t.separator)
	switch name {
	case "set_separator":
		t.setSeparator = cmp.Or(unescape(rest), ",")
	case "empty_field":
		t.empty = unescape(rest)
	case "unset_field":
		t.unset = unescape(rest)
	case "path":
		t.path = rest
		t.name()
	case "fields":
		if n := 1 + strings.Count(rest, t.separator); n > mostFields {
			return fmt.Errorf("the header names %d fields, more than %d", n, mostFields)
		}
		t.names = strings.Split(rest, t.separator)
		t.name()
	case "types":
		t.types = strings.Split(rest, t.separator)
	}
	return nil
}

// name names the fields of the records.
func (t *tsv) name() {
	t.fields = fields{keys: slices.Clone(t.names)}
	if t.path != "" {
		t.fields.keys = append(t.fields.keys, keyPath)
	}
}

// value is the i-th field's.
func (t *tsv) value(raw string, i int) string {
	kind := ""
	if i < len(t.types) {
		kind = t.types[i]
	}
	switch {
	case raw == t.unset:
		return ""
	case kind == "bool":
		return map[string]string{"T": "true", "F": "false"}[raw]
	case strings.HasPrefix(kind, "vector[") || strings.HasPrefix(kind, "set["):
		return t.list(raw, kind)
	case raw == t.empty:
		return ""
	default:
		return unescape(raw)
	}
}

// list writes a vector or set as a JSON list.
func (t *tsv) list(raw, kind string) string {
	if raw == t.empty {
		return "[]"
	}
	_, element, _ := strings.Cut(strings.TrimSuffix(kind, "]"), "[")
	var b strings.Builder
	b.Grow(len(raw) + 16)
	b.WriteByte('[')
	for i, item := range strings.Split(raw, t.setSeparator) {
		if i > 0 {
			b.WriteByte(',')
		}
		switch {
		case item == t.unset:
			b.WriteString("null")
		case isNumber(item) && (element == "interval" || element == "count" || element == "int" || element == "double" || element == "port" || element == "time"):
			b.WriteString(item)
		default:
			b.Write(appendJSON(nil, unescape(item)))
		}
	}
	b.WriteByte(']')
	return b.String()
}

// isNumber says whether a text is a number as JSON writes it: 00 and .5 are none.
func isNumber(text string) bool {
	return text != "" && (text[0] == '-' || '0' <= text[0] && text[0] <= '9') && jx.Valid([]byte(text))
}

const hexDigits = "0123456789abcdef"

// unescape reads Zeek's \x09. What would be no UTF-8 stays as it is written, as in Zeek's JSON.
func unescape(text string) string {
	if !strings.Contains(text, `\`) {
		return text
	}
	raw := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		if text[i] == '\\' && i+3 < len(text) && text[i+1] == 'x' {
			if n, err := strconv.ParseUint(text[i+2:i+4], 16, 8); err == nil {
				raw = append(raw, byte(n))
				i += 3
				continue
			}
		}
		if text[i] == '\\' && i+1 < len(text) && text[i+1] == '\\' {
			i++
		}
		raw = append(raw, text[i])
	}
	out := make([]byte, 0, len(raw))
	for len(raw) > 0 {
		r, n := utf8.DecodeRune(raw)
		if r == utf8.RuneError && n == 1 {
			out = append(out, '\\', 'x', hexDigits[raw[0]>>4], hexDigits[raw[0]&15])
		} else {
			out = append(out, raw[:n]...)
		}
		raw = raw[n:]
	}
	return string(out)
}
