-- One row a set of labels: the highest alert value in the window. One row more than asked for is read, so that a cut
-- result shows.
SELECT
{{- range .Labels}}
    {{.}},
{{- end}}
    toFloat64(max({{.Value}})) AS Value
{{- range .Hidden}},
    max(shown.{{.Name}}) AS {{.Name}}
{{- end}}
FROM {{.From}}
GROUP BY {{range $i, $l := .Labels}}{{if $i}}, {{end}}{{$l}}{{end}}
ORDER BY {{range $i, $l := .Labels}}{{if $i}}, {{end}}{{$l}}{{end}}
LIMIT {limit:Int64}
