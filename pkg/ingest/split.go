package ingest

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// longestRecord bounds one record, in bytes. A longer one is left out and told.
const longestRecord = 16 << 20

// mostSkipped is how much of a record that is too long is passed over before the file is left, in bytes.
const mostSkipped = 1 << 30

// keptOfLong is how much of a record that is too long is shown, in bytes.
const keptOfLong = 64 << 10

// splitter cuts a text into records. next appends the next one to into; line is where it begins, from 1. A record that is too
// long has only its beginning appended, and an error that is errTooLong. What ends is io.EOF; errHalf is a record that the
// text ends within, which was appended. Blank records do not come.
type splitter interface {
	next(into []byte) (_ []byte, line int64, err error)
}

var (
	errTooLong = fmt.Errorf("it is longer than %d MiB", longestRecord>>20)
	errHalf    = errors.New("the file ends within it")
	errBroken  = errors.New("a quoted text does not end")
	errEndless = fmt.Errorf("a line is longer than %d MiB: the rest was left", mostSkipped>>20)
)

// lines are records that end where the line does.
type lines struct {
	in   *bufio.Reader
	line int64
}

func (l *lines) next(into []byte) ([]byte, int64, error) {
	start := len(into)
	for {
		text, line, err := l.nextRaw(into)
		record := trimLine(text[start:])
		switch ended := errors.Is(err, io.EOF); {
		case err != nil && !ended:
			return text, line, err
		case len(record) == 0 && ended:
			return into[:start], line, io.EOF
		case len(record) == 0:
			into = text[:start]
		case ended:
			return text[:start+len(record)], line, errHalf
		default:
			return text[:start+len(record)], line, nil
		}
	}
}

// nextRaw appends the next line with its end; io.EOF where the text ends before the line does.
func (l *lines) nextRaw(into []byte) ([]byte, int64, error) {
	start := len(into)
	l.line++
	for {
		piece, err := l.in.ReadSlice('\n')
		into = append(into, piece...)
		switch {
		case errors.Is(err, bufio.ErrBufferFull) && len(into)-start > longestRecord:
			if err := l.skip(); err != nil {
				return into, l.line, err
			}
			return into[:start+keptOfLong], l.line, errTooLong
		case errors.Is(err, bufio.ErrBufferFull):
		default:
			return into, l.line, err
		}
	}
}

// skip reads on to the end of the line.
func (l *lines) skip() error {
	for skipped := 0; ; {
		piece, err := l.in.ReadSlice('\n')
		switch skipped += len(piece); {
		case skipped > mostSkipped:
			return errEndless
		case errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, io.EOF):
			return nil
		default:
			return err
		}
	}
}

// trimLine takes the line's end off, and gives nothing for a line of blanks.
func trimLine(b []byte) []byte {
	for len(b) > 0 && (b[len(b)-1] == '\n' || b[len(b)-1] == '\r') {
		b = b[:len(b)-1]
	}
	for _, c := range b {
		if c != ' ' && c != '\t' {
			return b
		}
	}
	return nil
}

// objects are JSON objects, over as many lines as they like, one after the other or as the elements of a list.
type objects struct {
	in   *bufio.Reader
	line int64 // line ends so far
}

func (o *objects) next(into []byte) ([]byte, int64, error) {
	start, line := len(into), o.line+1
	depth, inText, escaped, long, skipped := 0, false, false, false, 0
	for {
		c, err := o.in.ReadByte()
		if err != nil {
			if depth > 0 && errors.Is(err, io.EOF) {
				return into, line, errHalf
			}
			return into[:start], line, err
		}
		if c == '\n' {
			o.line++
			if inText { // no JSON text goes over lines: what comes is another record
				return into, line, errBroken
			}
		}
		if depth == 0 {
			switch c {
			case '{':
				depth, line, into = 1, o.line+1, append(into, c)
			case '[', ']', ',', ' ', '\t', '\r', '\n':
			default: // what is no object is a record that cannot be read, up to the end of the line
				return o.stray(append(into, c))
			}
			continue
		}
		if long = long || len(into)-start >= longestRecord; !long {
			into = append(into, c)
		} else if skipped++; skipped > mostSkipped {
			return into, line, errEndless
		}
		switch {
		case escaped:
			escaped = false
		case inText:
			escaped, inText = c == '\\', c != '"'
		case c == '"':
			inText = true
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			depth--
		}
		if depth == 0 {
			if long {
				return into[:start+keptOfLong], line, errTooLong
			}
			return into, line, nil
		}
	}
}

// stray reads what is no object up to the end of its line.
func (o *objects) stray(into []byte) ([]byte, int64, error) {
	line := o.line + 1
	rest, _, err := (&lines{in: o.in}).next(into)
	o.line++
	if errors.Is(err, io.EOF) {
		err = errHalf
	}
	return rest, line, err
}

// rows are CSV's records: a quoted field may go over several lines.
type rows struct {
	in   *bufio.Reader
	line int64 // line ends so far
}

// longestQuoted bounds a record that goes over several lines, in bytes. Behind a quote that does not end, records are read on
// from the next line.
const longestQuoted = 1 << 20

func (r *rows) next(into []byte) ([]byte, int64, error) {
	start, line, quoted := len(into), r.line+1, false
	l := &lines{in: r.in}
	for {
		from := len(into)
		text, _, err := l.nextRaw(into)
		into = text
		if err == nil || errors.Is(err, errTooLong) {
			r.line++
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return into, line, err
		}
		quoted = quoted != (bytes.Count(into[from:], quote)%2 == 1)
		record := trimLine(into[start:])
		switch ended := errors.Is(err, io.EOF); {
		case quoted && (ended || len(into)-start > longestQuoted):
			return r.broken(into, start, line)
		case quoted:
		case len(record) == 0 && ended:
			return into[:start], line, io.EOF
		case len(record) == 0:
			into, line = into[:start], r.line+1
		case ended:
			return into[:start+len(record)], line, errHalf
		default:
			return into[:start+len(record)], line, nil
		}
	}
}

var quote = []byte(`"`)

// broken gives the first line of a record whose quote does not end; what is behind it is read again.
func (r *rows) broken(into []byte, start int, line int64) ([]byte, int64, error) {
	first, rest, more := bytes.Cut(into[start:], []byte("\n"))
	if !more {
		return into, line, errHalf
	}
	again := bytes.Clone(rest)
	r.line -= int64(bytes.Count(again, []byte("\n")))
	r.in = bufio.NewReaderSize(io.MultiReader(bytes.NewReader(again), r.in), peeked)
	return into[:start+len(first)], line, errBroken
}
