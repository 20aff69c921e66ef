-- One row a finding that is shown, with the key that the same finding has in a table.
SELECT
{{- range .Labels}}
    {{.}},
{{- end}}
    FindingKey,
{{- range .Details}}
    {{.Name}},
{{- end}}
    Value,
    Findings,
    Rank
{{- range .Hidden}},
    {{.Name}}
{{- end}}
FROM ranked
ORDER BY Rank
