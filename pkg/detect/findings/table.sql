-- One row a finding of a rule: the gravest first, of these the newest. One row more than asked for is read, so that a cut result shows.
SELECT
{{- range $i, $c := .Columns}}{{if $i}},{{end}}
    {{$c.Name}}
{{- end}}
FROM {{.From}}
ORDER BY {{if .Hides}}OnlyHidden, {{end}}Status = 'gone', indexOf({{.Severities}}, Severity) DESC, FirstDetected DESC, Rule, FindingKey
LIMIT {limit:Int64}
