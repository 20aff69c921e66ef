package demo

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/indicators/feeds"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/indicators/intake"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
)

// feed is a list of threat intelligence that knows some of the scenario's attacks. Most lists know no more.
const feed = `indicator,malware,confidence
203.0.113.10,Metronome,90
static.paper-kite.example,Tenth,75
198.51.100.200,Nameless,60
203.0.113.77,Server room,50
192.0.2.250,never seen here,100
`

// importFeed brings the feed into the table of indicators.
func importFeed(ctx context.Context, client *clickhouse.Client, database string) error {
	store := intake.Store{Client: client, Database: database, Table: schema.IndicatorsTable, Now: time.Now}
	report, err := store.Import(ctx, intake.Feed{Source: "demo", Format: feeds.CSV, Confidence: intake.DefaultConfidence, Holds: intake.DefaultHolds}, strings.NewReader(feed))
	if err != nil {
		return fmt.Errorf("import the demo's indicators: %w", err)
	}
	if report.Written != report.Read {
		return fmt.Errorf("import the demo's indicators: %d of %d are written: %v", report.Written, report.Read, report.Refused)
	}
	return store.Reload(ctx)
}
