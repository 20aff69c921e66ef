-- The shape of a channel in time.
-- Rows in:  candidates, each with its sorted Seconds.
-- Row out:  shaped: the same with CheckIns, MedianInterval, Regularity, Coverage, Bins and ActiveBins.
-- Connections within three seconds are one check-in: programs open several at a time.
checkedIn AS
(
    SELECT
        *,
        arraySort(arrayFilter(gap -> gap > 3, arrayDifference(Seconds))) AS Intervals,
        1 + length(Intervals) AS CheckIns,
        toFloat64(arrayElement(Intervals, intDiv(length(Intervals) + 1, 2))) AS MedianInterval,
        -- each bin's border is a fifth above the one before
        arraySort(arrayMap(gap -> toInt16(floor(log(gap) / log(1.2))), Intervals)) AS Steps,
        -- the runs of equal steps; to count each step in all of them would need the steps once for each
        arrayReverseSort(arrayMap(run -> length(run), arraySplit((step, change) -> change != 0, Steps, arrayDifference(Steps)))) AS Frequencies,
        toUnixTimestamp64Milli({cases_to:DateTime64(3, 'UTC')}) - toUnixTimestamp64Milli({cases_from:DateTime64(3, 'UTC')}) AS WindowMillis,
        arrayMap(second -> toUInt8(least(23, intDiv(greatest(second * 1000 - toUnixTimestamp64Milli({cases_from:DateTime64(3, 'UTC')}), 0) * 24, greatest(WindowMillis, 1)))), Seconds) AS Places,
        arrayMap(n -> toInt64(n), arrayReduce('countResample(0, 24, 1)', Places)) AS Bins
    FROM candidates
),
shaped AS
(
    SELECT
        *,
        -- Of the intervals, the share that lies in the three most frequent steps: near 1 for a sleep with up to a half of
        -- jitter, or for a sleep that changes between two or three values; a fifth for independent events, whose intervals
        -- spread over many steps. It needs five intervals.
        if(length(Intervals) < 5, 0, arraySum(arraySlice(Frequencies, 1, 3)) / length(Intervals)) AS Regularity,
        arrayCount(bin -> bin > 0, Bins) AS ActiveBins,
        -- how much of the window its check-ins fill, each with the median interval; a few may lie far apart by chance
        if(CheckIns < 10, 0, least(1, CheckIns * MedianInterval * 1000 / greatest(WindowMillis, 1))) AS Coverage
    FROM checkedIn
)
