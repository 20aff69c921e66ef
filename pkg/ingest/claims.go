package ingest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"strconv"
	"sync"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// Two runs may make the same hour at the same time, each without the rows of the other, and would write them twice. No lock keeps
// them apart, for who holds one may die: each run claims the hours before it looks at them, and looks for the claims of others
// after it has written. Of two runs that meet, the one that writes last sees the other's claim, whatever the order. Who was not
// alone compares what is there with what should be, and mends until both are the same; only then it ends its claim. One mends at a
// time, of those that are alive, which they show by claiming anew. A claim without an end is a run that was killed: its hours are
// looked at again, until no statement of it can run any more.

// claim is some hours that a run is making.
type claim struct {
	run    string
	at     int64           // when it began, by ClickHouse's clock, in milliseconds
	before map[string]bool // runs that had ended, or were dead, when this one began
}

// longestMaking bounds a statement that makes hours, in ClickHouse: it may go on when its run was killed.
const longestMaking = time.Hour

// deadAfter is how old a claim without an end is when nothing of its run can be running any more.
const deadAfter = longestMaking + 10*time.Minute

// bounded adds to a statement's settings that it ends, also where nobody waits for it any more.
func bounded(set map[string]any) map[string]any {
	all := map[string]any{"max_execution_time": int(longestMaking.Seconds()), "timeout_overflow_mode": "throw"}
	maps.Copy(all, set)
	return all
}

// newRun names a run.
func newRun() string {
	return strconv.FormatUint(rand.Uint64(), 36) + strconv.FormatUint(rand.Uint64(), 36)
}

// claim begins to make hours.
func (s store) claim(ctx context.Context, t target, span []hour) (claim, error) {
	c := claim{run: newRun(), before: map[string]bool{}}
	if err := s.insert(ctx, c.block(t, span, nil)); err != nil {
		return c, err
	}
	claims, err := s.claims(ctx, t, span)
	if err != nil {
		return c, err
	}
	for _, other := range claims {
		if other.run == c.run {
			c.at = other.first
		}
	}
	if c.at == 0 {
		return c, fmt.Errorf("the claim of this run cannot be read back from %s: import and derive need one server or replica to write to and read from", schema.ClaimsTable)
	}
	for _, other := range claims {
		if other.ended || c.at-other.last > deadAfter.Milliseconds() {
			c.before[other.run] = true
		}
	}
	return c, nil
}

// end says that the hours are right.
func (s store) end(ctx context.Context, t target, span []hour, c claim) error {
	return s.insert(ctx, c.block(t, span, &c.at))
}

// block is the claim's rows. They have ended where a time is given, which is the claim's.
func (c claim) block(t target, span []hour, at *int64) clickhouse.Block {
	n := len(span)
	hours := make([]time.Time, n)
	for i, h := range span {
		hours[i] = time.Unix(h.at, 0).UTC()
	}
	b := clickhouse.Block{
		Table: schema.ClaimsTable, Columns: []string{"Source", "Kind", "Hour", "Run"},
		Data: []any{repeated(t.source, n), repeated(string(t.kind), n), hours, repeated(c.run, n)},
	}
	if at != nil {
		ended, times := make([]uint8, n), make([]time.Time, n)
		for i := range span {
			ended[i], times[i] = 1, time.UnixMilli(*at).UTC()
		}
		b.Columns, b.Data = append(b.Columns, "Ended", "At"), append(b.Data, ended, times)
	}
	return b
}

// claimed is a run that claimed some of the hours.
type claimed struct {
	run         string
	first, last int64 // when it claimed, in milliseconds
	ended       bool  // with all of them
	alive       bool  // it claimed just now
}

func (s store) claims(ctx context.Context, t target, span []hour) ([]claimed, error) {
	q := question{values: map[string]any{"source": t.source, "kind": string(t.kind), "alive": uint32(aliveFor.Milliseconds())}}
	ask, err := q.statement("SELECT Run, toInt64(toUnixTimestamp64Milli(min(Since))) AS First, toInt64(toUnixTimestamp64Milli(max(Claimed))) AS Last,"+
		" toInt64(min(Done)) AS Ended, toInt64(Last > toUnixTimestamp64Milli(now64(3)) - {alive:UInt32}) AS Alive FROM"+
		" (SELECT Run, Hour, min(c.At) AS Since, max(c.At) AS Claimed, max(c.Ended) AS Done FROM "+s.quoted(schema.ClaimsTable)+" AS c"+
		" WHERE Source = {source:String} AND Kind = {kind:String} AND Hour >= {from:DateTime64(3, 'UTC')} AND Hour < {to:DateTime64(3, 'UTC')} GROUP BY Run, Hour)"+
		" GROUP BY Run", span, []statement.Column{
		{Name: "Run", Kind: statement.Text}, {Name: "First", Kind: statement.Integer}, {Name: "Last", Kind: statement.Integer},
		{Name: "Ended", Kind: statement.Integer}, {Name: "Alive", Kind: statement.Integer},
	})
	if err != nil {
		return nil, err
	}
	result, err := s.all(ctx, ask)
	if err != nil {
		return nil, err
	}
	list := make([]claimed, result.Rows)
	for i := range list {
		number := func(column int) int64 { return result.Data[column].([]int64)[i] }
		list[i] = claimed{result.Data[0].([]string)[i], number(1), number(2), number(3) == 1, number(4) == 1}
	}
	return list, nil
}

