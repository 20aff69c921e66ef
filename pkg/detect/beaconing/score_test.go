package beaconing_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/detecttest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/referee"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// connections is one group: times in seconds after the window's start, and bytes.
type connections struct{ seconds, sizes []int64 }

// The window of these tests is a day, so that a bin is an hour.
func TestTheScoreOfHandWorkedGroups(t *testing.T) {
	const hour = 3600
	interval := func(s referee.Score) float64 { return s.Interval }
	size := func(s referee.Score) float64 { return *s.Size }
	histogram := func(s referee.Score) float64 { return s.Histogram }
	duration := func(s referee.Score) float64 { return s.Duration }
	median := func(s referee.Score) float64 { return s.MedianInterval }
	jitter := func(s referee.Score) float64 { return s.Jitter }
	score := func(s referee.Score) float64 { return s.Score }
	cases := []struct {
		rule  string
		group connections
		part  func(referee.Score) float64
		want  float64
	}{
		{"RITA's known answer: a steady interval", apart(98, 99, 99, 100, 100, 100, 101, 101, 102), interval, 0.995},
		{"RITA's known answer: two intervals in turn", apart(98, 300, 98, 300, 98, 300, 98, 300), interval, 0.746},
		{"two intervals are too few", apart(60, 60), interval, 0},
		{"three intervals are enough", apart(60, 60, 60), interval, 1},
		{"connections of one second have no interval between them", at(0, 60, 60, 60, 120), interval, 0},
		{"the order of events does not matter", at(180, 0, 120, 60), interval, 1},
		// Q1 15, Q2 30, Q3 70: skew 25/55; deviations 10 10 20 70: MAD 15 of 30
		{"skew and dispersion are half each", apart(10, 20, 40, 100), interval, 0.523},
		// Q1 100.5, Q2 105.5, Q3 110; MAD 4.5
		{"quartiles less than 10 apart are not skewed", apart(100, 101, 110, 110), interval, 0.979},
		// Q1 100, Q2 102, Q3 110: skew 0.6; MAD 2
		{"quartiles 10 apart are skewed", apart(100, 100, 102, 110, 110), interval, 0.690},
		{"the median in the first quartile is no skew", apart(100, 100, 100, 200, 300), interval, 1},
		// Q1 150, Q2 = Q3 = 300; MAD 0
		{"the median in the third quartile is no skew", apart(100, 200, 300, 300, 300), interval, 1},
		{"the median interval", apart(10, 20, 40, 100), median, 30},
		{"jitter is the deviation by the median", apart(10, 20, 40, 100), jitter, 0.5},
		{"one connection has no interval", at(60), median, 0},
		{"one connection has no jitter", at(60), jitter, 0},

		{"two sizes are too few", sent(500, 500), size, 0},
		{"three equal sizes are enough", sent(500, 500, 500), size, 1},
		{"a median size below 1 has no dispersion", sent(0, 0, 1, 1), size, 0.5},
		{"a median size of 1 has one", sent(0, 1, 1, 1), size, 1},
		{"sizes are skewed and dispersed as intervals are", sent(100, 1000, 400, 200), size, 0.523},
		// median 1000, MAD 999, no skew: (1 + 0.001) / 2 = 0.5005, which floating point takes for a hair less
		{"half a thousandth is rounded up", sent(1, 1000, 1999), size, 0.501},

		{"the same in every bin is even", bars(every(24, 1)...), histogram, 1},
		// 24·12244 − 516² = 27600, its root by 516 is 0.322; heights step by 2: pairs, 4/23
		{"evenness is 1 less the coefficient of variation", bars(counting(10, 33)...), histogram, 0.678},
		{"ten bars have no usual height", bars(every(10, 2)...), histogram, 0},
		{"eleven bars of one height do", bars(every(11, 2)...), histogram, 1},
		{"eleven bars of eleven heights: two of ten, for one is forgiven", bars(counting(1, 11)...), histogram, 0.2},
		{"below a height of 20 every connection counts", bars(20, 19, 2, 3, 4, 5, 6, 7, 8, 9, 10), histogram, 0.2},
		// 21 20 2 … 10 halved: 10 10 1 1 2 2 3 3 4 4 5
		{"from 21 on heights step by 2", bars(21, 20, 2, 3, 4, 5, 6, 7, 8, 9, 10), histogram, 0.4},

		{"five bars have no duration", bars(every(5, 1)...), duration, 0},
		// span 5 h of 24: 0.209; run 6 of 12
		{"the longest run by 12", bars(every(6, 1)...), duration, 0.5},
		// 20 h of 24: 0.8333…
		{"the span by the window, rounded up", at(0, 4*hour, 8*hour, 12*hour, 16*hour, 20*hour), duration, 0.834},
		// 11 of 12: 0.91666…
		{"the run too is rounded up", bars(every(11, 1)...), duration, 0.917},
		{"a run of 13 is worth 1 and no more", bars(every(13, 1)...), duration, 1},
		// span 79,201 s of 86,400: 0.917; run 6 + 6
		{"the last bin is followed by the first", at(hour-1, hour, 2*hour, 3*hour, 4*hour, 5*hour, 18*hour, 19*hour, 20*hour, 21*hour, 22*hour, 23*hour), duration, 1},

		// 1, 1, 0 and 0.5
		{"the score is the mean of the four", bars(every(6, 1)...), score, 0.625},
		// 0.995, 1, 0 and 0: 0.49875
		{"the mean is rounded", apart(98, 99, 99, 100, 100, 100, 101, 101, 102), score, 0.499},
		// interval 0, size 0, histogram 0, duration 0
		{"one connection scores 0", at(60), score, 0},
	}
	window := referee.Window(detecttest.Days(1))
	var groups []connections
	for _, c := range cases {
		groups = append(groups, c.group)
	}
	answered := scored(t, groups, window)
	for i, c := range cases {
		t.Run(c.rule, func(t *testing.T) {
			if got := c.part(referee.ScoreOf(c.group.after(window.From), c.group.sizes, window)); got != c.want {
				t.Errorf("the referee says %v, want %v", got, c.want)
			}
			if got := c.part(answered[i]); got != c.want {
				t.Errorf("ClickHouse says %v, want %v", got, c.want)
			}
		})
	}
}

