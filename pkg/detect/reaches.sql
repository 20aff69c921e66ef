-- How far a ledger of destinations reaches back without a gap, up to when, and how many devices it has seen.
-- Rows in:  the ledger's rows of the empty host: the times that were looked at.
-- Row out:  one; the epoch and 0 where it was never filled.
SELECT
    -- A day that nobody looked at ends what is known, and so does the one after it, which begins somewhere.
    if(empty(Resumed), Began, toDateTime64(toDate(toUInt16(Resumed[-1] + 1)), 3, 'UTC')) AS KnownFrom,
    Ended AS KnownUntil,
    KnownDevices
FROM
(
    SELECT
        toDateTime64(min(l.FirstSeen), 3, 'UTC') AS Began,
        toDateTime64(max(l.LastSeen), 3, 'UTC') AS Ended,
        toInt64(uniqCombinedMerge(12)(l.Devices)) AS KnownDevices,
        arraySort(bitmapToArray(groupBitmapMergeState(l.Days))) AS LookedAt,
        arrayFilter((day, step) -> step > 1, LookedAt, arrayDifference(LookedAt)) AS Resumed
    FROM {{.}} AS l
    WHERE l.Host = ''
)
