// Package bench measures what an evaluation costs: the straightforward port of the analytic to SQL, the detectors on events
// and from hours, and the floor, which is reading the needed columns once. It compares within one run, one after the other
// in turns, so that a noisy machine disturbs all alike.
package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/devserver"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/hours"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// Options say what to measure, and with what.
type Options struct {
	Engine string  // the embedded ClickHouse's executable
	Root   string  // the project's root
	Plugin string  // the plugin's executable
	Events []int64 // how many events, one run each, in rising order
	Rounds int     // how often each statement is timed
	Folder string  // where performance.md and the plots go
	Out    io.Writer
	Now    func() time.Time
}

// Run measures and writes the report. Times are recorded and never judged; it fails where two ways of asking the same
// differ in their answer.
func Run(ctx context.Context, o Options) error {
	r := report{machine: machine()}
	for _, n := range o.Events {
		one, err := o.size(ctx, n)
		if err != nil {
			return fmt.Errorf("measure %d events: %w", n, err)
		}
		r.sizes = append(r.sizes, one)
	}
	return r.write(o.Folder)
}

// size measures one number of events on a ClickHouse of its own.
func (o Options) size(ctx context.Context, n int64) (_ size, err error) {
	folder, err := os.MkdirTemp("", "fluxhound-bench-")
	if err != nil {
		return size{}, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	server, err := devserver.Start(ctx, devserver.Options{Executable: o.Engine, Root: o.Root, Data: folder})
	if err != nil {
		return size{}, err
	}
	defer func() { err = errors.Join(err, server.Stop()) }()
	b, err := o.open(ctx, server, n)
	if err != nil {
		return size{}, err
	}
	defer func() { err = errors.Join(err, b.client.Close(), b.generous.Close()) }()
	if err := b.load(ctx); err != nil {
		return size{}, err
	}
	if b.size.results, err = b.measure(ctx); err != nil {
		return size{}, err
	}
	if b.size.asked, err = b.keepFindings(ctx); err != nil {
		return size{}, err
	}
	b.size.screens, b.size.viewers, err = b.screens(ctx)
	return b.size, err
}

// bench is one loaded ClickHouse.
type bench struct {
	Options
	json     []byte // the data source's jsonData
	client   *clickhouse.Client
	generous *clickhouse.Client // with no limit on memory, for what is not ours
	table    schema.Table       // without hours
	hourly   schema.Table
	size     size
}

func (o Options) open(ctx context.Context, server *devserver.Server, n int64) (*bench, error) {
	b := &bench{Options: o, size: size{events: n, start: o.Now().UTC().Truncate(time.Minute).Add(-week - raggedBy)}}
	b.json = fmt.Appendf(nil, `{"host":%q,"queryTimeout":3600}`, server.Native)
	var err error
	if b.client, err = connect(b.json); err != nil {
		return nil, err
	}
	b.generous, err = connect(fmt.Appendf(nil, `{"host":%q,"queryTimeout":3600,"customSettings":[{"setting":"max_memory_usage","value":"0"}]}`, server.Native))
	return b, err
}

func connect(jsonData []byte) (*clickhouse.Client, error) {
	s, err := settings.Decode(jsonData, nil)
	if err != nil {
		return nil, err
	}
	return clickhouse.New(s, nil)
}

const (
	week = 7 * 24 * time.Hour
	// raggedBy is how far into a minute the window begins.
	raggedBy = 17 * time.Second
	// openFor is how long making the events may take: the hours that end meanwhile may not be closed.
	openFor = time.Hour
)

const (
	database = settings.DefaultDatabase
	table    = settings.DefaultTable
	// perDevice is how many events a device has in the week.
	perDevice = 10_000
	// chunk is how many events one INSERT makes, so that it fits into little memory.
	chunk = 5_000_000
)

// load makes the events and their hours, and times both.
func (b *bench) load(ctx context.Context) error {
	ddl, err := schema.DDL(statement.Identifier(database), statement.Identifier(table))
	if err != nil {
		return err
	}
	if err := b.client.Exec(ctx, ddl[0]); err != nil {
		return err
	}
	started := time.Now()
	for first := int64(0); first < b.size.events; first += chunk {
		text, err := statement.Render(eventsTemplate, map[string]any{
			"Table": statement.Qualified(database, table), "Devices": max(b.size.events/perDevice, 1),
			"Start": b.size.start.UnixMilli(), "First": first, "Count": min(chunk, b.size.events-first),
		})
		if err != nil {
			return err
		}
		if err := b.client.Exec(ctx, text); err != nil {
			return err
		}
	}
	b.size.generated = time.Since(started)
	fmt.Fprintf(b.Out, "%d events made in %s\n", b.size.events, b.size.generated.Round(time.Second))
	described, err := b.client.Describe(ctx, database, table)
	if err != nil {
		return err
	}
	if b.table, err = schema.Resolve(database, table, nil, described); err != nil {
		return err
	}
	return b.keep(ctx)
}

func (b *bench) keep(ctx context.Context) error {
	started := time.Now()
	keeper := hours.New(b.client, b.table)
	if err := keeper.Apply(ctx); err != nil {
		return err
	}
	if err := keeper.Run(ctx, func(int) {}); err != nil {
		return err
	}
	b.size.filled = time.Since(started)
	fmt.Fprintf(b.Out, "hours made in %s\n", b.size.filled.Round(time.Second))
	if err := b.merge(ctx); err != nil {
		return err
	}
	valid, others, err := keeper.Valid(ctx, b.window(), hours.State{})
	if err != nil {
		return err
	}
	others = slices.DeleteFunc(others, func(start time.Time) bool { return b.Now().Sub(start) < time.Hour+hours.Settle+openFor })
	if len(others) > 0 {
		return fmt.Errorf("%d hours are not used", len(others))
	}
	b.hourly = b.table.WithHours(valid)
	b.size.tables, err = b.tables(ctx)
	return err
}

// merge does at once what ClickHouse does with its parts in time, so that every table is read as it is most of its life.
func (b *bench) merge(ctx context.Context) error {
	for _, name := range []string{table, schema.HoursName(table)} {
		if err := b.client.Exec(ctx, "OPTIMIZE TABLE "+statement.Qualified(database, name)+" FINAL"); err != nil {
			return err
		}
	}
	return nil
}
