-- All that is known of each finding, whatever is shown of it, and what it is worth as it is found.
SELECT
    FindingKey,
    toFloat64({{.Value}}) AS FindingValue
{{- range .Columns}},
    {{.}}
{{- end}}
FROM graded
