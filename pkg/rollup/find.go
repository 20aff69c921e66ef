package rollup

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
)

// Found is what there is of an events table's roll-ups.
type Found struct {
	Rollups schema.Rollups // what is complete; nil where nothing can be used
	// Why says, where nothing can be used although something is there, what is wrong; empty where there is nothing at all.
	Why string
}

// Find looks for the roll-ups beside the events table. They are used only where every table and view is there with the
// right columns, and where their coverage was written for this very table and mapping.
func (k Keeper) Find(ctx context.Context) (Found, error) {
	s, err := k.state(ctx)
	if err != nil {
		return Found{}, err
	}
	if slices.Contains(s.absent, schema.CoverageName(k.table.Name)) {
		return Found{}, nil
	}
	if s.engine == distributed {
		s.absent = missingTables(k.table.Name, s)
	}
	if why := s.unusable(); why != "" {
		return Found{Why: why}, nil
	}
	for _, g := range schema.RollupTables() {
		if why, err := k.misfit(ctx, g); why != "" || err != nil {
			return Found{Why: why}, err
		}
	}
	spans, why, err := k.complete(ctx, s)
	if why != "" || err != nil {
		return Found{Why: why}, err
	}
	found := Found{Rollups: schema.Rollups{}}
	for g, list := range spans {
		if list = k.retained(list, g); len(list) > 0 {
			found.Rollups[g] = list
		}
	}
	if len(found.Rollups) == 0 {
		return Found{Why: "no bucket is complete for this table and column mapping; run `fluxhound schema apply --rollups`"}, nil
	}
	return found, nil
}

// unusable says what keeps roll-ups from being used; nothing where they may be.
func (s state) unusable() string {
	switch {
	case len(s.absent) > 0:
		return strings.Join(s.absent, " and ") + " is not there, or the user may not see it"
	case len(s.plain) > 0:
		return strings.Join(s.plain, " and ") + " does not replicate, and so lacks the events that other replicas took in"
	}
	return ""
}

// complete reads which spans are complete: on every shard, where the table is over several.
func (k Keeper) complete(ctx context.Context, s state) (spans map[schema.Grain][]schema.Span, why string, err error) {
	if s.engine == distributed {
		return k.completeOnShards(ctx, s)
	}
	spans, err = k.covered(ctx, s.source)
	return spans, "", err
}

// misfit says what is wrong with a roll-up's columns; nothing where they are right.
func (k Keeper) misfit(ctx context.Context, g schema.Grain) (string, error) {
	described, err := k.client.Describe(ctx, k.table.Database, g.Table(k.table.Name))
	if err != nil {
		return "", err
	}
	want := k.columns(g)
	for _, d := range described {
		if t, ok := want[d.Name]; ok && t == d.Type {
			delete(want, d.Name)
		}
	}
	for name, t := range want {
		return fmt.Sprintf("%s has no column %s of type %s", g.Table(k.table.Name), name, t), nil
	}
	return "", nil
}

// columns are those of a roll-up or of the beacon roll-ups' names, with their types.
func (k Keeper) columns(g schema.Grain) map[string]string {
	if g == schema.BeaconNames {
		want := map[string]string{"Week": "DateTime64(3, 'UTC')", schema.GroupHash: "UInt64"}
		for _, name := range []string{schema.DeviceID, schema.DeviceName, schema.RemoteIP, schema.RemoteURL} {
			want[name] = k.table.RollupType(name)
		}
		want[schema.RemoteIP] = "IPv4"
		return want
	}
	want := map[string]string{schema.Bucket: "DateTime64(3, 'UTC')", schema.GroupHash: "UInt64"}
	if _, beacons := g.Finer(); beacons {
		want[schema.Hours] = "UInt8"
		want[schema.Connections], want[schema.SentBytes] = "SimpleAggregateFunction(sum, Int64)", "SimpleAggregateFunction(sum, Nullable(Int64))"
		want[schema.FirstHour], want[schema.LastHour] = "SimpleAggregateFunction(min, Int32)", "SimpleAggregateFunction(max, Int32)"
		return want
	}
	for _, key := range schema.RollupKeys() {
		want[key] = k.table.RollupType(key)
	}
	want[schema.Connections] = "SimpleAggregateFunction(sum, Int64)"
	for _, sum := range []string{schema.SentBytes, schema.ReceivedBytes} {
		want[sum] = "SimpleAggregateFunction(sum, Nullable(Int64))"
	}
	want[schema.FirstSeen] = "SimpleAggregateFunction(min, DateTime64(3, 'UTC'))"
	want[schema.LastSeen] = "SimpleAggregateFunction(max, DateTime64(3, 'UTC'))"
	return want
}

// covered reads which spans are complete, merged.
func (k Keeper) covered(ctx context.Context, source string) (map[schema.Grain][]schema.Span, error) {
	rows, err := k.texts(ctx, "SELECT toString(Grain) AS Grain, toString(toUnixTimestamp64Milli(From)) AS From, toString(toUnixTimestamp64Milli(To)) AS To FROM "+k.coverage()+" WHERE Source = {source:String}",
		map[string]any{"source": source}, "Grain", "From", "To")
	if err != nil {
		return nil, err
	}
	return spansOf(rows)
}

// spansOf reads rows of coverage: grain, start and end, in milliseconds.
func spansOf(rows [][]string) (map[schema.Grain][]schema.Span, error) {
	spans := map[schema.Grain][]schema.Span{}
	for _, row := range rows {
		for _, g := range schema.AllGrains() {
			var from, to int64
			if _, err := fmt.Sscan(row[1], &from); err != nil {
				return nil, err
			}
			if _, err := fmt.Sscan(row[2], &to); err != nil {
				return nil, err
			}
			if g.Suffix == row[0] {
				spans[g] = append(spans[g], schema.Span{From: time.UnixMilli(from).UTC(), To: time.UnixMilli(to).UTC()})
			}
		}
	}
	for g := range spans {
		spans[g] = schema.MergeSpans(spans[g])
	}
	return spans, nil
}

// retained cuts off the buckets that the roll-up's TTL may have removed, or may while this finding is in use.
func (k Keeper) retained(spans []schema.Span, g schema.Grain) []schema.Span {
	oldest := k.now().UTC().Add(-schema.RollupRetention).Truncate(24 * time.Hour).Add(24 * time.Hour)
	var kept []schema.Span
	for _, s := range spans {
		if s.From.Before(oldest) {
			s.From = oldest
		}
		if s.To.Sub(s.From) >= g.Width {
			kept = append(kept, s)
		}
	}
	return kept
}

// Newest returns the time of the newest event in the roll-ups; the zero value where they are empty.
func (k Keeper) Newest(ctx context.Context) (time.Time, error) {
	hourly := k.rollup(schema.Hourly)
	times, err := k.instants(ctx, fmt.Sprintf("SELECT CAST(max(LastSeen), 'DateTime64(3, \\'UTC\\')') AS Newest FROM %s WHERE Bucket = (SELECT Bucket FROM %s ORDER BY Bucket DESC LIMIT 1) HAVING count() > 0", hourly, hourly), "Newest")
	if err != nil || len(times) == 0 {
		return time.Time{}, err
	}
	return times[0], nil
}
