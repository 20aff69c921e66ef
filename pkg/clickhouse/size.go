package clickhouse

import (
	"reflect"
	"sort"
	"time"
	"unsafe"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// Size is what the result holds in memory, in bytes, to within what a list may have to spare.
func (r *Result) Size() int64 {
	if r == nil {
		return 0
	}
	size := int64(unsafe.Sizeof(*r))
	for _, values := range r.Data {
		size += sizeOf(values)
	}
	return size
}

func sizeOf(values any) int64 {
	const text, slice, number = int64(unsafe.Sizeof("")), int64(unsafe.Sizeof([]int64{})), int64(unsafe.Sizeof(int64(0)))
	size := int64(reflect.ValueOf(values).Cap())
	switch v := values.(type) {
	case []time.Time:
		return size * int64(unsafe.Sizeof(time.Time{}))
	case []string:
		size *= text
		for _, s := range v {
			size += int64(len(s))
		}
	case [][]string:
		size *= slice
		for _, list := range v {
			size += sizeOf(list)
		}
	case [][]int64:
		size *= slice
		for _, list := range v {
			size += int64(cap(list)) * number
		}
	case []*int64: // each number lies elsewhere
		size *= 2 * number
	default:
		size *= number
	}
	return size
}

// limited returns the beginning of the result that a statement with a lower limit would have returned. It shares the
// memory of the whole.
func (r *Result) limited(s statement.Statement, limit int64) *Result {
	rows := int(min(int64(r.Rows), limit))
	if s.SeriesLimit > 0 {
		for i, c := range r.Columns {
			if ranks, ok := r.Data[i].([]int64); ok && c.Name == statement.RankColumn {
				rows = sort.Search(r.Rows, func(row int) bool { return ranks[row] > limit })
			}
		}
	}
	first := *r
	first.Rows, first.Data = rows, make([]any, len(r.Data))
	for i, values := range r.Data {
		first.Data[i] = reflect.ValueOf(values).Slice3(0, rows, rows).Interface()
	}
	return &first
}
