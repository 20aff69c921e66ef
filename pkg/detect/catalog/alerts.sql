-- The analytic's union: the nine common columns and what each finding is worth, newest first, ties broken by the columns
-- that identify a finding.
-- Rows in:  the newest findings of each detector, one more than asked for.
-- Row out:  one finding.
SELECT
{{- range $i, $c := .Columns}}{{if $i}},{{end}}
    {{$c.Name}}
{{- end}}
{{- if .Hides}},
    -- each detector's number once
    toInt64(sumIf(HiddenFindings, PartRow = 1) OVER ()) AS HiddenFindings,
    OnlyHidden
{{- end}}
FROM
(
{{- if .Hides}}
    SELECT *, row_number() OVER (PARTITION BY AlertType) AS PartRow FROM
    (
{{- end}}
{{- range $i, $p := .Parts}}
    {{- if $i}}
    UNION ALL{{end}}
    SELECT {{range $j, $c := $.Columns}}{{if $j}}, {{end}}{{$c.Name}}{{end}}{{range $p.Hidden}}, {{.}}{{end}} FROM
    (
    {{$p.SQL}}
    )
{{- end}}
{{- if .Hides}}
    )
{{- end}}
)
ORDER BY {{if .Hides}}OnlyHidden, {{end}}Timestamp DESC, AlertType, DeviceName, RemoteIP, RemoteUrl, ConnectionCount, BytesSent, BytesReceived, SampleProcesses, FindingKey
LIMIT {limit:Int64}
