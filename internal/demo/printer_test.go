package demo

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTablesAreAlignedAndCut(t *testing.T) {
	var out bytes.Buffer
	p := &printer{out: &out}
	p.table([]column{{"Name", false, 8}, {"Count", true, 9}, {"Köpfe", false, 6}}, [][]string{
		{"short", "7", "ä"},
		{"rather long", "1,028,106", "zwölf"},
		{"", "-", ""},
	})
	want := strings.Join([]string{
		"  Name          Count  Köpfe",
		"  short             7  ä",
		"  rather …  1,028,106  zwölf",
		"                    -",
		"",
	}, "\n")
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("table (-want +got):\n%s", diff)
	}
}

func TestNoLineIsLongerThan120Characters(t *testing.T) {
	var out bytes.Buffer
	p := &printer{out: &out}
	p.line("%s", strings.Repeat("é", 121))
	p.line("%s", strings.Repeat("é", 120))
	want := strings.Repeat("é", 119) + "…\n" + strings.Repeat("é", 120) + "\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}

func TestThePrinterRemembersItsFirstError(t *testing.T) {
	broken := errors.New("full")
	p := &printer{out: failing{broken}}
	p.line("one")
	p.line("two")
	if !errors.Is(p.err, broken) {
		t.Errorf("error = %v, want %v", p.err, broken)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }
