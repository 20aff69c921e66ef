package ingest_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/ingest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

// squidLines are requests a minute apart.
func squidLines(from, to int) string {
	var b strings.Builder
	for i := from; i < to; i++ {
		fmt.Fprintf(&b, "%d.123    150 10.0.0.5 TCP_MISS/200 5000 GET http://c2.example.org/%d - HIER_DIRECT/203.0.113.9 text/html\n", 1764410400+60*i, i)
	}
	return b.String()
}

// landed is a bench with so many lines in Squid's landing table, a number of days of them.
func landedSquid(t *testing.T, lines int) *bench {
	b := newBench(t)
	b.mustDerive()
	b.server.Exec(t, fmt.Sprintf("INSERT INTO %s.proxy_squid (line) SELECT concat(toString(1764410400 + 3 * number), '.123    150 10.0.0.5 TCP_MISS/200 5000 GET http://c2.example.org/',"+
		" toString(number), ' - HIER_DIRECT/203.0.113.9 text/html') FROM numbers(%d)", b.server.Database, lines))
	return b
}

// another is a run of its own client, as on another machine.
func (b *bench) another(ctx context.Context, files ...string) error {
	client, err := clickhouse.New(b.server.Settings(settings.Native), nil)
	if err != nil {
		return err
	}
	defer func() { _ = client.Close() }() // what it did is checked
	o := ingest.Options{Client: client, Database: b.server.Database, Table: settings.DefaultTable, Sources: b.sources, Internal: b.internal, Stdin: strings.NewReader("")}
	if len(files) == 0 {
		_, err = ingest.Make(ctx, o)
		return err
	}
	found, err := ingest.Find(files)
	if err == nil {
		_, err = ingest.Import(ctx, o, found)
	}
	return err
}

// Runs at the same time make the same hours, and none is there twice when the last of them ends.
func TestRunsAtTheSameTimeDoubleNothing(t *testing.T) {
	const lines = 20_000
	for name, c := range map[string]struct {
		derives, imports int
		held             int // events that were there before, of rules that are others by now
	}{
		"two derive":           {derives: 2},
		"four derive":          {derives: 4},
		"import beside derive": {derives: 1, imports: 1},
		"two import":           {imports: 2},
		"events are replaced":  {derives: 3, held: lines},
	} {
		t.Run(name, func(t *testing.T) {
			b := landedSquid(t, lines)
			if c.held > 0 {
				b.server.Exec(t, fmt.Sprintf("INSERT INTO %s.network_events (Timestamp, DeviceId, Source) SELECT fromUnixTimestamp64Milli(1764410400000 + 3000 * toInt64(number)), 'old', 'proxy' FROM numbers(%d)", b.server.Database, c.held))
			}
			log := write(t, t.TempDir(), "access.log", []byte(squidLines(50_000, 52_000)))
			var runs sync.WaitGroup
			for i := range c.derives + c.imports {
				runs.Go(func() {
					var files []string
					if i < c.imports {
						files = []string{log}
					}
					if err := b.another(t.Context(), files...); err != nil {
						t.Error(err)
					}
				})
			}
			runs.Wait()
			b.hasOnce(t, b.count("SELECT count() FROM DB.proxy_squid"))
			before := b.made()
			b.mustDerive()
			if got := b.made(); got != before {
				t.Errorf("another run made %s of %s", got, before)
			}
		})
	}
}

func (b *bench) hasOnce(t *testing.T, want string) {
	t.Helper()
	if got := b.count("SELECT concat(toString(count()), ' ', toString(uniqExact(Timestamp, RemoteUrl, DeviceId, LocalIP, DurationMs))) FROM DB.network_events"); !strings.HasPrefix(got, want+" ") {
		t.Errorf("%s events (and different ones), want %s", got, want)
	}
}

// Runs that are cut off anywhere, beside others: the next one leaves each event once.
func TestRunsThatAreCutOffBesideOthersDoubleNothing(t *testing.T) {
	const lines = 20_000
	b := landedSquid(t, lines)
	for i := range 8 {
		b.server.Exec(t, "TRUNCATE TABLE "+b.server.Database+".network_events")
		b.server.Exec(t, "TRUNCATE TABLE "+b.server.Database+".derived_hours")
		var runs sync.WaitGroup
		for run := range 3 {
			runs.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), time.Duration(60+130*i+140*run)*time.Millisecond)
				defer cancel()
				if err := b.another(ctx); err != nil && !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, context.Canceled) {
					t.Error(err)
				}
			})
		}
		runs.Wait()
		b.mustDerive()
		b.hasOnce(t, fmt.Sprint(lines))
	}
}

// A run that was killed leaves its claim, and maybe a statement that goes on: what it writes is taken out as long as it may write.
func TestWhatAKilledRunWroteIsNoticed(t *testing.T) {
	const claim = "INSERT INTO DB.derived_claims (Source, Kind, Hour, Run, At) SELECT Source, Kind, Hour, 'killed', now64(3) - INTERVAL "
	for name, c := range map[string]struct {
		age   string // of the claim
		again bool   // the next run looks at the hour although another one did
	}{
		"just now":             {"1 SECOND", true},
		"an hour ago":          {"60 MINUTE", true},
		"so long that it died": {"80 MINUTE", false},
	} {
		t.Run(name, func(t *testing.T) {
			b := landedSquid(t, 3000)
			b.mustDerive()
			exec := func(sql string) { b.server.Exec(t, strings.ReplaceAll(sql, "DB.", b.server.Database+".")) }
			double := func() {
				exec("INSERT INTO DB.network_events SELECT * FROM DB.network_events WHERE toHour(Timestamp) = 11")
			}
			exec("TRUNCATE TABLE DB.derived_claims")
			exec(claim + c.age + " FROM DB.derived_hours WHERE Source = 'proxy' AND toHour(Hour) = 11")
			double()
			b.mustDerive()
			b.hasOnce(t, "3000")
			double()
			summary, err := b.derive()
			if err != nil {
				t.Fatal(err)
			}
			hours := 0
			for _, m := range summary.Made {
				hours += m.Hours
			}
			if c.again {
				b.hasOnce(t, "3000")
			}
			if c.again != (hours == 1) || hours > 1 {
				t.Errorf("%d hours were made, want them made again: %v", hours, c.again)
			}
		})
	}
}
