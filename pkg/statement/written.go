package statement

import (
	"fmt"
	"math/big"
	"strings"
	"time"
)

// Written returns the statement's text with its parameters written into it, for where ClickHouse takes none: the definition of a view.
// times stand for instants that move. Only what an administrator has configured belongs there, never what a viewer asks.
func (s Statement) Written(times map[time.Time]string) string {
	values := map[string]string{}
	for _, p := range s.Params {
		values[p.Name] = literal(p, times)
	}
	return placeholder.ReplaceAllStringFunc(s.SQL, func(found string) string {
		return values[placeholder.FindStringSubmatch(found)[1]]
	})
}

func literal(p Param, times map[time.Time]string) string {
	var text string
	switch value := p.Value.(type) {
	case time.Time:
		if moving, ok := times[value]; ok {
			return moving
		}
		text = Quoted(value.UTC().Format("2006-01-02 15:04:05.000"))
	case *big.Int:
		text = Quoted(value.String())
	case []*big.Int:
		texts := make([]string, len(value))
		for i, n := range value {
			texts[i] = Quoted(n.String())
		}
		text = "[" + strings.Join(texts, ", ") + "]"
	default:
		text = inline(value)
	}
	return fmt.Sprintf("CAST(%s, %s)", text, Quoted(p.Type))
}
