-- The beacon score, after the formulas that RITA v5 published: how much a group of connections looks like a machine's.
-- Rows in:  groups: one row a group, with Seconds Array(Int64), the time of each connection in whole seconds, and Sizes
--           Array(Int64), the bytes sent of those that have a count, both in any order, and whatever else the group has.
-- Row out:  scored: the same with Score, its four parts, MedianInterval, Jitter and Sparkline.
-- Parameters: beaconing_from and beaconing_to, the window.
-- Intervals and sizes are judged by the same formulas, and so stand side by side in lists of two: planning a formula takes
-- longer than computing it for the groups of a million events, and so does each further relation.
(sorted) -> sorted[intDiv(length(sorted) + 1, 2)] + sorted[intDiv(length(sorted), 2) + 1] AS twiceMedian,
-- The values that stand below and above the middle; an odd number's middle one is in neither half.
(sorted) -> arraySlice(sorted, 1, intDiv(length(sorted), 2)) AS lowerHalf,
(sorted) -> arraySlice(sorted, intDiv(length(sorted) + 1, 2) + 1) AS upperHalf,
-- Quartiles come doubled. A range below 10 is not skewed, nor are quartiles that coincide.
(q1, q2, q3) -> if(q3 - q1 < 20 OR q2 = q1 OR q2 = q3, 0, (q1 + q3 - 2 * q2) / (q3 - q1)) AS skewness,
-- How close values are to their median, which comes doubled. Below 1, as only a size's can be, they are not close.
(q2, deviation) -> (q2 >= 2) * greatest(0, (q2 / 2 - deviation) / greatest(q2 / 2, 1)) AS dispersion,
-- Half a thousandth is rounded up, also where floating point takes it for a hair less.
(x) -> toInt64(floor(x * 1000 + 0.5 + 1e-9)) AS inThousandths,
(dividend, divisor) -> intDiv(dividend + divisor - 1, divisor) AS roundedUp,
-- Conditions are factors of 0 or 1 below, and no if(): that would evaluate the lists' functions row by row.
sortedValues AS
(
    SELECT
        *,
        toUnixTimestamp64Milli({beaconing_from:DateTime64(3, 'UTC')}) AS FromMillis,
        -- an empty window holds no connection
        greatest(toUnixTimestamp64Milli({beaconing_to:DateTime64(3, 'UTC')}) - FromMillis, 1) AS WindowMillis,
        [
            -- intervals: times of one second differ by 0, and so does the first from nothing
            arraySort(arrayFilter(gap -> gap > 0, arrayDifference(arraySort(Seconds)))),
            arraySort(Sizes)
        ] AS Measures,
        arrayMax(Seconds) - arrayMin(Seconds) AS SpanSeconds,
        -- the bin of 24 that each connection is in; a second that the window's start cuts begins before the window
        arrayMap(second -> toUInt8(intDiv(greatest(second * 1000 - FromMillis, 0) * 24, WindowMillis)), Seconds) AS Places,
        arrayMap(n -> toInt64(n), arrayReduce('countResample(0, 24, 1)', Places)) AS Sparkline
    FROM groups
),
quartiles AS
(
    SELECT
        *,
        arrayMap(values -> twiceMedian(lowerHalf(values)), Measures) AS Q1s,
        arrayMap(values -> twiceMedian(values), Measures) AS Q2s,
        arrayMap(values -> twiceMedian(upperHalf(values)), Measures) AS Q3s,
        arraySum(Sparkline) AS BarSum,
        arrayFilter(bar -> bar > 0, Sparkline) AS FullBars,
        -- heights in steps of 5 % of the highest, rounded up
        arrayMap(bar -> intDiv(bar, intDiv(arrayMax(FullBars) + 19, 20)), FullBars) AS Heights
    FROM sortedValues
),
deviations AS
(
    SELECT
        *,
        -- the median absolute deviation; the deviations are doubled, to stay whole
        arrayMap((values, q2) -> twiceMedian(arraySort(arrayMap(value -> abs(2 * value - q2), values))) / 4, Measures, Q2s) AS Deviations,
        -- population σ / mean of n bars = √(n · Σ bar² − (Σ bar)²) / Σ bar
        greatest(0, 1 - sqrt(24 * arraySum(bar -> bar * bar, Sparkline) - BarSum * BarSum) / BarSum) AS Evenness,
        -- how many bars have each height, the most frequent first
        arrayReverseSort(arrayMap(height -> countEqual(Heights, height), arrayDistinct(Heights))) AS Modes,
        -- one odd bar is forgiven
        (length(FullBars) >= 11) * least(1, (Modes[1] + Modes[2]) / greatest(length(FullBars) - 1, 1)) AS Modality,
        -- the longest run of full bars, the last followed by the first
        least(24, arrayMax(run -> arrayCount(bar -> bar > 0, run), arraySplit(bar -> bar = 0, arrayConcat(Sparkline, Sparkline)))) AS LongestRun,
        -- half for how symmetric the values are and half for how close to their median, of at least 3
        arrayMap((values, q1, q2, q3, deviation) -> (length(values) >= 3) * inThousandths(((1 - abs(skewness(q1, q2, q3))) + dispersion(q2, deviation)) / 2), Measures, Q1s, Q2s, Q3s, Deviations) AS Regularities,
        [
            Regularities[1],
            Regularities[2],
            inThousandths(greatest(Evenness, Modality)),
            (length(FullBars) >= 6) * least(1000, greatest(roundedUp(1000 * 1000 * SpanSeconds, WindowMillis), roundedUp(1000 * LongestRun, 12)))
        ] AS Parts,
        -- sizes that nobody counted have no score
        3 + (length(Sizes) > 0) AS PartCount
    FROM quartiles
),
scored AS
(
    SELECT
        *,
        Score,
        Parts[1] / 1000 AS IntervalScore,
        if(PartCount = 4, Parts[2] / 1000, NULL) AS SizeScore,
        Parts[3] / 1000 AS HistogramScore,
        Parts[4] / 1000 AS DurationScore,
        Q2s[1] / 2 AS MedianInterval,
        Deviations[1] / greatest(MedianInterval, 1) AS Jitter
    FROM deviations
    -- A list of one, so that a condition on the score stays behind it: joined with the thresholds by AND, it would
    -- evaluate the lists' functions row by row.
    ARRAY JOIN [intDiv(2 * arraySum(Parts) + PartCount, 2 * PartCount) / 1000] AS Score
)
