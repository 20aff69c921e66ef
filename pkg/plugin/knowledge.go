package plugin

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/allowlist"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/dynamicdns/providers"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/lookup"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
)

// knowledge is what the data source knows beside the events. Each part is read in the background, once for all who ask, and
// a fault keeps its last good value: viewers are told so in a notice, and so is an alert rule, up to an age at which it
// must not decide any more. The server's own settings are the client's: each new connection asks for them.
type knowledge struct {
	reads     *lookup.Group // owns the reading
	columns   *lookup.Lookup[[]schema.Described]
	rollups   *lookup.Lookup[rolledUp]
	allowlist *lookup.Lookup[allowed]
	suffixes  *lookup.Lookup[domains]
	asn       *lookup.Lookup[string] // the dictionary's name, where it can be read
}

// allowed is the allowlist: the settings' entries and the table's.
type allowed struct {
	rows [][]string // of the table, column by column
	list allowlist.List
}

// domains are those of dynamic DNS beside the known ones, of the settings and the table, and what is wrong with others.
type domains struct {
	rows   [][]string
	list   []providers.Domain
	faults []string
}

// How old what is known may be.
var (
	// lists is for what an administrator changes now and then, and wants to see at once.
	lists = lookup.Policy{Fresh: 30 * time.Second, Retry: 5 * time.Second, Idle: 5 * time.Minute, Patience: 2 * time.Second, Limit: readLimit}
	// tables is for what changes with a migration; an error of the schema makes it suspect at once. What was never read is tried
	// again at each request.
	tables = lookup.Policy{Fresh: 5 * time.Minute, Idle: 15 * time.Minute, Patience: 2 * time.Second, Limit: readLimit}
)

const (
	// readLimit bounds one read, all its statements and the waiting for connections included.
	readLimit = 30 * time.Second
	// oldest is how old the last good value may be that an alert rule decides with. A viewer may see any age, with a notice.
	oldest = 6 * time.Hour
)

// learn prepares the lookups. It reads nothing.
func (d *Datasource) learn() knowledge {
	reads := lookup.NewGroup()
	return knowledge{
		reads:     reads,
		columns:   lookup.New(reads, "the table's columns", tables, d.now, upkeep(d.readColumns)),
		rollups:   lookup.New(reads, "the table's roll-ups", tables, d.now, upkeep(d.readRollups)),
		allowlist: lookup.New(reads, "the allowlist", lists, d.now, upkeep(d.readAllowlist)),
		suffixes:  lookup.New(reads, "the dynamic DNS domains", lists, d.now, upkeep(d.readSuffixes)),
		asn:       lookup.New(reads, "the dictionary of autonomous systems", lists, d.now, upkeep(d.readASN)),
	}
}

// inherit takes over the lists that the instance before knew, where both read the same tables: saving the settings while a
// list cannot be read must not lose it.
func (d *Datasource) inherit(before *Datasource) {
	if d.client == nil || before.client == nil || !d.settings.SameSource(before.settings) {
		return
	}
	if last := before.known.allowlist.Last(); last.Generation > 0 && d.settings.AllowlistTable == before.settings.AllowlistTable {
		d.known.allowlist.Seed(d.allowedWith(last.Value.rows), last.At)
	}
	if last := before.known.suffixes.Last(); last.Generation > 0 && d.settings.SuffixTable == before.settings.SuffixTable {
		d.known.suffixes.Seed(d.domainsWith(last.Value.rows), last.At)
	}
}

// upkeep makes what a read asks of ClickHouse the plugin's own upkeep.
func upkeep[T any](read func(context.Context) (T, error)) func(context.Context) (T, error) {
	return func(ctx context.Context) (T, error) { return read(clickhouse.WithClass(ctx, clickhouse.Upkeep)) }
}

// known asks a lookup on behalf of a request: for an alert rule nothing that is too old, and anew where that is asked for.
func known[T any](ctx context.Context, l *lookup.Lookup[T], anew bool) (lookup.Known[T], error) {
	var k lookup.Known[T]
	var err error
	switch {
	case anew:
		k, err = l.Renew(ctx)
	case clickhouse.ClassOf(ctx) == clickhouse.Alert:
		k, err = l.Get(ctx, oldest)
	default:
		k, err = l.Get(ctx, 0)
	}
	switch {
	case errors.Is(err, lookup.ErrClosed):
		err = &clickhouse.Error{Category: clickhouse.Network, Op: "ask what is known", Err: err, Hint: "Run the query again."}
	case errors.Is(err, context.DeadlineExceeded):
		err = &clickhouse.Error{Category: clickhouse.Timeout, Op: "ask what is known", Err: err, Hint: "ClickHouse is slow to answer, or all connections are busy: see Save & test."}
	}
	return k, err
}

// decidable refuses to decide an alert rule with what was never read, or is too old; nil for everybody else.
func decidable[T any](ctx context.Context, what string, k lookup.Known[T], now time.Time) error {
	if clickhouse.ClassOf(ctx) != clickhouse.Alert || k.Generation > 0 && !k.Older(now, oldest) {
		return nil
	}
	category, fault := clickhouse.Network, &clickhouse.Error{}
	if errors.As(k.Fault, &fault) {
		category = fault.Category
	}
	since := "it was never read"
	if k.Generation > 0 {
		since = fmt.Sprintf("what is known of it is of %s UTC", k.At.UTC().Format(time.DateTime))
	}
	why := errors.New("reading it takes too long")
	if k.Fault != nil {
		why = k.Fault
	}
	return &clickhouse.Error{
		Category: category, Op: "decide an alert rule with " + what, Err: fmt.Errorf("%s: %w", since, why),
		Hint: "Without it the rule could raise what is allowed, or miss what is not. Save & test shows what is wrong; the rule decides again as soon as it can be read.",
	}
}

// lastGood tells of a fault of what is known; nothing where there is none.
func lastGood[T any](what, effect string, k lookup.Known[T]) string {
	switch {
	case k.Fault == nil:
		return ""
	case k.Generation == 0:
		return fmt.Sprintf("%s cannot be read, so that %s: %s", what, effect, explain(k.Fault))
	default:
		return fmt.Sprintf("%s cannot be read, and its last good state, of %s UTC, is used: %s", what, k.At.UTC().Format(time.DateTime), explain(k.Fault))
	}
}
