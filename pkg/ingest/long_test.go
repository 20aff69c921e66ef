package ingest

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// Whatever a long record holds that costs a reader most: reading it takes time by its length, not by its square.
func TestALongRecordTakesNoLongerThanItsLength(t *testing.T) {
	const n = 1 << 20
	zeek := func(kind string) *tsv {
		p := &tsv{}
		for _, line := range []string{"#separator \\x09", "#set_separator\t,", "#fields\ta", "#types\t" + kind} {
			if err := p.parse(line, func(*fields) {}); err != nil {
				t.Fatal(err)
			}
		}
		return p
	}
	for name, c := range map[string]struct {
		parser parser
		text   string
		length int // of the first value; -1 where the record cannot be read
	}{
		"quotes in CSV":                 {&csv{comma: ',', fields: fields{keys: []string{"a"}}}, `"` + strings.Repeat(`""`, n) + `"`, n},
		"quotes in CSV without an end":  {&csv{comma: ',', fields: fields{keys: []string{"a"}}}, `"` + strings.Repeat(`""`, n), -1},
		"commas in CSV":                 {&csv{comma: ',', fields: fields{keys: []string{"a"}}}, strings.Repeat(",", 2*n), -1},
		"quoted fields in CSV":          {&csv{comma: ',', fields: fields{keys: []string{"a"}}}, strings.Repeat(`"",`, n/2), -1},
		"escapes in TSV":                {zeek("string"), strings.Repeat(`\x09`, n/2), n / 2},
		"bytes in TSV that are no text": {zeek("string"), strings.Repeat(`\xff`, n/2), 2 * n},
		"a list in TSV":                 {zeek("vector[string]"), strings.Repeat("a,", n/8) + "a", n/2 + 5},
		"tabs in TSV":                   {zeek("string"), strings.Repeat("\t", 2*n), -1},
		"escapes in JSON":               {&jsonObjects{}, `{"a":"` + strings.Repeat(`\n`, n) + `"}`, n},
		"lists in JSON":                 {&jsonObjects{}, `{"a":` + strings.Repeat(`[`, n) + `}`, -1},
	} {
		t.Run(name, func(t *testing.T) {
			begun, length := time.Now(), -1
			err := c.parser.parse(c.text, func(f *fields) { length = len(f.values[0]) })
			if length != c.length || (err == nil) != (c.length >= 0) {
				t.Errorf("a value of %d bytes and %v, want %d bytes", length, err, c.length)
			}
			if took := time.Since(begun); took > 20*time.Second { // a square takes minutes
				t.Errorf("it took %s", took)
			}
		})
	}
}

// Whatever an object holds that is written anew: that takes time by its length as well.
func TestUnfoldingALongObjectTakesNoLongerThanItsLength(t *testing.T) {
	var many strings.Builder
	for i := range 200_000 {
		fmt.Fprintf(&many, `,"a.k%d":{"b.c":%d}`, i, i)
	}
	for name, c := range map[string]struct{ text, has string }{
		"many names": {"{" + many.String()[1:] + "}", `"k199999":{"b":{"c":199999}}`},
		"deep":       {strings.Repeat(`{"a.b":`, 5000) + "1" + strings.Repeat("}", 5000), `{"a":{"b":{"a":{"b":`},
		"dots":       {`{"a` + strings.Repeat(".", 1<<20) + `":1}`, `{"a":{"":{"":`},
		"no end":     {`{"a.b":` + strings.Repeat(`"`, 1<<20), ""},
		"twice":      {`{"a.b":1,"a":{"c":2},"a.b":3}`, `{"a":{"b":3,"c":2}}`},
		"no dots":    {`{"a":{"b":"x.y"}}`, `{"a":{"b":"x.y"}}`},
		"escapes":    {`{"a\".b":1}`, `{"a\"":{"b":1}}`},
		"no object":  {`[{"a.b":1}]`, `[{"a.b":1}]`},
	} {
		t.Run(name, func(t *testing.T) {
			begun := time.Now()
			got := unfold(c.text)
			if !strings.Contains(got, c.has) {
				t.Errorf("it is %.200q, want %q in it", got, c.has)
			}
			if took := time.Since(begun); took > 20*time.Second {
				t.Errorf("it took %s", took)
			}
		})
	}
}

// A field that is quoted may hold what would end it otherwise.
func TestCSVsQuotesAreRead(t *testing.T) {
	for text, want := range map[string][]string{
		`a,b`:               {"a", "b"},
		`a,`:                {"a", ""},
		`,`:                 {"", ""},
		`"a",b`:             {"a", "b"},
		`"a,b","c""d"`:      {"a,b", `c"d`},
		`"","""",""""""`:    {"", `"`, `""`},
		`a"b,c`:             {`a"b`, "c"},
		"\"a\nb\",c":        {"a\nb", "c"},
		`"a"b,c`:            nil,
		`"a`:                nil,
		`"a""`:              nil,
		`x,"never, ""ends`:  nil,
		`"a",`:              {"a", ""},
		"ä,\"\u00fc\"\"ß\"": {"ä", `ü"ß`},
	} {
		got, err := (&csv{comma: ','}).cut(text, nil, 10)
		if strings.Join(got, "|") != strings.Join(want, "|") || len(got) != len(want) || (err == nil) != (want != nil) {
			t.Errorf("%q is read as %q (%v), want %q", text, got, err, want)
		}
	}
	if got, err := (&csv{comma: ','}).cut("a,b,c", nil, 2); err == nil {
		t.Errorf("more fields than there may be are read as %q", got)
	}
}
