package ingest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// Events are made from landing tables an hour at a time, and made anew where an hour's landing rows are others than those that
// it was made from: the number of rows tells, since landing tables are only added to. What was made is not added to. So rows may
// land in any order, twice and in pieces, and an import may end anywhere: the next one finds the hours that are not as they
// should be, and what they come to depends on the landing rows alone.

// hour is one to be made.
type hour struct {
	at      int64 // seconds since 1970
	landed  uint64
	version string
}

// derive makes the hours of the sources that are not made, or no longer right.
func (im *importer) derive(ctx context.Context, sources []Source, total *Summary) error {
	im.progress.Lock()
	im.progress.Making = true
	im.progress.Unlock()
	for _, source := range sources {
		for _, d := range source.Derived {
			made, err := im.deriveOne(ctx, source, d)
			if err != nil {
				return fmt.Errorf("make the %s of %s: %w", d.Kind, source.Name, err)
			}
			total.Made = append(total.Made, made)
		}
	}
	return nil
}

func (im *importer) deriveOne(ctx context.Context, source Source, d Derived) (Made, error) {
	made := Made{Source: source.Name, Kind: d.Kind}
	t, err := im.target(ctx, source, d.Kind)
	if err != nil {
		return made, err
	}
	landed, err := im.store.landed(ctx, source, d, im.Since)
	if err != nil {
		return made, err
	}
	made.Undated = landed.undated
	before, err := im.store.derived(ctx, source.Name, d.Kind)
	if err != nil {
		return made, err
	}
	unsettled, err := im.store.unsettled(ctx, source.Name, d.Kind)
	if err != nil {
		return made, err
	}
	var due []hour
	for _, h := range landed.hours(d, t.rules(im.Internal)) {
		if time.Unix(h.at, 0).Before(im.Since.Truncate(time.Hour)) {
			continue
		}
		switch was, ok := before[h.at]; {
		case ok && was.landed > h.landed: // their time in the landing table is over
			made.Kept++
		case !ok || was.version != h.version || unsettled[h.at]:
			due = append(due, h)
		}
	}
	im.hours(len(due), 0)
	for _, span := range spans(due) {
		if err := im.makeHours(ctx, t, span); err != nil {
			return made, err
		}
		made.Hours += len(span)
		im.hours(0, len(span))
	}
	return made, im.store.describe(ctx, t, landed, &made)
}

func (im *importer) hours(due, made int) {
	im.progress.Lock()
	defer im.progress.Unlock()
	im.progress.Hours, im.progress.Made = im.progress.Hours+due, im.progress.Made+made
	if im.Progress != nil {
		im.Progress(im.progress.Progress)
	}
}

// mostLanded is how many landing rows of their own the hours have that one statement makes, unless one hour has more.
const mostLanded = 2_000_000

// spans are hours that follow each other and are made by one statement: of one day, so that it writes into one partition.
func spans(due []hour) [][]hour {
	var list [][]hour
	rows := uint64(0)
	for i, h := range due {
		if i == 0 || h.at != due[i-1].at+3600 || h.at%86400 == 0 || rows+h.landed > mostLanded {
			list, rows = append(list, nil), 0
		}
		list[len(list)-1], rows = append(list[len(list)-1], h), rows+h.landed
	}
	return list
}

// makeOnce makes hours that follow each other, as one run does that is alone. Rows that are there and should be stay: only what is
// wrong is taken out, and only what lacks is written. Where it is cut off, the hours are not noted, and the next run goes on.
func (im *importer) makeOnce(ctx context.Context, t target, span []hour) error {
	there, err := im.store.holds(ctx, t, span)
	if err != nil {
		return err
	}
	if there {
		wrong, err := im.store.wrong(ctx, t, span, im.Internal)
		if err != nil {
			return err
		}
		if len(wrong) > 0 {
			if err := im.store.remove(ctx, t, span, wrong); err != nil {
				return err
			}
		}
	}
	return im.store.fill(ctx, t, span, im.Internal, there)
}

// target is a table that is made, and how.
type target struct {
	source    string
	kind      Kind
	table     string   // quoted, with its database
	columns   []string // that are filled, beside Source
	selection string
}

// dnsColumns are those of dns_events beside Source.
func dnsColumns() []string {
	return []string{"Timestamp", "DeviceId", "DeviceName", "Query", "QueryType", "ResponseCode", "Answers", "TTLs", "Server"}
}

