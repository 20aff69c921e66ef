-- One row a series and interval in which it has a value. Intervals are counted from the epoch, in UTC.
SELECT
    Rank,
    fromUnixTimestamp64Milli(intDiv(toUnixTimestamp64Milli(Timestamp), {interval:Int64}) * {interval:Int64}, 'UTC') AS Time,
{{- range .Labels}}
    {{.}},
{{- end}}
    toFloat64({{.Measure}}) AS Value,
    any(ranked.Findings) AS Findings
{{- range .Hidden}},
    any(ranked.{{.Name}}) AS {{.Name}}
{{- end}}
FROM {{.Points}}
INNER JOIN ranked USING ({{.Identity}})
GROUP BY Rank, Time, {{.Identity}}
ORDER BY Rank, Time
