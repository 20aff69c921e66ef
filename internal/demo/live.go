package demo

import (
	"context"
	"fmt"
	"time"
)

// liveEvery is how often what the devices have done comes into the table: more often than anything asks how fresh the events are.
const liveEvery = 15 * time.Second

// live adds events until it is stopped. The zero pointer adds none.
type live struct {
	cancel context.CancelFunc
	ended  chan error // is sent why it ended, once
}

// Live goes on with the company's days, without attacks: when it returns, the table holds what the devices have done since the window's
// end, and from then on what they do. Close ends it. Without it the newest event is up to an hour old from the start, and the rule
// that events have stopped fires.
func (d *Data) Live(ctx context.Context) error {
	until := time.Now()
	if err := d.addBetween(ctx, d.Scenario.End, until); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	d.live = &live{cancel: cancel, ended: make(chan error, 1)}
	go func(l *live) { l.ended <- d.goOn(ctx, until) }(d.live)
	return nil
}

// goOn adds what has happened since, again and again, until ctx ends or ClickHouse does not take it.
func (d *Data) goOn(ctx context.Context, from time.Time) error {
	ticker := time.NewTicker(liveEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		until := time.Now()
		if err := d.addBetween(ctx, from, until); err != nil {
			if ctx.Err() != nil { // the insert was called off
				return nil
			}
			return err
		}
		from = until
	}
}

func (d *Data) addBetween(ctx context.Context, from, to time.Time) error {
	if _, err := insert(ctx, d.Server.HTTP, d.Scenario.Between(from, to)); err != nil {
		return fmt.Errorf("go on with the demo's events: %w", err)
	}
	return nil
}

// stop ends it and returns why it had ended before, if it had.
func (l *live) stop() error {
	if l == nil {
		return nil
	}
	l.cancel()
	return <-l.ended
}
