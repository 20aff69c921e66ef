// Package feeds reads what publishers of threat intelligence write: plain lists, CSV with named columns (abuse.ch's among them), abuse.ch's
// JSON, MISP's events and attributes, and STIX 2.1 bundles.
package feeds

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/indicators"
)

// Format is how a feed is written.
type Format string

// The formats. Auto tells them by how a feed begins.
const (
	Auto  Format = "auto"
	Plain Format = "plain" // a line each
	CSV   Format = "csv"   // columns by their names
	JSON  Format = "json"  // objects with the names that CSV has
	MISP  Format = "misp"
	STIX  Format = "stix"
)

// Formats returns the formats by name.
func Formats() []Format { return []Format{Auto, Plain, CSV, JSON, MISP, STIX} }

// Entry is one indicator as it was read, not settled yet.
type Entry struct {
	indicators.Indicator
	Where   string // in the feed: a line, or an object's identifier
	Revoked bool   // its source has taken it back
	// Problem says why there is no indicator; nil where there is one.
	Problem error
}

// ErrFormat says that a feed is not written as it should be. What was read before it has been handed over.
var ErrFormat = errors.New("the feed is not written as it should be")

func unreadable(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrFormat, fmt.Sprintf(format, args...))
}

// Read hands over each entry of a feed. An error of each ends the reading, and is returned.
func Read(in io.Reader, format Format, each func(Entry) error) error {
	reader := bufio.NewReaderSize(in, 1<<16)
	head, err := reader.Peek(1 << 12)
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read the feed: %w", err)
	}
	if bytes.HasPrefix(head, []byte("\ufeff")) {
		_, _ = reader.Discard(len("\ufeff")) // it is there
		head = head[len("\ufeff"):]
	}
	if format == Auto || format == "" {
		format = told(head)
	}
	switch format {
	case Plain:
		return plain(reader, each)
	case CSV:
		return table(reader, each)
	case JSON, MISP, STIX:
		return documents(reader, format, each)
	default:
		return unreadable("there is no format %q", format)
	}
}

// told tells a format by the beginning of a feed. Objects of JSON say themselves what they are.
func told(head []byte) Format {
	text := strings.TrimLeftFunc(string(head), unicode.IsSpace)
	if strings.HasPrefix(text, "{") || strings.HasPrefix(text, "[{") || strings.HasPrefix(text, "[\n") || strings.HasPrefix(text, "[]") {
		return JSON
	}
	for line := range strings.Lines(text) {
		if fields := split(strings.TrimLeft(line, "# ")); len(fields) > 1 && names(fields) {
			return CSV
		}
	}
	return Plain
}

// names reports whether these are the names of columns.
func names(fields []string) bool {
	return slices.ContainsFunc(fields, func(f string) bool { return columnOf(f) == valueColumn })
}

// plain reads a line each. What stands behind a blank, a comma or a comment's sign is somebody's remark.
func plain(in *bufio.Reader, each func(Entry) error) error {
	for number := 1; ; number++ {
		line, err := lineOf(in)
		if text := strings.TrimSpace(line); text != "" && !strings.HasPrefix(text, "#") && !strings.HasPrefix(text, ";") && !strings.HasPrefix(text, "//") {
			if hosts := sinkholed(text); len(hosts) > 0 {
				for _, host := range hosts {
					named := Entry{Indicator: indicators.Indicator{Kind: indicators.Host, Value: host, Confidence: -1}, Where: fmt.Sprintf("line %d", number)}
					if wrong := each(named); wrong != nil {
						return wrong
					}
				}
				continue
			}
			if cut := strings.IndexFunc(text, func(r rune) bool { return unicode.IsSpace(r) || r == ',' || r == ';' || r == '#' }); cut > 0 && !strings.Contains(text[:cut], "://") {
				text = text[:cut]
			}
			if wrong := each(guessed(text, fmt.Sprintf("line %d", number))); wrong != nil {
				return wrong
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// sinkholed returns the names of a line of a hosts file that leads them nowhere; none where it is no such line. What every hosts file
// names, such as localhost, is left out.
func sinkholed(line string) (names []string) {
	line, _, _ = strings.Cut(line, "#")
	fields := strings.Fields(line)
	if len(fields) < 2 || !slices.Contains([]string{"0.0.0.0", "127.0.0.1", "::", "::1"}, fields[0]) {
		return nil
	}
	return slices.DeleteFunc(fields[1:], func(name string) bool {
		return !strings.Contains(name, ".") || name == fields[0] || strings.HasSuffix(name, ".localdomain")
	})
}

func guessed(value, where string) Entry {
	kind, err := indicators.KindOf(value)
	return Entry{Indicator: indicators.Indicator{Kind: kind, Value: value, Confidence: -1}, Where: where, Problem: err}
}

// longest is how many bytes a line may have.
const longest = 1 << 20

// lineOf reads a line. One that is too long is an error: nothing tells where it would end.
func lineOf(in *bufio.Reader) (string, error) {
	var line []byte
	for {
		part, err := in.ReadSlice('\n')
		if len(line)+len(part) > longest {
			return "", unreadable("a line has more than %d bytes", longest)
		}
		line = append(line, part...)
		if !errors.Is(err, bufio.ErrBufferFull) {
			return string(line), err
		}
	}
}
