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
    toFloat64({{if .Unique}}{{.Value}}{{else}}max({{.Value}}){{end}}) AS Value
{{- range .Hidden}},
    {{if $.Unique}}shown.{{.Name}}{{else}}max(shown.{{.Name}}){{end}} AS {{.Name}}
{{- end}}
FROM {{.From}}
{{- if not .Unique}}
GROUP BY {{range $i, $l := .Labels}}{{if $i}}, {{end}}{{$l}}{{end}}
{{- end}}
ORDER BY {{range $i, $l := .Labels}}{{if $i}}, {{end}}{{$l}}{{end}}
LIMIT {limit:Int64}