// eventColumns are those that a source's events.sql gives: all but the source itself.
func eventColumns() []string {
	var names []string
	for _, c := range schema.Columns() {
		if c.Name != schema.EventSource {
			names = append(names, c.Name)
		}
	}
	return names
}

// target finds the columns that the table has. One that was made by an older version lacks some.
func (im *importer) target(ctx context.Context, source Source, kind Kind) (target, error) {
	table, columns := im.Table, eventColumns()
	if kind == DNS {
		table, columns = schema.DNSTable, dnsColumns()
	}
	t := target{source: source.Name, kind: kind, table: im.store.quoted(table)}
	described, err := im.store.client.Describe(ctx, im.Database, table)
	if err != nil {
		return t, err
	}
	has := func(name string) bool {
		return slices.ContainsFunc(described, func(d schema.Described) bool { return d.Name == name })
	}
	if !has(schema.EventSource) {
		return t, fmt.Errorf("the table %s.%s has no column %s, by which events of a source are told from others: add it, such as ALTER TABLE … ADD COLUMN %s LowCardinality(String)",
			im.Database, table, schema.EventSource, schema.EventSource)
	}
	for _, name := range columns {
		if has(name) {
			t.columns = append(t.columns, name)
		}
	}
	t.selection, err = source.selection(kind, Names{Database: im.Database})
	return t, err
}

// rules tells what an hour is made by.
func (t target) rules(internal []string) string {
	return strings.Join(append([]string{t.selection, t.table}, append(t.columns, internal...)...), "\n")
}

// landed are the numbers of landing rows.
type landed struct {
	own     map[int64]uint64            // by hour, of the logs that have no reach
	byLog   map[string]map[int64]uint64 // by log and hour
	undated int64
}

// hours are those that can be made, in their order, each with the version of what it is made from.
func (l landed) hours(d Derived, rules string) []hour {
	logs := make([]string, 0, len(d.Reads))
	for log := range d.Reads {
		logs = append(logs, log)
	}
	slices.Sort(logs)
	list := make([]hour, 0, len(l.own))
	for at, rows := range l.own {
		h := sha256.New()
		fmt.Fprintln(h, rules)
		for _, log := range logs {
			reach := d.Reads[log]
			for other := at - int64(reach.Before/time.Second); other <= at+int64(reach.After/time.Second); other += 3600 {
				fmt.Fprintln(h, log, l.byLog[log][other])
			}
		}
		list = append(list, hour{at: at, landed: rows, version: hex.EncodeToString(h.Sum(nil)[:16])})
	}
	slices.SortFunc(list, func(a, b hour) int { return int(a.at/3600 - b.at/3600) })
	return list
}

// landed counts the landing rows by hour, of the hours since a time and those that they are made from.
func (s store) landed(ctx context.Context, source Source, d Derived, since time.Time) (landed, error) {
	l := landed{own: map[int64]uint64{}, byLog: map[string]map[int64]uint64{}}
	for log, reach := range d.Reads {
		from := time.Unix(0, 0)
		if !since.IsZero() {
			from = since.Truncate(time.Hour).Add(-reach.Before)
		}
		ask, err := statement.New("SELECT toInt64(toUnixTimestamp(toStartOfHour("+columnTime+"))) AS Hour, toInt64(count()) AS Landed"+
			" FROM "+s.quoted(source.LandingTable(log))+" WHERE "+columnTime+" >= {from:DateTime64(3, 'UTC')} GROUP BY Hour",
			map[string]any{"from": from}, []statement.Column{{Name: "Hour", Kind: statement.Integer}, {Name: "Landed", Kind: statement.Integer}})
		if err != nil {
			return l, err
		}
		result, err := s.all(ctx, ask)
		if err != nil {
			return l, err
		}
		byHour := map[int64]uint64{}
		for i, at := range result.Data[0].([]int64) {
			n := result.Data[1].([]int64)[i]
			switch {
			case at <= 0 && reach.own():
				l.undated += n
			case at > 0:
				byHour[at] = uint64(n)
			}
			if at > 0 && reach.own() {
				l.own[at] += uint64(n)
			}
		}
		l.byLog[log] = byHour
	}
	return l, nil
}
