package hunt

import (
	"context"
	_ "embed"
	"fmt"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/thousands"
)

//go:embed facts.sql
var factsSQL string

var factsTemplate = statement.Parse("facts.sql", factsSQL)

// Facts are what there is to look at.
type Facts struct {
	Events, Devices int64
	First, Last     time.Time
	Inbound         int64 // events that come from outside
	NamesUnknown    int64 // of the others, those whose names were not recorded at all
	busy            []busy
}

func askFacts(ctx context.Context, client *clickhouse.Client, s settings.Settings) (Facts, error) {
	text, err := statement.Render(factsTemplate, map[string]string{"Table": statement.Qualified(s.Database, s.Table)})
	if err != nil {
		return Facts{}, err
	}
	ask := statement.Statement{SQL: text, RowLimit: 1}
	for _, name := range []string{"Events", "Devices", "First", "Last", "Inbound", "NamesUnknown"} {
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
	busy, err := askBusy(ctx, client, s)
	return Facts{n(0), n(1), at(2), at(3), n(4), n(5), busy}, err
}

const moment = "2006-01-02 15:04:05"

func (f Facts) String() string {
	return fmt.Sprintf("%s events of %s devices, %s to %s UTC", thousands.Apart(f.Events), thousands.Apart(f.Devices), f.First.Format(moment), f.Last.Format(moment))
}

// gaps are what cannot be looked at, a sentence each.
func (f Facts) gaps() []string {
	var list []string
	if text := f.strays(); text != "" {
		list = append(list, text)
	}
	if f.NamesUnknown > 0 {
		list = append(list, fmt.Sprintf("Of %s (%s of those from inside) no name is known, and no DNS was recorded in the day before: that there is none says nothing. Import the DNS log as well.",
			counted(f.NamesUnknown, "connection"), percent(float64(f.NamesUnknown)/float64(max(f.Events-f.Inbound, 1)))))
	}
	if f.Inbound > 0 {
		list = append(list, fmt.Sprintf("%s come from outside: no detector looks at them.", counted(f.Inbound, "connection")))
	}
	return list
}
