package frame

import (
	"fmt"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
)

// withoutHidden takes off what the result tells of findings that the allowlist hides, and returns how many they are. The
// result may be shared: it stays as it is.
func (a Answer) withoutHidden() (Answer, int64) {
	if !a.Statement.Hides {
		return a, 0
	}
	var hidden int64
	if counts, _ := column[int64](a.Result, detect.HiddenFindings); len(counts) > 0 {
		hidden = counts[0]
	}
	rows := a.Result.Rows
	only, _ := column[int64](a.Result, detect.OnlyHidden)
	for rows > 0 && only[rows-1] != 0 { // they come last
		rows--
	}
	result, own := *a.Result, len(a.Result.Columns)-len(detect.HiddenColumns())
	result.Columns, result.Data, result.Rows = result.Columns[:own], make([]any, own), rows
	for i := range result.Data {
		result.Data[i] = first(a.Result.Data[i], rows)
	}
	a.Result = &result
	a.Statement.Columns = a.Statement.Columns[:own]
	return a, hidden
}

// first returns the first rows of a column.
func first(values any, rows int) any {
	switch v := values.(type) {
	case []time.Time:
		return v[:rows]
	case []string:
		return v[:rows]
	case []int64:
		return v[:rows]
	case []*int64:
		return v[:rows]
	case []float64:
		return v[:rows]
	case []*float64:
		return v[:rows]
	case []bool:
		return v[:rows]
	case [][]string:
		return v[:rows]
	case [][]int64:
		return v[:rows]
	default:
		return make([]string, rows)
	}
}

// hiddenText says how many findings the allowlist hides, and how to see them.
func hiddenText(n int64) string {
	if n == 1 {
		return "1 finding is hidden by the allowlist. Set the query's allowlist to ignore to see it."
	}
	return fmt.Sprintf("%d findings are hidden by the allowlist. Set the query's allowlist to ignore to see them.", n)
}
