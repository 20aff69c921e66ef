-- One row a detector, in the order of the catalog: its findings counted.
SELECT
{{- range $i, $c := .Columns}}{{if $i}},{{end}}
    {{$c.Name}}
{{- end}}
{{- if .Hides}},
    -- each detector's number once
    toInt64(sum(HiddenFindings) OVER ()) AS HiddenFindings,
    OnlyHidden
{{- end}}
FROM
(
{{- range $i, $p := .Parts}}
    {{- if $i}}
    UNION ALL{{end}}
    SELECT {{$i}} AS Place, {{range $j, $c := $.Columns}}{{if $j}}, {{end}}{{$c.Name}}{{end}}{{range $p.Hidden}}, {{.}}{{end}} FROM
    (
    {{$p.SQL}}
    )
{{- end}}
)
ORDER BY Place
