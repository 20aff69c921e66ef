package clickhouse_test

import (
	"fmt"
	"math"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// awkward are texts that a transport may spoil.
var awkward = map[string]string{
	"empty":               "",
	"plain":               "duckdns.org",
	"single quote":        "O'Brien''s",
	"double quote":        `say "hi"`,
	"backslash":           `C:\Windows\new\temp\0`,
	"backslash at end":    `\`,
	"tab":                 "a\tb",
	"newline":             "a\nb\r\nc",
	"NUL":                 "a\x00b",
	"bell and backspace":  "\a\b\f\v\x1b",
	"a null's text":       `\N`,
	"NULL":                "NULL",
	"a placeholder":       "{x:String}",
	"SQL":                 "'); DROP TABLE network_events; --",
	"brackets":            "['a','b']",
	"comma":               "a,b",
	"percent and plus":    "100%25 a+b&c=d?#",
	"not ASCII":           "Zürich 東京 🦊",
	"spaces at both ends": "  a  ",
	"long":                strings.Repeat("x'\\", 5000),
}

func TestATextArrivesAsItIs(t *testing.T) {
	overBoth(t, func(t *testing.T, protocol settings.Protocol) {
		client := sharedClient(t, protocol)
		for name, value := range awkward {
			t.Run(name, func(t *testing.T) {
				result := run(t, client, selecting(t, "SELECT {x:String} AS X", map[string]any{"x": value}, column("X", statement.Text)))
				if diff := cmp.Diff([]string{value}, result.Data[0]); diff != "" {
					t.Errorf("-want +got\n%s", diff)
				}
			})
		}
	})
}

func TestAListOfTextsArrivesAsItIs(t *testing.T) {
	lists := map[string][]string{"empty": {}, "all at once": nil}
	for name, value := range awkward {
		lists[name] = []string{value}
		lists["all at once"] = append(lists["all at once"], value)
	}
	overBoth(t, func(t *testing.T, protocol settings.Protocol) {
		client := sharedClient(t, protocol)
		for name, value := range lists {
			t.Run(name, func(t *testing.T) {
				result := run(t, client, selecting(t, "SELECT {x:Array(String)} AS X", map[string]any{"x": value}, column("X", statement.List)))
				if diff := cmp.Diff([][]string{value}, result.Data[0]); diff != "" {
					t.Errorf("-want +got\n%s", diff)
				}
			})
		}
	})
}

func TestAnInstantArrivesToTheMillisecond(t *testing.T) {
	berlin := time.FixedZone("CET", 3600)
	instants := []time.Time{
		time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC),
		time.Date(1969, 12, 31, 23, 59, 59, 999e6, time.UTC),
		time.Date(1969, 12, 31, 23, 59, 58, 1e6, time.UTC),
		time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC),
		time.Date(1970, 1, 1, 0, 0, 0, 1e6, time.UTC),
		time.Date(1970, 1, 2, 3, 4, 5, 6e6, time.UTC),
		time.Date(1999, 12, 31, 23, 59, 59, 999e6, time.UTC),
		time.Date(2001, 9, 9, 1, 46, 39, 999e6, time.UTC),
		time.Date(2001, 9, 9, 1, 46, 40, 0, time.UTC),
		time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC),
		time.Date(2026, 3, 29, 2, 30, 0, 7e6, berlin),
		time.Date(2038, 1, 19, 3, 14, 8, 0, time.UTC),
		time.Date(2106, 2, 7, 6, 28, 16, 1e6, time.UTC),
		time.Date(2299, 12, 31, 23, 59, 59, 999e6, time.UTC),
	}
	overBoth(t, func(t *testing.T, protocol settings.Protocol) {
		client := sharedClient(t, protocol)
		for _, instant := range instants {
			t.Run(instant.Format(time.RFC3339Nano), func(t *testing.T) {
				result := run(t, client, selecting(t, "SELECT toString({x:DateTime64(3, 'UTC')}) AS X", map[string]any{"x": instant}, column("X", statement.Text)))
				if diff := cmp.Diff([]string{instant.UTC().Format("2006-01-02 15:04:05.000")}, result.Data[0]); diff != "" {
					t.Errorf("-want +got\n%s", diff)
				}
			})
		}
	})
}

func TestANumberArrivesExactly(t *testing.T) {
	mapped, _ := new(big.Int).SetString("281470681743360", 10) // ::ffff:0:0
	highest := new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 128), big.NewInt(1))
	cases := []struct {
		chType string
		value  any
	}{
		{"Int64", int64(0)}, {"Int64", int64(math.MinInt64)}, {"Int64", int64(math.MaxInt64)},
		{"UInt32", uint32(0)}, {"UInt32", uint32(math.MaxUint32)},
		{"UInt128", big.NewInt(0)}, {"UInt128", mapped}, {"UInt128", highest},
		{"Array(Int64)", []int64{}}, {"Array(Int64)", []int64{80, -1, math.MinInt64, math.MaxInt64}},
		{"Bool", true}, {"Bool", false},
	}
	overBoth(t, func(t *testing.T, protocol settings.Protocol) {
		client := sharedClient(t, protocol)
		for _, c := range cases {
			t.Run(fmt.Sprintf("%s %v", c.chType, c.value), func(t *testing.T) {
				want := strings.ReplaceAll(fmt.Sprint(c.value), " ", ",")
				result := run(t, client, selecting(t, "SELECT toString({x:"+c.chType+"}) AS X", map[string]any{"x": c.value}, column("X", statement.Text)))
				if diff := cmp.Diff([]string{want}, result.Data[0]); diff != "" {
					t.Errorf("-want +got\n%s", diff)
				}
			})
		}
	})
}

func TestAFractionArrivesBitForBit(t *testing.T) {
	overBoth(t, func(t *testing.T, protocol settings.Protocol) {
		client := sharedClient(t, protocol)
		for _, value := range []float64{0, 0.5, 200, -1, 0.1, 1.0 / 3, 1e-7, 5e-324, 1e21, math.MaxFloat64, math.SmallestNonzeroFloat64, 123456789.123456789} {
			t.Run(fmt.Sprint(value), func(t *testing.T) {
				result := run(t, client, selecting(t, "SELECT {x:Float64} AS X", map[string]any{"x": value}, column("X", statement.Number)))
				if got := result.Data[0].([]float64)[0]; math.Float64bits(got) != math.Float64bits(value) {
					t.Errorf("want %v, got %v", value, got)
				}
			})
		}
	})
}
