package clickhouse

import (
	"fmt"
	"math"
	"reflect"
	"strings"
	"time"

	driver "github.com/ClickHouse/clickhouse-go/v2"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// arguments hands a statement's parameters to the driver, which sends each beside the SQL. Lists that are the same travel
// once. Over HTTP a long list travels in pieces, of which the SQL makes one again: each is a field of a form, whose length
// ClickHouse bounds (http_max_field_value_size, 128 KiB unless configured otherwise).
func (c *Client) arguments(s statement.Statement) (sql string, list []any) {
	longest := math.MaxInt
	if c.settings.Protocol == settings.HTTP {
		longest = longestField
	}
	var stands []string           // pairs: a placeholder, and what stands for it
	sameAs := map[string]string{} // by type and items: what stands for such a list
	for _, p := range s.Params {
		items := reflect.ValueOf(p.Value)
		if items.Kind() != reflect.Slice {
			list = append(list, driver.Named(p.Name, value(p)))
			continue
		}
		key := fmt.Sprintf("%s %q", p.Type, p.Value)
		if whole, ok := sameAs[key]; ok {
			stands = append(stands, placeholder(p), whole)
			continue
		}
		pieces := inPieces(p, items, longest)
		names := make([]string, len(pieces))
		for i, piece := range pieces {
			names[i], list = placeholder(piece), append(list, driver.Named(piece.Name, piece.Value))
		}
		sameAs[key] = names[0]
		if len(pieces) > 1 {
			sameAs[key] = "arrayConcat(" + strings.Join(names, ", ") + ")"
			stands = append(stands, placeholder(p), sameAs[key])
		}
	}
	return strings.NewReplacer(stands...).Replace(s.SQL), list
}

func placeholder(p statement.Param) string { return "{" + p.Name + ":" + p.Type + "}" }

// longestField bounds what of a parameter goes into one field of a form, in bytes as they are written there.
const longestField = 96 << 10

// inPieces cuts a list into pieces that are no longer than that, in bytes as they are written in a field.
func inPieces(p statement.Param, items reflect.Value, longest int) []statement.Param {
	var pieces []statement.Param
	from, size := 0, 0
	cut := func(to int) {
		pieces = append(pieces, statement.Param{Name: pieceName(p, len(pieces)), Type: p.Type, Value: items.Slice(from, to).Interface()})
		from, size = to, 0
	}
	for i := range items.Len() {
		own := written(items.Index(i))
		if size > 0 && size+own > longest {
			cut(i)
		}
		size += own
	}
	cut(items.Len())
	return pieces
}

// pieceName is the list's own for the first piece, so that a short list keeps its name.
func pieceName(p statement.Param, n int) string {
	if n == 0 {
		return p.Name
	}
	return fmt.Sprintf("%s__%d", p.Name, n)
}

// written is how much of a field an item of a list takes at most: a text stands in quotes, and a character that has to be
// escaped is escaped twice.
func written(item reflect.Value) int {
	if item.Kind() != reflect.String {
		return len("-9223372036854775808, ")
	}
	text, n := item.String(), len("'', ")
	for i := range len(text) {
		if text[i] < ' ' || text[i] == '\\' || text[i] == '\'' {
			n += 3
		}
		n++
	}
	return n
}

// value is a parameter in a form that the driver sends exactly. It would send an instant as seconds since the epoch,
// and ClickHouse takes the -0.001 of 23:59:59.999 on the last day of 1969 for 0.001: a date and time have no such gap,
// and the type of the parameter tells their zone.
func value(p statement.Param) any {
	if at, ok := p.Value.(time.Time); ok && strings.HasSuffix(p.Type, "'UTC')") {
		return at.UTC().Format("2006-01-02 15:04:05.000")
	}
	return p.Value
}
