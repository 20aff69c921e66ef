package sqltext

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// An INSERT of data is found, with its table, columns and format, and where its data starts.
func TestParseInsert(t *testing.T) {
	cases := []struct {
		text, head, target string
		columns            []string
		format, data       string
	}{
		{"INSERT INTO t VALUES (1)", "INSERT INTO t", "t", nil, "Values", " (1)"},
		{"insert into t format CSV\n1,2", "insert into t", "t", nil, "CSV", "1,2"},
		{"INSERT INTO TABLE db.t (a, `b c`) FORMAT JSONEachRow {}", "INSERT INTO TABLE db.t (a, `b c`)", "db.t", []string{"a", "`b c`"}, "JSONEachRow", "{}"},
		{"INSERT INTO `d b`.\"t(\" (a) VALUES", "INSERT INTO `d b`.\"t(\" (a)", "`d b`.\"t(\"", []string{"a"}, "Values", ""},
		{"INSERT INTO t (a, b)", "INSERT INTO t (a, b)", "t", []string{"a", "b"}, "", ""},
		{"INSERT INTO t(* EXCEPT(a, b)) FORMAT Native", "INSERT INTO t(* EXCEPT(a, b))", "t", []string{"* EXCEPT(a, b)"}, "Native", ""},
		{"INSERT INTO t SETTINGS a = 'FORMAT x', b = 1 FORMAT TSV\r\nx", "INSERT INTO t SETTINGS a = 'FORMAT x', b = 1", "t", nil, "TSV", "x"},
		{"-- INSERT INTO x SELECT 1\n/* VALUES */ INSERT INTO t # VALUES\n VALUES (1)", "-- INSERT INTO x SELECT 1\n/* VALUES */ INSERT INTO t # VALUES", "t", nil, "Values", " (1)"},
		{"INSERT INTO FUNCTION file('a', 'CSV', 'x Int8') (x) VALUES (1)", "INSERT INTO FUNCTION file('a', 'CSV', 'x Int8') (x)", "FUNCTION file('a', 'CSV', 'x Int8')", []string{"x"}, "Values", " (1)"},
		{"INSERT INTO t;", "INSERT INTO t", "t", nil, "", ""},
		{"INSERT INTO values VALUES (1)", "INSERT INTO values", "values", nil, "Values", " (1)"},
	}
	for _, c := range cases {
		t.Run(c.text, func(t *testing.T) {
			got, ok := ParseInsert(c.text)
			if !ok {
				t.Fatal("want an INSERT of data")
			}
			want := Insert{Head: c.head, Target: c.target, Columns: c.columns, Format: c.format, Data: len(c.text) - len(c.data)}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("insert differs (-want +got):\n%s", diff)
			}
		})
	}
}

// What is no INSERT of data is left to the engine.
func TestParseInsertLeavesOthers(t *testing.T) {
	for _, text := range []string{
		"", "SELECT 1", "INSERT", "INSERT INTO", "INSERT INTO t SELECT 1", "INSERT INTO t (a) SELECT 1 FORMAT Null",
		"INSERT INTO t (SELECT 1)", "INSERT INTO t WITH 1 AS x SELECT x", "INSERT INTO t FROM INFILE 'a'", "INSERT INTO t FORMAT", "'INSERT INTO t VALUES'",
	} {
		if got, ok := ParseInsert(text); ok {
			t.Errorf("%q: want no INSERT of data, got %+v", text, got)
		}
	}
}

// The FORMAT clause that ends a statement is found, and only that.
func TestOutputFormat(t *testing.T) {
	cases := []struct{ text, format, without string }{
		{"SELECT 1", "", "SELECT 1"},
		{"SELECT 1 FORMAT JSON", "JSON", "SELECT 1 "},
		{"SELECT 1 format JSON ; ", "JSON", "SELECT 1  ; "},
		{"SELECT 1 FORMAT JSON SETTINGS a = 1", "JSON", "SELECT 1  SETTINGS a = 1"},
		{"SELECT 1 SETTINGS a = 1 FORMAT JSON -- end", "JSON", "SELECT 1 SETTINGS a = 1  -- end"},
		{"SELECT 'FORMAT JSON'", "", "SELECT 'FORMAT JSON'"},
		{"SELECT format FROM t", "", "SELECT format FROM t"},
		{"SELECT format('{}', a) FROM t", "", "SELECT format('{}', a) FROM t"},
		{"SELECT * FROM (SELECT 1 FORMAT JSON)", "", "SELECT * FROM (SELECT 1 FORMAT JSON)"},
	}
	for _, c := range cases {
		format, without := OutputFormat(c.text)
		if format != c.format || without != c.without {
			t.Errorf("%q: want %q and %q, got %q and %q", c.text, c.format, c.without, format, without)
		}
	}
}

// Tokens are cut at quotes, escapes, heredocs and comments as ClickHouse cuts them.
func TestTokens(t *testing.T) {
	cases := []struct {
		text string
		want []string
	}{
		{`a.b = 'it''s \' -- x' -- y`, []string{"a", ".", "b", "=", `'it''s \' -- x'`}},
		{"`a``b\\`c` \"d\"", []string{"`a``b\\`c`", `"d"`}},
		{"SELECT $x$ 'a $x$, 1", []string{"SELECT", "$x$ 'a $x$", ",", "1"}},
		{"a/* ' */b #! c\nd", []string{"a", "b", "d"}},
		{"'never closed", []string{"'never closed"}},
		{`'ends in \`, []string{`'ends in \`}},
		{"ünï = 1", []string{"ünï", "=", "1"}},
	}
	for _, c := range cases {
		var got []string
		for _, token := range Tokens(c.text) {
			got = append(got, token.Text)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%q: tokens differ (-want +got):\n%s", c.text, diff)
		}
	}
}

// FuzzLexer checks on any text that tokens stand in order, inside it, and that nothing crashes.
func FuzzLexer(f *testing.F) {
	for _, seed := range []string{"", "INSERT INTO t (a) FORMAT CSV 1", "$a$ $b$", "'\\", "/*", "a'b`c\"d"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		end := 0
		for _, token := range Tokens(text) {
			if token.Start < end || token.End <= token.Start || token.End > len(text) {
				t.Fatalf("token %+v after %d in %q", token, end, text)
			}
			end = token.End
		}
		if insert, ok := ParseInsert(text); ok && (insert.Data < 0 || insert.Data > len(text)) {
			t.Fatalf("data at %d of %d", insert.Data, len(text))
		}
		OutputFormat(text)
	})
}
