package feeds

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
)

// table reads CSV. The names of its columns are its first row, or stand in the last comment before it, as in abuse.ch's.
func table(in *bufio.Reader, each func(Entry) error) error {
	var header []string
	for header == nil {
		line, err := lineOf(in)
		text := strings.TrimSpace(line)
		if fields := split(strings.TrimLeft(text, "# ")); len(fields) > 1 && names(fields) {
			header = fields
		} else if text != "" && !strings.HasPrefix(text, "#") {
			return unreadable("its first row names no column with an indicator: one of %s", strings.Join(columns[valueColumn], ", "))
		}
		if err != nil && header == nil {
			return unreadable("it has no names of columns")
		}
	}
	for i, name := range header {
		header[i] = strings.ToLower(strings.TrimSpace(name))
	}
	reader := csv.NewReader(in)
	reader.Comment, reader.FieldsPerRecord, reader.LazyQuotes, reader.TrimLeadingSpace, reader.ReuseRecord = '#', -1, true, true, true
	for number := 1; ; number++ {
		fields, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return unreadable("row %d: %v", number, err)
		}
		r := row{}
		for i, field := range fields {
			if i < len(header) {
				r[header[i]] = field
			}
		}
		if err := each(r.entry(fmt.Sprintf("row %d", number))); err != nil {
			return err
		}
	}
}

// split splits a line as CSV; nothing where it is none.
func split(line string) []string {
	reader := csv.NewReader(strings.NewReader(line))
	reader.LazyQuotes, reader.TrimLeadingSpace = true, true
	fields, err := reader.Read()
	if err != nil {
		return nil
	}
	return fields
}
