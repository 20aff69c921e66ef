package ingest

import (
	"math"
	"slices"
	"strings"
	"unsafe"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
)

// rowsOf are the rows of one log in a part. A value is told by where it stands in the part's text: so rows take half the room of texts,
// and nobody looks through them for memory that may be freed.
type rowsOf struct {
	log     string
	landing landing
	text    string // the part's
	lines   []uint64
	cells   []cell        // row by row, in the order of the columns
	others  []string      // values that do not stand in the text as they are
	blank   []cell        // a row of nothing
	objects map[int]*tree // by column: those of a record that are put together of fields

	keys    []string // of the record before
	columns []int    // those of its fields; notColumn for one that has none, elsewhere for one to be looked at
}

const (
	notColumn = -1
	elsewhere = -2
)

// cell is where a value stands.
type cell struct{ from, to uint32 }

// inOthers is where a cell's value begins that stands among the others, by its number.
const inOthers = math.MaxUint32

func newRows(log string, l landing, records int) *rowsOf {
	return &rowsOf{
		log: log, landing: l, lines: make([]uint64, 0, records),
		cells: make([]cell, 0, records*len(l.names)), blank: make([]cell, len(l.names)),
	}
}

// reset empties the rows, and keeps their memory.
func (r *rowsOf) reset() {
	clear(r.others) // they hold memory that may be given back
	r.lines, r.cells, r.others, r.text, r.keys = r.lines[:0], r.cells[:0], r.others[:0], "", nil
}

// set sets a value of the last row.
func (r *rowsOf) set(column int, value string) {
	at := &r.cells[len(r.cells)-len(r.blank)+column]
	if value == "" {
		*at = cell{}
		return
	}
	from := uintptr(unsafe.Pointer(unsafe.StringData(value))) - uintptr(unsafe.Pointer(unsafe.StringData(r.text)))
	if from < uintptr(len(r.text)) {
		*at = cell{uint32(from), uint32(from) + uint32(len(value))}
		return
	}
	*at = cell{inOthers, uint32(len(r.others))}
	r.others = append(r.others, value)
}

// get gives a value.
func (r *rowsOf) get(row, column int) string {
	at := r.cells[row*len(r.blank)+column]
	if at.from == inOthers {
		return r.others[at.to]
	}
	return r.text[at.from:at.to]
}

// add adds a row. Of a field that is there twice the last one counts.
func (r *rowsOf) add(f *fields, line int64) {
	r.lines = append(r.lines, uint64(line))
	r.cells = append(r.cells, r.blank...)
	r.know(f.keys)
	for i, column := range r.columns {
		switch value := f.values[i]; column {
		case notColumn:
		case elsewhere:
			if key := f.keys[i]; r.landing.within[key] && strings.HasPrefix(value, "{") {
				r.spread(key, value, 1)
			} else if strings.IndexByte(key, '.') > 0 {
				r.gather(key, value)
			}
		default:
			r.set(column, unfold(value))
		}
	}
	if len(r.objects) > 0 {
		r.gathered()
	}
}

// know finds the columns of a record's fields. Mostly they are those of the record before.
func (r *rowsOf) know(keys []string) {
	if slices.Equal(r.keys, keys) {
		return
	}
	r.keys, r.columns = append(r.keys[:0], keys...), r.columns[:0]
	for _, key := range keys {
		column, ok := r.landing.columns[key]
		switch {
		case ok:
		case r.landing.within[key] || strings.IndexByte(key, '.') > 0:
			column = elsewhere
		default:
			column = notColumn
		}
		r.columns = append(r.columns, column)
	}
}

func (r *rowsOf) block(p *part, file string) clickhouse.Block {
	b := clickhouse.Block{
		Table: r.landing.table, Token: p.end + " " + r.log, Rows: len(r.lines),
		Columns: append([]string{columnFile, columnLine, columnChunk}, r.landing.names...),
		Data:    []any{always(file), r.lines, always(p.reading)},
	}
	for column := range r.landing.names {
		b.Data = append(b.Data, clickhouse.Texts(func(into []string, from, to int) []string {
			for row := from; row < to; row++ {
				into = append(into, r.get(row, column))
			}
			return into
		}))
	}
	return b
}

// always is a column of one text.
func always(text string) clickhouse.Texts {
	return func(into []string, from, to int) []string {
		for range to - from {
			into = append(into, text)
		}
		return into
	}
}

// logOf finds the log that a record is of; nil for one that the source does not read.
func (s Source) logOf(f *fields) *Log {
	for i := range s.Logs {
		if s.Logs[i].fits(f.get) {
			return &s.Logs[i]
		}
	}
	return nil
}

// lastTold is the log that the record before was found to be of, where the names of its fields alone say so.
type lastTold struct {
	keys []string
	log  *Log
	sure bool
}

// logOf is Source.logOf, quicker for a record that has the fields of the one before.
func (t *lastTold) logOf(s Source, f *fields) *Log {
	if !slices.Equal(t.keys, f.keys) {
		t.keys = t.keys[:0]
		for _, key := range f.keys {
			t.keys = append(t.keys, strings.Clone(key)) // the part's text is written over
		}
		t.log, t.sure = s.logByKeys(f.keys)
	}
	if t.sure {
		return t.log
	}
	return s.logOf(f)
}

// logByKeys finds the log of every record that has these fields, whatever they hold; not sure where what they hold decides.
func (s Source) logByKeys(keys []string) (_ *Log, sure bool) {
	for i := range s.Logs {
		switch s.Logs[i].fitsKeys(keys) {
		case fits:
			return &s.Logs[i], true
		case mayFit:
			return nil, false
		}
	}
	return nil, true
}

// fit is whether a record can be of a log.
type fit int

const (
	fitsNot fit = iota
	mayFit
	fits
)

// fitsKeys says whether records with these fields are of the log.
func (l Log) fitsKeys(keys []string) fit {
	best := fitsNot
	for _, m := range l.Match {
		best = max(best, m.fitsKeys(keys))
	}
	return best
}

func (m Match) fitsKeys(keys []string) fit {
	all := fits
	for key := range m.Equals {
		all = min(all, there(keys, key), mayFit)
	}
	for key := range m.Like {
		all = min(all, there(keys, key), mayFit)
	}
	for _, key := range m.Keys {
		all = min(all, there(keys, key))
	}
	for _, key := range m.Absent {
		all = min(all, fits-there(keys, key))
	}
	return all
}

// there says whether a record with these fields has another: that may lie within one of them.
func there(keys []string, key string) fit {
	if slices.Contains(keys, key) {
		return fits
	}
	for i, c := range key {
		if c == '.' && slices.Contains(keys, key[:i]) {
			return mayFit
		}
	}
	return fitsNot
}
