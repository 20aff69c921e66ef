package referee

import (
	"math"
	"slices"
)

// Score says how much a group of connections looks like a machine's beacon: 0 is not at all, 1 is a clock. The formulas
// are those that RITA v5 published (https://github.com/activecm/rita). All scores have three decimals.
type Score struct {
	Score          float64  // the mean of those that are known
	Interval       float64  // how regular the intervals are
	Size           *float64 // how regular the bytes sent are; nil where none are known
	Histogram      float64  // how evenly the connections spread over the window
	Duration       float64  // how much of the window they span
	MedianInterval float64  // seconds; 0 without an interval
	Jitter         float64  // the intervals' median absolute deviation by their median; 0 without an interval
	Sparkline      []int64  // connections in each of the window's bins
}

// Bins is how many equal bins the window has.
const Bins = 24

// Thresholds of the parts.
const (
	minStatisticalValues = 3  // fewer say nothing of their regularity
	minSkewRange         = 10 // a narrower Q3 − Q1 is not skewed
	minModalBars         = 11 // fewer non-empty bins have no usual height
	minDurationBars      = 6  // fewer non-empty bins have no duration
	longRun              = 12 // a run of that many bins is long enough
)

// ScoreOf scores a group by its event times in whole seconds and the bytes sent of each connection, both in any order.
func ScoreOf(seconds, sizes []int64, w Window) Score {
	intervals := intervalsOf(seconds)
	bars := barsOf(seconds, w)
	interval := thousandths(statistical(intervals, 1))
	histogram, duration := thousandths(histogram(bars)), durationThousandths(seconds, bars, w)
	score := Score{
		Interval:  float64(interval) / 1000,
		Histogram: float64(histogram) / 1000,
		Duration:  float64(duration) / 1000,
		Sparkline: bars,
	}
	sum, parts := interval+histogram+duration, int64(3)
	if len(sizes) > 0 {
		size := thousandths(statistical(sizes, 0))
		share := float64(size) / 1000
		score.Size, sum, parts = &share, sum+size, 4
	}
	score.Score = math.Floor(float64(sum)/float64(parts)+0.5) / 1000 // rounded: half a thousandth up
	if len(intervals) > 0 {
		score.MedianInterval = median(numbers(intervals))
		score.Jitter = deviation(numbers(intervals)) / score.MedianInterval
	}
	return score
}

// intervalsOf returns the sorted distances between consecutive distinct seconds.
func intervalsOf(seconds []int64) []int64 {
	distinct := slices.Compact(slices.Sorted(slices.Values(seconds)))
	var intervals []int64
	for i := 1; i < len(distinct); i++ {
		intervals = append(intervals, distinct[i]-distinct[i-1])
	}
	slices.Sort(intervals)
	return intervals
}

// statistical is the interval part and the size part: half of it says how symmetric the values are, half how close they
// are to their median. ofSmall is the second half where the median is below 1.
func statistical(values []int64, ofSmall float64) float64 {
	if len(values) < minStatisticalValues {
		return 0
	}
	q1, q2, q3 := quartiles(numbers(values))
	skew := (q1 + q3 - 2*q2) / (q3 - q1)
	if q3-q1 < minSkewRange || q2 == q1 || q2 == q3 {
		skew = 0
	}
	dispersion := (q2 - deviation(numbers(values))) / q2
	if dispersion < 0 {
		dispersion = 0
	}
	if q2 < 1 {
		dispersion = ofSmall
	}
	return ((1 - math.Abs(skew)) + dispersion) / 2
}

// quartiles are the median, and the medians of the halves below and above it. The middle element of an odd number is in
// neither half.
func quartiles(values []float64) (q1, q2, q3 float64) {
	sorted := slices.Sorted(slices.Values(values))
	var below, above []float64
	for i, value := range sorted {
		fromEnd := len(sorted) - 1 - i
		if i < fromEnd {
			below = append(below, value)
		}
		if i > fromEnd {
			above = append(above, value)
		}
	}
	return median(below), median(sorted), median(above)
}

// median is the middle one of the values, or the mean of the two in the middle.
func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}

// deviation is the median absolute deviation: the median of the distances from the median.
func deviation(values []float64) float64 {
	middle := median(values)
	var distances []float64
	for _, value := range values {
		distances = append(distances, math.Abs(value-middle))
	}
	return median(distances)
}

func numbers(values []int64) []float64 {
	var list []float64
	for _, value := range values {
		list = append(list, float64(value))
	}
	return list
}

// barsOf counts the connections in each bin of the window.
func barsOf(seconds []int64, w Window) []int64 {
	bars := make([]int64, Bins)
	from, to := w.From.UnixMilli(), w.To.UnixMilli()
	for _, second := range seconds {
		// A second that the window's start cuts begins before the window.
		bars[max(second*1000-from, 0)*Bins/(to-from)]++
	}
	return bars
}

// histogram is high where connections spread evenly over the bins, or where the bins have one or two usual heights.
func histogram(bars []int64) float64 {
	return max(evenness(bars), modality(bars))
}

// evenness is 1 less the coefficient of variation of all bins, the empty ones too: the population's standard deviation by
// the mean.
func evenness(bars []int64) float64 {
	mean := 0.0
	for _, bar := range bars {
		mean += float64(bar) / Bins
	}
	if mean == 0 {
		return 0
	}
	variance := 0.0
	for _, bar := range bars {
		variance += (float64(bar) - mean) * (float64(bar) - mean) / Bins
	}
	return max(0, 1-math.Sqrt(variance)/mean)
}

// modality is the share of the non-empty bins that have one of the two most frequent heights, one odd bin forgiven.
func modality(bars []int64) float64 {
	full := slices.DeleteFunc(slices.Clone(bars), func(bar int64) bool { return bar == 0 })
	if len(full) < minModalBars {
		return 0
	}
	step := (slices.Max(full) + 19) / 20 // 5 % of the highest, rounded up
	times := map[int64]int{}
	for _, bar := range full {
		times[bar/step]++
	}
	frequent := []int{0}
	for _, n := range times {
		frequent = append(frequent, n)
	}
	slices.Sort(frequent)
	first, second := frequent[len(frequent)-1], frequent[len(frequent)-2]
	return min(1, float64(first+second)/float64(max(len(full)-1, 1)))
}

// durationThousandths is the larger of the share of the window between the first and the last second and of the longest
// run of non-empty bins by 12, each at most 1, rounded up to thousandths.
func durationThousandths(seconds, bars []int64, w Window) int64 {
	full := 0
	for _, bar := range bars {
		if bar > 0 {
			full++
		}
	}
	if full < minDurationBars {
		return 0
	}
	span := slices.Max(seconds) - slices.Min(seconds)
	return min(1000, max(
		roundedUp(1000*1000*span, w.To.UnixMilli()-w.From.UnixMilli()),
		roundedUp(1000*longestRun(bars), longRun),
	))
}

// longestRun of non-empty bins; the last bin is followed by the first.
func longestRun(bars []int64) int64 {
	var longest, run int64
	for _, bar := range slices.Concat(bars, bars) {
		if run++; bar == 0 {
			run = 0
		}
		longest = max(longest, run)
	}
	return min(longest, Bins)
}

func roundedUp(dividend, divisor int64) int64 { return (dividend + divisor - 1) / divisor }

// thousandths rounds half a thousandth up, and what floating point has taken a hair off half a thousandth as well.
func thousandths(x float64) int64 { return int64(math.Floor(x*1000 + 0.5 + 1e-9)) }