func TestASecondThatTheWindowsStartCutsIsInTheFirstBin(t *testing.T) {
	from := detecttest.At(t, "10:00:00.500")
	window := referee.Window{From: from, To: from.Add(24 * time.Hour)}
	group := connections{[]int64{0, 1, 3600, 3601, 24*3600 - 1, 24 * 3600}, []int64{1, 1, 1, 1, 1, 1}} // after 10:00:00.000
	want := append([]int64{3, 1}, make([]int64, 22)...)
	want[23] = 2
	if diff := cmp.Diff(want, referee.ScoreOf(group.after(from), group.sizes, window).Sparkline); diff != "" {
		t.Errorf("the referee (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want, scored(t, []connections{group}, window)[0].Sparkline); diff != "" {
		t.Errorf("ClickHouse (-want +got):\n%s", diff)
	}
}

func TestTheScoreOfRandomGroups(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 1584))
	for round := range 40 {
		from := detecttest.At(t, "00:00:00").Add(time.Duration(r.IntN(1000)) * time.Millisecond)
		window := referee.Window{From: from, To: from.Add(time.Duration(1+r.IntN(14*24*3600*1000)) * time.Millisecond)}
		var groups []connections
		for range 25 {
			groups = append(groups, randomConnections(r, window))
		}
		answered := scored(t, groups, window)
		for i, g := range groups {
			want := referee.ScoreOf(g.after(window.From), g.sizes, window)
			if diff := cmp.Diff(want, answered[i]); diff != "" {
				t.Fatalf("round %d, group %d, window %v: %v (-want +got):\n%s", round, i, window, g, diff)
			}
		}
	}
}

