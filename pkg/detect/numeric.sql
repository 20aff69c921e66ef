-- One row a set of labels: the highest alert value in the window, with the key that the same finding has in a table. One
-- row more than asked for is read, so that a cut result shows.
SELECT
{{- range .Labels}}
    {{.}},
{{- end}}
    {{.FindingKey}} AS FindingKey,
{{- if .Suspicious}}
    -- of the address that is a label, and so the same at every evaluation
    {{.Suspicious}} AS SuspiciousASN,
{{- end}}
    toFloat64(max({{.Value}})) AS Value
{{- range .Hidden}},
    max(shown.{{.Name}}) AS {{.Name}}
{{- end}}
FROM {{.From}}
GROUP BY {{range $i, $l := .Labels}}{{if $i}}, {{end}}{{$l}}{{end}}
ORDER BY {{range $i, $l := .Labels}}{{if $i}}, {{end}}{{$l}}{{end}}
LIMIT {limit:Int64}
