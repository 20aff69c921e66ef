package beaconing

import (
	_ "embed"
	"maps"
	"slices"
	"strings"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/allowlist"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

var (
	//go:embed beaconing_rollup.sql
	rollupText string
	//go:embed rollup_rows.sql
	rowsText string
	//go:embed rollup_names.sql
	namesText string

	rollupTemplate = statement.Parse("beaconing_rollup.sql", rollupText)
	rowsTemplate   = statement.Parse("rollup_rows.sql", rowsText)
	namesTemplate  = statement.Parse("rollup_names.sql", namesText)
)

// RollupRows renders the rows of a beacon roll-up, or of their names, as its view or a back-fill reads them from the table
// that fills it (schema.Grain.Finer). condition may bound them further; it is empty for none.
func RollupRows(table schema.Table, g schema.Grain, condition string) (string, error) {
	finer, _ := g.Finer()
	template := rowsTemplate
	if g == schema.BeaconNames {
		template = namesTemplate
	}
	private := defaultOf(detect.PrivateNetworks).([]string)
	text, err := statement.Render(template, map[string]any{
		"From":      statement.Identifier(table.Database) + "." + statement.Identifier(finer.Table(table.Name)),
		"Address":   statement.AddressText(schema.RemoteIP),
		"Number":    statement.AddressNumber(statement.RemoteAddress, false),
		"Public":    strings.ReplaceAll(statement.Public("beaconing", false, private), "\n      ", "\n  "),
		"Hours":     g.Hours(),
		"FirstHour": statement.HourNumber(schema.FirstSeen),
		"LastHour":  statement.HourNumber(schema.LastSeen),
		"Week":      schema.BeaconNames.Width.Milliseconds(),
		"Condition": condition,
	})
	values := statement.PublicValues("beaconing", false, private)
	values["beaconing_actionTypes"], values["beaconing_ports"] = defaultOf(detect.ActionTypes), defaultOf("ports")
	return strings.TrimSpace(statement.Inline(text, values)), err
}

// quick builds the statement that asks the beacon roll-ups, for an alert rule.
func (d Detector) quick(q query.Query, table schema.Table) (statement.Statement, error) {
	source, err := rolled(q, table, schema.BeaconGrains())
	if err != nil {
		return statement.Statement{}, err
	}
	private := q.Params.Strings(detect.PrivateNetworks)
	values := rules("beaconing", q.Params, table)
	values["beaconing_week"], values["beaconing_to"] = statement.Bucket(q.Window.From, schema.BeaconNames), q.Window.To
	if source.Ragged() == nil { // nothing is left to choose
		delete(values, "beaconing_actionTypes")
		delete(values, "beaconing_ports")
	} else {
		maps.Copy(values, statement.PublicValues("beaconing", false, private))
	}
	s, err := detect.Compose(detect.Plan{
		Spec: d.Spec(), Site: d.Site, SQL: rollupTemplate, Key: []string{"DeviceId"}, Unique: true, Destination: destination(false), Points: "findings", Grains: schema.BeaconGrains(), Values: values,
		Options: map[string]any{
			"Address": detect.AddressColumn(false), "Public": statement.Public("beaconing", false, private), "Hour": statement.HourNumber("FirstSeen"), "Bytes": bytesRule(q.Params),
			"Names": statement.Identifier(table.Database) + "." + statement.Identifier(schema.BeaconNames.Table(table.Name)),
		},
	}, q, table)
	s.Numbers = true
	s.Undecided = "Read from the roll-ups of every column rather than from the beacon roll-ups, which is slower: a hash of theirs stands for several groups, or for none."
	return s, err
}

// fromBeacons says why the beacon roll-ups cannot answer a query that the roll-ups of every column can; empty where they
// can, or are of no use. They hold groups of the analytic's connections: thresholds may have any value, while what chooses
// connections must have its default.
func (d Detector) fromBeacons(q query.Query, table schema.Table) (use bool, why string) {
	if q.Format != query.Numeric || q.CommonOnly || scored(q) {
		return false, ""
	}
	if source, err := rolled(q, table, schema.BeaconGrains()); err != nil || source.Whole() {
		return false, ""
	}
	if len(q.Filters) > 0 {
		return false, "filters choose among connections"
	}
	for _, name := range []string{detect.GroupBy, detect.ActionTypes, "ports", detect.IncludeIPv6, detect.PrivateNetworks, "maxDevices"} {
		if !same(q.Params[name], defaultOf(name)) {
			return false, name + " has another value than its default"
		}
	}
	if d.hidesByProcess() {
		return false, "an entry of the allowlist names a process"
	}
	return true, ""
}

// hidesByProcess says whether an entry of the allowlist is compared with the processes of a group, which no hash knows.
func (d Detector) hidesByProcess() bool {
	return slices.ContainsFunc(d.Site.Allowlist, func(e allowlist.Entry) bool {
		return e.Process != "" && (e.Detector == "" || e.Detector == d.Spec().Name)
	})
}

// rolled is the query's window, without its filters, with whole buckets read from the roll-ups of the given grains.
func rolled(q query.Query, table schema.Table, grains []schema.Grain) (statement.Source, error) {
	source, err := statement.NewSource(table, q.Window, nil)
	if err != nil {
		return statement.Source{}, err
	}
	whole, _ := source.Rolled("", grains...)
	return whole, nil
}

func defaultOf(name string) any {
	all := params()
	return all[slices.IndexFunc(all, func(p query.Param) bool { return p.Name == name })].Default
}

// same compares values of a parameter; lists of them in any order.
func same(a, b any) bool {
	switch a := a.(type) {
	case []string:
		b, ok := b.([]string)
		return ok && sameList(a, b)
	case []int64:
		b, ok := b.([]int64)
		return ok && sameList(a, b)
	}
	return a == b
}

func sameList[T int64 | string](a, b []T) bool {
	return slices.Equal(slices.Compact(slices.Sorted(slices.Values(a))), slices.Compact(slices.Sorted(slices.Values(b))))
}