// randomConnections is anything between a clock with jitter and noise, with few or many connections.
func randomConnections(r *rand.Rand, w referee.Window) connections {
	last := w.To.Add(-time.Millisecond).Unix() - w.From.Unix()
	n := 1 + r.IntN([]int{4, 30, 300}[r.IntN(3)])
	period, jitter := last/int64(n), r.Int64N(100)
	spread, steps := 1+r.Int64N(5000), 1+r.Int64N(50)
	clock := r.IntN(2) == 0
	var c connections
	for i := range n {
		second := r.Int64N(last + 1)
		if clock {
			second = min(last, int64(i)*period+r.Int64N(jitter+1))
		}
		c.seconds = append(c.seconds, second)
		c.sizes = append(c.sizes, r.Int64N(spread)/steps*steps)
	}
	r.Shuffle(n, func(i, j int) { c.seconds[i], c.seconds[j] = c.seconds[j], c.seconds[i] })
	return c
}

// scored runs score.sql over the groups, in their order.
func scored(t *testing.T, groups []connections, w referee.Window) []referee.Score {
	t.Helper()
	sql, err := os.ReadFile("score.sql")
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	for i, g := range groups {
		rows = append(rows, fmt.Sprintf("(%d, [%s], [%s])", i, list(g.after(w.From)), list(g.sizes)))
	}
	text := "WITH groups AS (SELECT * FROM values('Id Int64, Seconds Array(Int64), Sizes Array(Int64)', " + strings.Join(rows, ", ") + ")),\n" +
		string(sql) + "SELECT Score, IntervalScore, SizeScore, HistogramScore, DurationScore, MedianInterval, Jitter, Sparkline FROM scored ORDER BY Id"
	var columns []statement.Column
	for _, name := range []string{"Score", "IntervalScore", "SizeScore", "HistogramScore", "DurationScore", "MedianInterval", "Jitter"} {
		columns = append(columns, statement.Column{Name: name, Kind: statement.Number})
	}
	columns[2].Kind = statement.Part
	s, err := statement.New(text, map[string]any{"beaconing_from": w.From, "beaconing_to": w.To}, append(columns, statement.Column{Name: "Sparkline", Kind: statement.Series}))
	if err != nil {
		t.Fatal(err)
	}
	client, err := clickhouse.New(chtest.Shared(t).Settings(settings.Native), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Close() }()
	result, err := client.Query(t.Context(), s, clickhouse.Origin{Detector: "test"})
	if err != nil {
		t.Fatal(err)
	}
	if result.Rows != len(groups) {
		t.Fatalf("%d rows came for %d groups", result.Rows, len(groups))
	}
	scores := make([]referee.Score, result.Rows)
	for i := range scores {
		number := func(column int) float64 { return result.Data[column].([]float64)[i] }
		scores[i] = referee.Score{
			Score: number(0), Interval: number(1), Size: result.Data[2].([]*float64)[i], Histogram: number(3), Duration: number(4),
			MedianInterval: number(5), Jitter: number(6), Sparkline: result.Data[7].([][]int64)[i],
		}
	}
	return scores
}

// after counts the seconds from the epoch.
func (c connections) after(from time.Time) []int64 {
	seconds := slices.Clone(c.seconds)
	for i := range seconds {
		seconds[i] += from.Unix()
	}
	return seconds
}

func list(numbers []int64) string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(numbers), " ", ","), "[]")
}

// at is connections at these seconds, of one size.
func at(seconds ...int64) connections {
	return connections{seconds, slices.Repeat([]int64{100}, len(seconds))}
}

// apart is connections with these distances in seconds.
func apart(intervals ...int64) connections {
	seconds := []int64{0}
	for _, interval := range intervals {
		seconds = append(seconds, seconds[len(seconds)-1]+interval)
	}
	return at(seconds...)
}

// sent is connections of these sizes, a minute apart.
func sent(sizes ...int64) connections {
	var c connections
	for i, size := range sizes {
		c.seconds, c.sizes = append(c.seconds, int64(i)*60), append(c.sizes, size)
	}
	return c
}

// bars is so many connections at the start of the first hour, of the second, and so on.
func bars(heights ...int64) connections {
	var seconds []int64
	for i, height := range heights {
		seconds = append(seconds, slices.Repeat([]int64{int64(i) * 3600}, int(height))...)
	}
	return at(seconds...)
}

func every(n int, height int64) []int64 { return slices.Repeat([]int64{height}, n) }

func counting(from, to int64) []int64 {
	var numbers []int64
	for n := from; n <= to; n++ {
		numbers = append(numbers, n)
	}
	return numbers
}
