-- How many findings of a rule were open in an interval, and how many were found first in it. Intervals are counted from the epoch, in
-- UTC.
SELECT
    toInt64(dense_rank() OVER (ORDER BY {{if .Hides}}OnlyHidden, {{end}}Rule, Count)) AS Rank,
    fromUnixTimestamp64Milli(Place * {interval:Int64}, 'UTC') AS Time,
    Rule,
    Count,
    toFloat64(count()) AS Value
{{- if .Hides}},
    max(counted.HiddenFindings) AS HiddenFindings,
    OnlyHidden
{{- end}}
FROM
(
    SELECT
        *,
        arrayJoin(arrayPushFront(
            arrayMap(place -> ('open', place), range(
                intDiv(toUnixTimestamp64Milli(greatest(FirstDetected, {from:DateTime64(3, 'UTC')})), {interval:Int64}),
                intDiv(toUnixTimestamp64Milli(least(LastDetected, {to:DateTime64(3, 'UTC')} - INTERVAL 1 MILLISECOND)), {interval:Int64}) + 1)),
            ('new', intDiv(toUnixTimestamp64Milli(FirstDetected), {interval:Int64})))) AS Counted,
        Counted.1 AS Count,
        Counted.2 AS Place
    FROM {{.From}}
) AS counted
WHERE Place >= intDiv(toUnixTimestamp64Milli({from:DateTime64(3, 'UTC')}), {interval:Int64})
GROUP BY Rule, Count, Place{{if .Hides}}, OnlyHidden{{end}}
ORDER BY Rank, Time
