package ingest

import (
	"context"
	"strings"
)

// lander writes one file's parts into landing tables.
type lander struct {
	*importer
	source  Source
	file    string
	parser  parser
	summary *FileSummary
	spares  *spares
	told    lastTold
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

// parse reads the records of a part.
func (l *lander) parse(p *part) ([]*rowsOf, []Reject) {
	// The texts of the rows are pieces of the part's text, which nobody writes to until it was landed.
	whole := text(p.text)
	byLog := map[*Log]*rowsOf{}
	var blocks []*rowsOf
	var rejects []Reject
	for _, r := range p.records {
		err := r.fault
		if err == nil {
			err = l.parser.parse(whole[r.from:r.to], func(f *fields) {
				log := l.told.logOf(l.source, f)
				if log == nil {
					l.summary.Others++
					return
				}
				rows := byLog[log]
				if rows == nil {
					rows = l.spares.rowsFor(log.Name, l.landing[l.source.LandingTable(log.Name)], len(p.records))
					rows.text = whole
					byLog[log], blocks = rows, append(blocks, rows)
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