// met says whether other runs may have made some of the hours while this one did, and whether one of those that are alive and have not
// ended goes first: that one with the least name does.
func (s store) met(ctx context.Context, t target, span []hour, c claim) (others, waits bool, err error) {
	claims, err := s.claims(ctx, t, span)
	for _, other := range claims {
		if other.run == c.run || c.before[other.run] {
			continue
		}
		others = true
		waits = waits || !other.ended && other.alive && other.run < c.run
	}
	return others, waits, err
}

// unsettled are the hours that a run has begun to make and not ended, as long as no other one has ended that began when nothing of the
// first could be running any more.
func (s store) unsettled(ctx context.Context, source string, kind Kind) (map[int64]bool, error) {
	ask, err := statement.New("SELECT toInt64(toUnixTimestamp(Hour)) AS At FROM"+
		" (SELECT Hour, Run, min(c.At) AS Since, max(c.At) AS Claimed, max(c.Ended) AS Done FROM "+s.quoted(schema.ClaimsTable)+" AS c"+
		" WHERE Source = {source:String} AND Kind = {kind:String} GROUP BY Hour, Run)"+
		" GROUP BY Hour HAVING countIf(Done = 0) > 0 AND maxIf(Since, Done = 1) <= maxIf(Claimed, Done = 0) + toIntervalSecond({dead:UInt32})",
		map[string]any{"source": source, "kind": string(kind), "dead": uint32(deadAfter.Seconds())}, []statement.Column{{Name: "At", Kind: statement.Integer}})
	if err != nil {
		return nil, err
	}
	result, err := s.all(ctx, ask)
	if err != nil {
		return nil, err
	}
	hours := map[int64]bool{}
	for _, at := range result.Data[0].([]int64) {
		hours[at] = true
	}
	return hours, nil
}

// How often a run shows that it is alive while it makes hours, how long that holds, and how often it mends what others write meanwhile.
const (
	beat         = 10 * time.Second
	aliveFor     = 3 * beat
	mostMendings = 20
)

var errContended = errors.New("other runs make the same hours again and again; nothing is lost: run it again when they have ended")

// makeHours makes hours that follow each other, until they are right whatever other runs do.
func (im *importer) makeHours(ctx context.Context, t target, span []hour) error {
	c, err := im.store.claim(ctx, t, span)
	if err != nil {
		return fmt.Errorf("claim %d hours: %w", len(span), err)
	}
	stop := im.store.stayAlive(ctx, t, span, c)
	err = im.makeOnce(ctx, t, span)
	if err == nil {
		err = im.settle(ctx, t, span, c)
	}
	stop()
	if err != nil {
		return err
	}
	if err := im.store.noteHours(ctx, t, span); err != nil {
		return err
	}
	return im.store.end(ctx, t, span, c)
}

// stayAlive claims the hours again and again until it is stopped.
func (s store) stayAlive(ctx context.Context, t target, span []hour, c claim) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var beating sync.WaitGroup
	beating.Go(func() {
		for sleep(ctx, beat) == nil {
			_ = s.insert(ctx, c.block(t, span, nil)) // without it others may mend as well, which costs time
		}
	})
	return func() {
		cancel()
		beating.Wait()
	}
}

// settle mends the hours where other runs wrote into them meanwhile.
func (im *importer) settle(ctx context.Context, t target, span []hour, c claim) error {
	pause := 100 * time.Millisecond
	for mended := 0; mended < mostMendings; {
		others, waits, err := im.store.met(ctx, t, span, c)
		if err != nil || !others {
			return err
		}
		right, err := im.store.right(ctx, t, span, im.Internal)
		if err != nil || right {
			return err
		}
		for waits {
			if err := sleep(ctx, pause); err != nil {
				return err
			}
			pause = min(2*pause, 2*time.Second)
			if _, waits, err = im.store.met(ctx, t, span, c); err != nil {
				return err
			}
			if !waits {
				if right, err = im.store.right(ctx, t, span, im.Internal); err != nil || right {
					return err
				}
			}
		}
		if err := im.makeOnce(ctx, t, span); err != nil {
			return err
		}
		mended++
	}
	return errContended
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
