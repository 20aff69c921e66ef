package statement_test

import (
	"testing"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

func TestInlineWritesValuesInPlaceOfTheirPlaceholders(t *testing.T) {
	for name, c := range map[string]struct {
		sql    string
		values map[string]any
		want   string
	}{
		"numbers":                          {"{a:Int64} + {b:UInt32}", map[string]any{"a": int64(-1), "b": uint32(7)}, "-1 + 7"},
		"a text with a quote":              {"{a:String}", map[string]any{"a": `it's \ {x:Int64}`}, `'it\'s \\ \x7Bx:Int64}'`},
		"lists":                            {"{a:Array(String)} {b:Array(Int64)}", map[string]any{"a": []string{"x", "y'"}, "b": []int64{80, 443}}, `['x', 'y\''] [80, 443]`},
		"an empty list":                    {"{a:Array(Int64)}", map[string]any{"a": []int64{}}, "[]"},
		"a placeholder without a value":    {"{a:Int64} {b:Int64}", map[string]any{"a": int64(1)}, "1 {b:Int64}"},
		"one that stands twice":            {"{a:Int64} {a:Int64}", map[string]any{"a": int64(1)}, "1 1"},
		"a type with quotes, as of a time": {"{a:DateTime64(3, 'UTC')}", map[string]any{"a": int64(0)}, "0"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := statement.Inline(c.sql, c.values); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}
