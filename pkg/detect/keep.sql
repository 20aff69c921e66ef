-- All that is known of each finding, whatever is shown of it.
SELECT
    {{.Key}} AS FindingKey,
    toFloat64({{.Value}}) AS FindingValue
{{- range .Columns}},
    {{.}}
{{- end}}
FROM findings
