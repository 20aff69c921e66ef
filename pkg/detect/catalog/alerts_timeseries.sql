-- One row a detector and interval: how many findings have their Timestamp in it. Intervals are counted from the epoch,
-- in UTC.
SELECT
    toInt64(dense_rank() OVER (ORDER BY {{if .Hides}}OnlyHidden, {{end}}AlertType)) AS Rank,
    fromUnixTimestamp64Milli(intDiv(toUnixTimestamp64Milli(Timestamp), {interval:Int64}) * {interval:Int64}, 'UTC') AS Time,
    Detector,
    AlertType,
    toFloat64(count()) AS Value
{{- if .Hides}},
    max(AllHidden) AS HiddenFindings,
    OnlyHidden
{{- end}}
FROM
(
{{- if .Hides}}
    -- each detector's number once
    SELECT *, toInt64(sumIf(HiddenFindings, PartRow = 1) OVER ()) AS AllHidden FROM
    (SELECT *, row_number() OVER (PARTITION BY AlertType) AS PartRow FROM
    (
{{- end}}
{{- range $i, $p := .Parts}}
    {{- if $i}}
    UNION ALL{{end}}
    SELECT '{{$p.Name}}' AS Detector, Timestamp, AlertType{{range $p.Hidden}}, {{.}}{{end}} FROM
    (
    {{$p.SQL}}
    )
{{- end}}
{{- if .Hides}}
    ))
{{- end}}
)
GROUP BY Detector, AlertType, Time{{if .Hides}}, OnlyHidden{{end}}
ORDER BY Rank, Time
