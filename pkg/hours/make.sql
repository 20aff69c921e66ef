-- Second step: the planned hours. A run that is cut off, or two at once, leave rows that no note ever names.
-- Rows in:  events of the planned hours.
-- Row out:  the events of one hour that differ in nothing but their time, bytes and duration.
SELECT
    toStartOfHour({{.At}}) AS Hour,
    -- of one hour and one run
    toInt64(bitShiftLeft(toInt64(intDiv(toUnixTimestamp(Hour), 3600)), 32) + randConstant()) AS Build,
    now64(3) AS MadeAt,
{{- range .Keys}}
    {{.Expression}} AS {{.Name}},
{{- end}}
    {{.GroupKey}} AS GroupKey,
    toInt64(count()) AS Connections,
    {{.SentBytes}} AS SentBytes,
    {{.ReceivedBytes}} AS ReceivedBytes,
    min({{.Time}}) AS FirstSeen,
    max({{.Time}}) AS LastSeen,
    groupArray(toUInt32(toUnixTimestamp({{.At}}))) AS Seconds,
    {{.Sizes}} AS Sizes,
    {{.OpenMs}} AS OpenMs,
    {{.LongestMs}} AS LongestMs
FROM {{.Events}} AS t
WHERE toStartOfHour({{.At}}) IN
(
    SELECT Hour
    FROM {{.Made}}
    WHERE Source = {{.Source}}
    GROUP BY Hour
    HAVING maxIf(At, Step = 'planned') > maxIf(At, Step = 'made')
)
GROUP BY Hour, {{range .Keys}}{{.Name}}, {{end}}GroupKey
