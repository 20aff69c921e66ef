package ingest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"slices"
)

// A file is a chain of parts: each is told by all that stood before it and by what it holds. So the same text is known again
// under another name and however it is packed; a file that has grown goes on where it ended; and an import that was cut off
// goes on behind the last part that was noted.

// link is a part that was imported: what follows Start and is Bytes long leads to End.
type link struct {
	End   string
	Bytes int64
}

// A reading is one way through a file's text: rows of one reading may be alike, and each counts; what two readings share counts once.
// It is called by how the file's chain begins; where a chain leaves what another one went on with, as when a file has the name and the
// first record of an older one, by the part that does so.

// part is some records of a file.
type part struct {
	start, end string
	bytes      int64
	text       []byte
	records    []record
	reading    string
	seen       bool // it was imported before
}

// record is one record of a part.
type record struct {
	from, to int // in the part's text
	line     int64
	fault    error // what was wrong with it before it was read
	number   int64 // of the file's records, from 0
}

func (p *part) raw(r record) []byte { return p.text[r.from:r.to] }

// chain cuts a file into parts.
type chain struct {
	split  splitter
	parser parser                             // that reads headers, to tell whether a record is whole
	root   string                             // what the chain of a file starts from, beside the file's own beginning
	after  func(start string) ([]link, error) // in the order in which they were imported
	size   int                                // of a part, in bytes
	spares *spares                            // what parts are read into; nil for fresh memory

	at     string // the hash so far; empty before the first part
	ahead  *part  // records that were read already, and belong to the next part
	number int64
	ended  bool
	fault  error   // of the file, behind its last record
	half   *record // the last record, where the file ends within it, and its text
	rest   []byte

	over    bool  // nothing will be written to the file any more
	tail    *part // the last record, whose line has no end
	reading string
}

// next gives the next part; io.EOF at the end.
func (c *chain) next() (*part, error) {
	p := c.ahead
	if c.ahead = nil; p == nil {
		p = &part{text: c.spares.text()}
	}
	if err := c.fill(p, c.size); err != nil {
		return nil, err
	}
	if len(p.records) == 0 {
		if c.fault != nil {
			return nil, c.fault
		}
		if c.tail == nil || !c.over {
			return nil, io.EOF
		}
		p, c.tail = c.tail, nil
	}
	if c.at == "" {
		c.at = c.begin(p)
		c.reading = c.at
	}
	p.start = c.at
	links, err := c.after(p.start)
	if err != nil {
		return nil, err
	}
	longest := int64(0)
	for _, l := range links {
		longest = max(longest, l.Bytes)
	}
	if err := c.fill(p, int(min(longest, longestPart))); err != nil { // it may have been sent in larger parts
		return nil, err
	}
	if c.tail != nil && c.known(p, links) {
		p.add(c.tail.text, c.tail.records[0])
		c.tail = nil
	}
	p = c.cut(p, links)
	c.at = p.end
	if len(links) > 0 && links[0].End != p.end {
		c.reading = p.end
	}
	p.reading = c.reading
	return p, nil
}

// longestPart bounds a part, in bytes.
const longestPart = 4 * longestRecord

// fill reads records until the part has so many bytes.
func (c *chain) fill(p *part, size int) error {
	for !c.ended && len(p.text) < size {
		from := len(p.text)
		text, line, err := c.split.next(p.text)
		p.text = text
		switch {
		case errors.Is(err, io.EOF):
			c.ended = true
			return nil
		case err == nil, errors.Is(err, errTooLong), errors.Is(err, errBroken):
			if err == nil && c.parser.header(text[from:], c.number) {
				_ = c.parser.parse(string(text[from:]), func(*fields) {}) // who lands it tells what is wrong with it
			}
			p.records = append(p.records, record{from: from, to: len(text), line: line, fault: err, number: c.number})
			c.number++
		case errors.Is(err, errHalf):
			c.ended = true
			c.end(p, text, record{from: from, to: len(text), line: line, number: c.number})
			return nil
		default: // what was read before the fault stands
			c.ended, c.fault, p.text = true, err, text[:from]
			return nil
		}
	}
	return nil
}

// end takes a file's last record, whose end is not there. What can be read may be whole all the same, and what cannot may go on
// later: that is told, and not noted. A record that may go on although it can be read is a part of its own, so that nothing else is
// read again when it does.
func (c *chain) end(p *part, text []byte, r record) {
	raw := text[r.from:r.to]
	switch {
	case c.parser.parse(string(raw), func(*fields) {}) != nil:
		c.rest, p.text = bytes.Clone(raw), text[:r.from]
		c.half = &record{to: len(c.rest), line: r.line, fault: errHalf}
	case c.parser.closed(raw, r.number):
		p.records = append(p.records, r)
	default:
		c.tail, p.text = &part{}, text[:r.from]
		c.tail.add(raw, r)
	}
}

// add adds a record and its text.
func (p *part) add(raw []byte, r record) {
	r.from = len(p.text)
	p.text = append(p.text, raw...)
	r.to = len(p.text)
	p.records = append(p.records, r)
}

// known says whether the part was imported before together with the tail.
func (c *chain) known(p *part, links []link) bool {
	h := startAt(p.start)
	bytes := int64(0)
	for _, r := range p.records {
		bytes += add(h, p.raw(r))
	}
	bytes += add(h, c.tail.text)
	return slices.ContainsFunc(links, func(l link) bool { return l.Bytes == bytes && l.End == sum(h) })
}

// unfinished is the line of the last record, where it may go on and was not read; 0 where none was left.
func (c *chain) unfinished() int64 {
	if c.tail == nil {
		return 0
	}
	return c.tail.records[0].line
}

// begin is the hash that a file's chain starts with: of its header and first record, so that few files share it.
func (c *chain) begin(p *part) string {
	h := startAt(c.root)
	for _, r := range p.records {
		add(h, p.raw(r))
		if !c.parser.header(p.raw(r), r.number) {
			break
		}
	}
	return sum(h)
}

// cut ends the part where one that was imported ends: the longest. What is behind it is ahead.
func (c *chain) cut(p *part, links []link) *part {
	h, bytes := startAt(p.start), int64(0)
	known, upTo := 0, ""
	for i, r := range p.records {
		bytes += add(h, p.raw(r))
		for _, l := range links {
			if l.Bytes == bytes && l.End == sum(h) {
				known, upTo, p.bytes = i+1, l.End, bytes
			}
		}
	}
	if known == 0 {
		p.end, p.bytes = sum(h), bytes
		return p
	}
	if known < len(p.records) {
		c.ahead = &part{text: c.spares.text()}
		for _, r := range p.records[known:] {
			c.ahead.add(p.raw(r), r)
		}
	}
	p.records, p.end, p.seen = p.records[:known], upTo, true
	return p
}

func startAt(text string) hash.Hash {
	h := sha256.New()
	h.Write([]byte(text))
	return h
}

// add adds a record, and says how many bytes that were.
func add(h hash.Hash, raw []byte) int64 {
	h.Write(raw)
	h.Write([]byte{'\n'})
	return int64(len(raw)) + 1
}

func sum(h hash.Hash) string { return hex.EncodeToString(h.Sum(nil)[:16]) }
