package hunt

import (
	"context"
	_ "embed"
	"fmt"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

//go:embed facts.sql
var factsSQL string

var factsTemplate = statement.Parse("facts.sql", factsSQL)

// Facts are what there is to look at.
type Facts struct {
	Events, Devices int64
	First, Last     time.Time
	Inbound         int64 // events that come from outside
	// Of the others: those whose bytes are unknown, that have a name, whose names were not recorded at all, and to IPv6.
	BytesUnknown, Named, NamesUnknown, IPv6 int64
}

func askFacts(ctx context.Context, client *clickhouse.Client, s settings.Settings) (Facts, error) {
	text, err := statement.Render(factsTemplate, map[string]string{"Table": statement.Identifier(s.Database) + "." + statement.Identifier(s.Table)})
	if err != nil {
		return Facts{}, err
	}
	ask := statement.Statement{SQL: text, RowLimit: 1}
	for _, name := range []string{"Events", "Devices", "First", "Last", "Inbound", "BytesUnknown", "Named", "NamesUnknown", "IPv6"} {
		kind := statement.Integer
		if name == "First" || name == "Last" {
			kind = statement.Time
		}
		ask.Columns = append(ask.Columns, statement.Column{Name: name, Kind: kind})
	}
	result, err := client.Query(ctx, ask, clickhouse.Origin{User: "fluxhound hunt"})
	if err != nil {
		return Facts{}, err
	}
	n := func(i int) int64 { return result.Data[i].([]int64)[0] }
	at := func(i int) time.Time { return result.Data[i].([]time.Time)[0] }
	return Facts{n(0), n(1), at(2), at(3), n(4), n(5), n(6), n(7), n(8)}, nil
}

const moment = "2006-01-02 15:04:05"

func (f Facts) String() string {
	return fmt.Sprintf("%s events of %s devices, %s to %s UTC", thousands(f.Events), thousands(f.Devices), f.First.Format(moment), f.Last.Format(moment))
}

// gaps are what cannot be looked at, a sentence each.
func (f Facts) gaps() []string {
	var list []string
	outbound := f.Events - f.Inbound
	add := func(n int64, format string) {
		if n > 0 {
			list = append(list, fmt.Sprintf(format, thousands(n), share(n, outbound)))
		}
	}
	add(f.BytesUnknown, "%s connections (%s) have no count of bytes sent: conditions on bytes cannot be held against them.")
	add(f.NamesUnknown, "%s connections (%s) have no name, and no DNS was recorded in the day before: that they have none says nothing. Import the DNS log as well.")
	add(f.IPv6, "%s connections (%s) go to IPv6 addresses: the analytic's own rules leave them out.")
	if f.Inbound > 0 {
		list = append(list, fmt.Sprintf("%s connections come from outside: no detector looks at them.", thousands(f.Inbound)))
	}
	return list
}

func share(n, of int64) string { return fmt.Sprintf("%.0f %%", 100*float64(n)/float64(max(of, 1))) }
