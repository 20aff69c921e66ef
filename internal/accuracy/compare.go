package accuracy

import (
	"fmt"
	"strconv"
	"strings"
)

// Worse tells what is worse than a page that was written before: a channel that was found and is not, one that ranks lower, more
// benign findings a device and day. A capture that the page does not know is not compared.
func (r *Report) Worse(page string) []string {
	before, now := rowsOf(page), rowsOf(r.Page())
	var list []string
	for key, old := range before {
		current, ok := now[key]
		if !ok {
			continue // another set of captures
		}
		for i, value := range old.numbers {
			if worse(value, current.numbers[i], i == 0 && old.found) {
				list = append(list, fmt.Sprintf("%s: before %s, now %s", strings.ReplaceAll(key, "|", ", "), strings.Join(old.cells, ", "), strings.Join(current.cells, ", ")))
				break
			}
		}
	}
	return list
}

// measured is a line of the page, its numbers as far as a lower or a higher one is worse.
type measured struct {
	cells   []string
	numbers []float64
	found   bool // the first number is of channels found, of which more are better
}

// rowsOf reads the lines of a page that say how well rules do, by what they are about.
func rowsOf(page string) map[string]measured {
	rows := map[string]measured{}
	for line := range strings.Lines(page) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		switch {
		case len(cells) == 5 && strings.Contains(cells[3], " of ") && !strings.Contains(cells[2], " of "):
			rows[strings.Join(cells[:3], "|")] = measured{cells[3:], []float64{first(cells[3]), first(cells[4])}, true}
		case len(cells) == 7 && strings.Contains(cells[3], "→"):
			// a channel that is not ranked is last
			rank := 1e9
			if strings.Contains(cells[6], " of ") {
				rank = first(cells[6])
			}
			rows[strings.Join(cells[:4], "|")] = measured{cells[4:], []float64{rank}, false}
		}
	}
	return rows
}

// first is the number that a cell begins with.
func first(cell string) float64 {
	word, _, _ := strings.Cut(cell, " ")
	n, _ := strconv.ParseFloat(word, 64) // the page's own cells begin with one
	return n
}

func worse(before, now float64, more bool) bool {
	if more {
		return now < before
	}
	return now > before
}
