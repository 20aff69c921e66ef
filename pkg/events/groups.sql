-- Rows in:  events of the window that pass the query's filters.
-- Row out:  one combination of the columns, most events first. One row more than asked for is read, so that a cut result
--           shows.
-- Parameters: limit; from, to and filter* belong to the source.
WITH mapped AS
(
    {{.Source.Select 4 .Read}}
)
SELECT
{{- range .By}}
    {{.}},
{{- end}}
    Events,
    Devices,
    BytesSent,
    BytesReceived,
    FirstSeen,
    LastSeen
FROM
(
    SELECT
{{- range .By}}
        ifNull(toString(m.{{.}}), '') AS {{.}},
{{- end}}
        toInt64(count()) AS Events,
        toInt64(uniqExact(m.DeviceId)) AS Devices,
        -- null bytes count as 0
        toInt64(sum(ifNull(m.SentBytes, 0))) AS BytesSent,
        toInt64(sum(ifNull(m.ReceivedBytes, 0))) AS BytesReceived,
        min(m.Timestamp) AS FirstSeen,
        max(m.Timestamp) AS LastSeen
    FROM mapped AS m
    GROUP BY {{range $i, $c := .By}}{{if $i}}, {{end}}{{$c}}{{end}}
)
ORDER BY Events DESC{{range .By}}, {{.}}{{end}}
LIMIT {limit:Int64}
