package bench

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// size is what was measured with one number of events.
type size struct {
	events            int64
	start             time.Time // of the events' week
	generated, filled time.Duration
	tables            []tableSize
	results           []result
	asked             []asking
	screens           []screen
	viewers           []viewing
}

// result is one statement's.
type result struct {
	one
	times       []time.Duration
	rows, bytes uint64 // read
	memory      int64  // bytes: the most that was seen
	findings    int
	refused     bool // it ran over its limit of memory or rows, and has no other figures
}

// median is 0 for a statement without figures.
func (r result) median() time.Duration {
	if len(r.times) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(r.times))
	return sorted[len(sorted)/2]
}

// measure times every statement in turns, once for each round, after a round that warms the caches and compares answers.
func (b *bench) measure(ctx context.Context) ([]result, error) {
	cases, err := b.cases()
	if err != nil {
		return nil, err
	}
	results := make([]result, len(cases))
	answers := map[string]*clickhouse.Result{}
	for i, c := range cases {
		answer, _, err := b.time(ctx, c)
		if overLimit(err) {
			fmt.Fprintln(b.Out, err)
			results[i] = result{one: c, refused: true}
			continue
		}
		if err != nil {
			return nil, err
		}
		results[i] = result{one: c, findings: answer.Rows}
		if c.way == floorEvents || c.way == floorHours {
			results[i].findings = 0
		}
		if !slices.Contains([]string{port, onEvents, onHours}, c.way) {
			continue
		}
		if before, ok := answers[c.detector]; !ok {
			answers[c.detector] = answer
		} else if !slices.Equal(found(before), found(answer)) {
			return nil, fmt.Errorf("%s %s finds something else than the other ways", c.detector, c.way)
		}
	}
	for range b.Rounds {
		for i, c := range cases {
			r := &results[i]
			if r.refused {
				continue
			}
			answer, memory, err := b.time(ctx, c)
			if err != nil {
				return nil, err
			}
			r.times = append(r.times, answer.Elapsed)
			r.rows, r.bytes, r.memory = answer.RowsRead, answer.BytesRead, max(r.memory, memory)
		}
	}
	for _, r := range results {
		if r.refused {
			continue
		}
		fmt.Fprintf(b.Out, "%-11s %-21s %8s, %d rows read\n", r.detector, r.way, r.median().Round(time.Millisecond), r.rows)
	}
	return results, nil
}

// found is an answer's labels and values, in no order of its own: keys and ranks follow from them.
func found(r *clickhouse.Result) []string {
	rows := make([]string, r.Rows)
	for i, c := range r.Columns {
		if slices.Contains([]string{detect.FindingKey, "Findings", "Rank"}, c.Name) {
			continue
		}
		values := reflect.ValueOf(r.Data[i])
		for row := range rows {
			rows[row] += fmt.Sprintf("%q ", fmt.Sprint(values.Index(row).Interface()))
		}
	}
	slices.Sort(rows)
	return rows
}

// overLimit says whether a statement failed for a limit of its own: that is a figure as well, and the others are measured.
func overLimit(err error) bool {
	var of *clickhouse.Error
	return errors.As(err, &of) && of.Category == clickhouse.Limit
}

// time runs a statement. What is ours runs within the plugin's own limits.
func (b *bench) time(ctx context.Context, c one) (*clickhouse.Result, int64, error) {
	client := b.client
	if c.way == port {
		client = b.generous
	}
	watched, stop := context.WithCancel(ctx)
	peak := make(chan int64, 1)
	go func() { peak <- b.watch(watched) }() // ends with stop
	answer, err := client.Query(ctx, c.statement, clickhouse.Origin{Detector: watchedName})
	stop()
	if err != nil {
		<-peak
		return nil, 0, fmt.Errorf("%s %s: %w", c.detector, c.way, err)
	}
	return answer, <-peak, nil
}

// watchedName marks the statements whose memory is watched.
const watchedName = "bench"

// watch returns the most memory that the statement under way was seen with, until ctx ends.
func (b *bench) watch(ctx context.Context) int64 {
	var most int64
	for ctx.Err() == nil {
		n, err := b.number(ctx, "SELECT toInt64(max(peak_memory_usage)) AS N FROM system.processes WHERE JSONExtractString(Settings['log_comment'], 'detector') = '"+watchedName+"'")
		if err == nil {
			most = max(most, n)
		}
		select {
		case <-ctx.Done():
		case <-time.After(50 * time.Millisecond):
		}
	}
	return most
}

func (b *bench) number(ctx context.Context, sql string) (int64, error) {
	s, err := statement.New(sql, nil, []statement.Column{{Name: "N", Kind: statement.Integer}})
	if err != nil {
		return 0, err
	}
	answer, err := b.client.Query(ctx, s, clickhouse.Origin{})
	if err != nil {
		return 0, err
	}
	return answer.Data[0].([]int64)[0], nil
}

// tableSize is what a table holds.
type tableSize struct {
	name        string
	rows, bytes int64 // on disk
}

func (b *bench) tables(ctx context.Context) ([]tableSize, error) {
	s, err := statement.New("SELECT table AS Name, toInt64(sum(rows)) AS Rows, toInt64(sum(bytes_on_disk)) AS Bytes FROM system.parts WHERE active AND database = {database:String} AND startsWith(table, {table:String}) GROUP BY table HAVING Rows > 100 ORDER BY table",
		map[string]any{"database": database, "table": table},
		[]statement.Column{{Name: "Name", Kind: statement.Text}, {Name: "Rows", Kind: statement.Integer}, {Name: "Bytes", Kind: statement.Integer}})
	if err != nil {
		return nil, err
	}
	answer, err := b.client.Query(ctx, s, clickhouse.Origin{})
	if err != nil {
		return nil, err
	}
	var list []tableSize
	for i, name := range answer.Data[0].([]string) {
		list = append(list, tableSize{name, answer.Data[1].([]int64)[i], answer.Data[2].([]int64)[i]})
	}
	return list, nil
}
