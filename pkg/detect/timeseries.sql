,
-- The findings with the highest alert values, each of which becomes a series. One more than asked for is read, so that
-- a cut result shows.
ranked AS
(
    SELECT
{{- range .Labels}}
        {{.}},
{{- end}}
        toInt64(row_number() OVER (ORDER BY max({{.Value}}) DESC{{range .Labels}}, {{.}}{{end}})) AS Rank
{{- range .Hidden}},
        max(shown.{{.Name}}) AS {{.Name}}
{{- end}}
    FROM {{.From}}
    GROUP BY {{range $i, $l := .Labels}}{{if $i}}, {{end}}{{$l}}{{end}}
    ORDER BY Rank
    LIMIT {limit:Int64}
)
-- One row a series and interval in which it has a value. Intervals are counted from the epoch, in UTC.
SELECT
    Rank,
    fromUnixTimestamp64Milli(intDiv(toUnixTimestamp64Milli(Timestamp), {interval:Int64}) * {interval:Int64}, 'UTC') AS Time,
{{- range .Labels}}
    {{.}},
{{- end}}
    toFloat64({{.Measure}}) AS Value
{{- range .Hidden}},
    any(ranked.{{.Name}}) AS {{.Name}}
{{- end}}
FROM {{.Points}}
INNER JOIN ranked USING ({{range $i, $l := .Labels}}{{if $i}}, {{end}}{{$l}}{{end}})
GROUP BY Rank, Time, {{range $i, $l := .Labels}}{{if $i}}, {{end}}{{$l}}{{end}}
ORDER BY Rank, Time
