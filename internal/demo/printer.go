package demo

import (
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"
)

// width is the longest line that the demo prints, in characters.
const width = 120

// minute is the layout of the times that the demo prints.
const minute = "2006-01-02 15:04"

// printer writes lines and remembers the first error.
type printer struct {
	out io.Writer
	err error
}

func (p *printer) line(format string, args ...any) {
	if _, err := fmt.Fprintln(p.out, clip(fmt.Sprintf(format, args...), width)); err != nil && p.err == nil {
		p.err = err
	}
}

// column is one column of a printed table.
type column struct {
	name  string
	right bool // numbers
	most  int  // characters; longer cells are cut
}

// table prints rows in aligned columns.
func (p *printer) table(columns []column, rows [][]string) {
	widths := make([]int, len(columns))
	header := make([]string, len(columns))
	for i, c := range columns {
		header[i] = c.name
		widths[i] = utf8.RuneCountInString(c.name)
		for _, row := range rows {
			widths[i] = max(widths[i], min(c.most, utf8.RuneCountInString(row[i])))
		}
	}
	for _, row := range append([][]string{header}, rows...) {
		var line strings.Builder
		for i, c := range columns {
			cell := clip(row[i], widths[i])
			padding := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
			if c.right {
				cell, padding = padding+cell, ""
			}
			line.WriteString("  " + cell + padding)
		}
		p.line("%s", strings.TrimRight(line.String(), " "))
	}
}

func clip(text string, most int) string {
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return string([]rune(text)[:most-1]) + "…"
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }
