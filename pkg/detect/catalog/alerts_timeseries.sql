-- One row an AlertType and interval: how many findings have their Timestamp in it. Intervals are counted from the epoch,
-- in UTC.
SELECT
    toInt64(dense_rank() OVER (ORDER BY AlertType)) AS Rank,
    fromUnixTimestamp64Milli(intDiv(toUnixTimestamp64Milli(Timestamp), {interval:Int64}) * {interval:Int64}, 'UTC') AS Time,
    AlertType,
    toFloat64(count()) AS Value
FROM
(
{{- range $i, $p := .Parts}}
    {{- if $i}}
    UNION ALL{{end}}
    SELECT Timestamp, AlertType FROM
    (
    {{$p.SQL}}
    )
{{- end}}
)
GROUP BY AlertType, Time
ORDER BY Rank, Time
