package beaconing

import (
	_ "embed"
	"maps"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

//go:embed beaconing_events.sql
var eventsText string

var eventsTemplate = statement.Parse("beaconing_events.sql", eventsText)

// manyHashes is the shortest window whose groups are told by the hashes of its days. A shorter one is cheaper to read by names.
const manyHashes = 24 * time.Hour

// fromHashes says whether events that carry the hash of their group can answer a query, and are the cheapest to ask. Filters
// leave few events, which are soon read by names.
func (d Detector) fromHashes(q query.Query, table schema.Table) bool {
	if !table.Has(schema.GroupHash) || q.Format != query.Numeric || q.CommonOnly || scored(q) || len(q.Filters) > 0 || d.hidesByProcess() {
		return false
	}
	if q.Params.String(detect.GroupBy) == detect.ByHost || q.Params.Bool(detect.IncludeIPv6) || q.Params.Int("maxDevices") > 0 {
		return false // one group may have several hashes, or needs those that cannot pass
	}
	if table.Column(schema.Timestamp) != (schema.Described{Name: schema.Timestamp, Type: statement.Time.ClickHouse()}) {
		return false // beaconing_events.sql takes the days from the schema's own column, in UTC
	}
	if source, err := rolled(q, table, schema.Grains()); err != nil || !source.Whole() {
		return false
	}
	return q.Window.To.Sub(q.Window.From) >= manyHashes
}

// hashed builds the statement that asks events by the hash of their group, for an alert rule.
func (d Detector) hashed(q query.Query, table schema.Table) (statement.Statement, error) {
	private := q.Params.Strings(detect.PrivateNetworks)
	values := rules("beaconing", q.Params, table)
	values["beaconing_firstDay"], values["beaconing_lastDay"] = dayNumber(q.Window.From), dayNumber(q.Window.To.Add(-time.Millisecond))
	maps.Copy(values, statement.PublicValues("beaconing", false, private))
	s, err := detect.Compose(detect.Plan{
		Spec: d.Spec(), Site: d.Site, SQL: eventsTemplate, Key: []string{"DeviceId"}, Unique: true, Destination: destination(false), Points: "findings", Grains: schema.Grains(), Values: values,
		Options: map[string]any{
			"Events":        statement.Identifier(table.Database) + "." + statement.Identifier(table.Name),
			"Address":       statement.AddressText(schema.RemoteIP),
			"Number":        statement.AddressNumber(statement.RemoteAddress, false),
			"BytesSent":     statement.Total(statement.Sent),
			"Bytes":         bytesRule(q.Params),
			"Public":        statement.Public("beaconing", false, private),
			"HasRemotePort": table.Has(schema.RemotePort), "HasSentBytes": table.Has(schema.SentBytes),
		},
		Notices: missingNotices(table),
	}, q, table)
	s.Undecided = "Read by the names of each event rather than by the hash of its group, which is slower: a hash stands for several groups, or an address is written in several ways."
	return s, err
}

// dayNumber is a day in UTC as toYYYYMMDD writes it.
func dayNumber(t time.Time) uint32 {
	y, m, d := t.UTC().Date()
	return uint32(y*10_000 + int(m)*100 + d)
}
