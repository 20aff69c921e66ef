-- The analytic's union: the nine common columns, newest first, ties broken by the columns that identify a finding.
-- Rows in:  the newest findings of each detector, one more than asked for.
-- Row out:  one finding.
SELECT
{{- range $i, $c := .Columns}}{{if $i}},{{end}}
    {{$c.Name}}
{{- end}}
FROM
(
{{- range $i, $p := .Parts}}
    {{- if $i}}
    UNION ALL{{end}}
    SELECT {{range $j, $c := $.Columns}}{{if $j}}, {{end}}{{$c.Name}}{{end}} FROM
    (
    {{$p.SQL}}
    )
{{- end}}
)
ORDER BY Timestamp DESC, AlertType, DeviceName, RemoteIP, RemoteUrl, ConnectionCount, BytesSent, BytesReceived, SampleProcesses
LIMIT {limit:Int64}
