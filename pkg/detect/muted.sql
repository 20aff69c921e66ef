,
-- The findings that no analyst calls benign{{if .Kept}}, or that have become graver since{{end}}.
heard AS
(
    SELECT *
    FROM {{.From}}
    WHERE NOT has({mutedFindings:Array(String)}, {{.Key}})
{{- if .Kept}}
       OR indexOf({{.Severities}}, KeptSeverity) > arrayElement({mutedSeverities:Array(Int64)}, indexOf({mutedFindings:Array(String)}, {{.Key}}))
{{- end}}
{{- if .Hides}}
       OR OnlyHidden = 1
{{- end}}
)
