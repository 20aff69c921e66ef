-- One row a finding, newest first. One row more than asked for is read, so that a cut result shows.
SELECT
{{- range $i, $c := .Columns}}{{if $i}},{{end}}
    {{$c.Name}}
{{- end}}
FROM {{.From}}
ORDER BY Timestamp DESC, AlertType, DeviceName, RemoteIP, RemoteUrl, {{.Key}}
LIMIT {limit:Int64}
