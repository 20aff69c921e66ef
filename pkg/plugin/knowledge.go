package plugin

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/lists"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/lists/every"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/lookup"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/runs"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// knowledge is what the data source knows beside the events. Each part is read in the background, once for all who ask, and
// a fault keeps its last good value: viewers are told so in a notice, and so is an alert rule, up to an age at which it
// must not decide any more. The server's own settings are the client's: each new connection asks for them.
type knowledge struct {
	reads   *lookup.Group // owns the reading
	columns *lookup.Lookup[[]schema.Described]
	hours   *lookup.Lookup[keptHours]
	// findings says whether what detectors find is kept.
	findings *lookup.Lookup[runs.State]
	lists    []knownList
}

// knownList is a list with what is known of it.
type knownList struct {
	lists.List
	lookup *lookup.Lookup[kept]
}

// kept is what a list's source held when it was read, and the list that came of it.
type kept struct {
	held    [][]string
	entries lists.Entries
}

// How old what is known may be.
var (
	// listed is for what an administrator changes now and then, and wants to see at once.
	listed = lookup.Policy{Fresh: 30 * time.Second, Retry: 5 * time.Second, Idle: 5 * time.Minute, Patience: 2 * time.Second, Limit: readLimit}
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
	k := knowledge{
		reads:    reads,
		columns:  lookup.New(reads, "the table's columns", tables, d.now, upkeep(d.readColumns)),
		hours:    lookup.New(reads, "the table's hours", tables, d.now, upkeep(d.readHours)),
		findings: lookup.New(reads, "the kept findings", tables, d.now, upkeep(d.readFindings)),
	}
	for _, list := range every.List() {
		k.lists = append(k.lists, knownList{list, lookup.New(reads, list.Spec().What, listed, d.now, upkeep(d.reader(list)))})
	}
	return k
}

// reader reads a list's source, where the settings name one.
func (d *Datasource) reader(list lists.List) func(context.Context) (kept, error) {
	source := list.Source(d.settings)
	ask := func(ctx context.Context, s statement.Statement) ([][]string, error) { return d.askList(ctx, source, s) }
	return func(ctx context.Context) (kept, error) {
		var held [][]string
		if source != "" {
			var err error
			if held, err = list.Read(ctx, ask, d.settings); err != nil {
				return kept{}, err
			}
		}
		return kept{held, list.With(d.settings, held)}, nil
	}
}

// askList runs a statement of a list and returns its texts, column by column.
func (d *Datasource) askList(ctx context.Context, source string, s statement.Statement) ([][]string, error) {
	return d.client.Texts(ctx, s, clickhouse.Origin{RefID: source, Detector: "lists"})
}

// inherit takes over the lists that the instance before knew, where both read the same source: saving the settings while a
// list cannot be read must not lose it.
func (d *Datasource) inherit(before *Datasource) {
	if d.client == nil || before.client == nil || !d.settings.SameSource(before.settings) {
		return
	}
	for i, list := range before.known.lists {
		if last := list.lookup.Last(); last.Generation > 0 && list.Source(d.settings) == list.Source(before.settings) {
			d.known.lists[i].lookup.Seed(kept{last.Value.held, list.With(d.settings, last.Value.held)}, last.At)
		}
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
