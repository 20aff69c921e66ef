package ingest

import (
	"context"
	"strings"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
)

// lander writes one file's parts into landing tables.
type lander struct {
	*importer
	source  Source
	file    string
	parser  parser
	summary *FileSummary
	spares  *spares
}

// ready is a part that was read.
type ready struct {
	part    *part
	blocks  []*rowsOf // none where the part was seen before
	rejects []Reject
	known   bool
}

// read reads the records of a part, unless they were imported before.
func (l *lander) read(p *part) ready {
	r := ready{part: p}
	if _, taken := l.claimed.LoadOrStore(p.start+p.end, true); p.seen || taken {
		r.known = true
		for _, record := range p.records { // what stands behind it is read by the header in it
			if record.fault == nil && l.parser.header(p.raw(record), record.number) {
				_ = l.parser.parse(string(p.raw(record)), func(*fields) {}) // it was told when it was imported
			}
		}
		return r
	}
	r.blocks, r.rejects = l.parse(p)
	return r
}

// land writes a part that is not there yet.
func (l *lander) land(ctx context.Context, r ready) error {
	p := r.part
	l.summary.Records += int64(len(p.records))
	if r.known {
		l.summary.Known += int64(len(p.records))
		return nil
	}
	rows := 0
	for _, b := range r.blocks {
		if err := l.store.insert(ctx, b.block(p, l.file)); err != nil {
			return err
		}
		rows += len(b.lines)
		l.summary.count(b.log, len(b.lines))
	}
	if err := l.store.reject(ctx, l.source.Name, p.end, r.rejects); err != nil {
		return err
	}
	l.summary.reject(r.rejects)
	return l.store.note(ctx, noted{part: p, source: l.source.Name, file: l.file, rows: rows, rejected: len(r.rejects)})
}

// half tells of the last record, within which the file ends. It is not noted, so that it is read once the file has grown.
func (l *lander) half(ctx context.Context, r record, text []byte, at string) error {
	reject := l.rejected(r, text, r.fault)
	l.summary.Records++
	l.summary.reject([]Reject{reject})
	h := startAt(at)
	add(h, text)
	return l.store.reject(ctx, l.source.Name, sum(h), []Reject{reject})
}

// rowsOf are the rows of one log in a part.
type rowsOf struct {
	log     string
	landing landing
	lines   []uint64
	columns [][]string
	objects map[int]*tree // by column: those of a record that are put together of fields
}

// parse reads the records of a part.
func (l *lander) parse(p *part) ([]*rowsOf, []Reject) {
	// The texts of the rows are pieces of the part's text, which nobody writes to until it was landed.
	whole := text(p.text)
	byLog := map[string]*rowsOf{}
	var blocks []*rowsOf
	var rejects []Reject
	for _, r := range p.records {
		err := r.fault
		if err == nil {
			err = l.parser.parse(whole[r.from:r.to], func(f *fields) {
				log := l.source.logOf(f)
				if log == nil {
					l.summary.Others++
					return
				}
				rows := byLog[log.Name]
				if rows == nil {
					rows = l.spares.rowsFor(log.Name, l.landing[l.source.LandingTable(log.Name)], len(p.records))
					byLog[log.Name], blocks = rows, append(blocks, rows)
				}
				rows.add(f, r.line)
			})
		}
		if err != nil {
			rejects = append(rejects, l.rejected(r, p.raw(r), err))
		}
	}
	return blocks, rejects
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

// add adds a row. Of a field that is there twice the last one counts.
func (r *rowsOf) add(f *fields, line int64) {
	n := len(r.lines)
	r.lines = append(r.lines, uint64(line))
	for i := range r.columns {
		r.columns[i] = append(r.columns[i], "")
	}
	for i, key := range f.keys {
		column, ok := r.landing.columns[key]
		switch {
		case ok:
			r.columns[column][n] = unfold(f.values[i])
		case r.landing.within[key] && strings.HasPrefix(f.values[i], "{"):
			r.spread(key, f.values[i], 1)
		case strings.IndexByte(key, '.') > 0:
			r.gather(key, f.values[i])
		}
	}
	if len(r.objects) > 0 {
		r.gathered()
	}
}

func (r *rowsOf) block(p *part, file string) clickhouse.Block {
	n := len(r.lines)
	b := clickhouse.Block{Table: r.landing.table, Token: p.end + " " + r.log, Columns: append([]string{columnFile, columnLine, columnChunk}, r.landing.names...)}
	b.Data = append(b.Data, repeated(file, n), r.lines, repeated(p.reading, n))
	for _, column := range r.columns {
		b.Data = append(b.Data, column)
	}
	return b
}

func repeated(text string, n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = text
	}
	return list
}

// rejected is the row of a record that could not be read. Its text is a piece of the part's.
func (l *lander) rejected(r record, raw []byte, err error) Reject {
	return Reject{File: l.file, Line: r.line, Reason: shortened(err.Error()), Text: text(raw[:min(len(raw), keptOfLong)])}
}

// longestReason is how long a reason is, in bytes: a fault within deeply nested JSON tells each level that it lies in.
const longestReason = 200

// shortened leaves out the middle of a reason that is too long: it says at its beginning what is wrong, and at its end why.
func shortened(reason string) string {
	const cut = " … "
	if len(reason) <= longestReason {
		return reason
	}
	half := (longestReason - len(cut)) / 2
	return strings.ToValidUTF8(reason[:half], "") + cut + strings.ToValidUTF8(reason[len(reason)-half:], "")
}
