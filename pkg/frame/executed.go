package frame

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/allowlist"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// Bounds on what a parameter shows of its value: everybody who sees a panel may read it.
const (
	shownValues = 20  // of a list
	shownRunes  = 200 // of a text
)

// executed is the SQL that ran, with its parameters as comments. Long values are cut, and the allowlist's are counted only: what
// it hides, why and for whom is not for everybody who may see a panel.
func executed(s statement.Statement) string {
	var b strings.Builder
	b.WriteString(s.SQL)
	b.WriteString("\n-- Parameters:")
	for _, p := range s.Params {
		fmt.Fprintf(&b, "\n-- {%s:%s} = %s", p.Name, p.Type, shownValue(p))
	}
	return b.String()
}

func shownValue(p statement.Param) string {
	withheld := allowlist.IsParam(p.Name)
	switch value := p.Value.(type) {
	case time.Time:
		return written(value.Format("2006-01-02T15:04:05.000Z"))
	case string:
		if withheld {
			return "withheld"
		}
		return written(clipped(value))
	case []string:
		return shownList(value, withheld, clipped)
	case []int64:
		return shownList(value, withheld, func(n int64) int64 { return n })
	default:
		return written(value)
	}
}

// shownList writes the beginning of a list.
func shownList[T any](values []T, withheld bool, clip func(T) T) string {
	if withheld {
		return fmt.Sprintf("%d values, withheld", len(values))
	}
	first := make([]T, min(len(values), shownValues))
	for i := range first {
		first[i] = clip(values[i])
	}
	text := written(first)
	if more := len(values) - len(first); more > 0 {
		text = fmt.Sprintf("%s, … and %d more]", strings.TrimSuffix(text, "]"), more)
	}
	return text
}

func clipped(text string) string {
	if runes := []rune(text); len(runes) > shownRunes {
		return string(runes[:shownRunes]) + "…"
	}
	return text
}

func written(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprintf("%q", fmt.Sprint(value))
	}
	return string(text)
}
