,
-- Which entry of the allowlist hides a finding: entries may be of one detector.
marked AS
(
{{- range $i, $p := .Parts}}
    {{- if $i}}
    UNION ALL{{end}}
    SELECT
        *,
        {{$p.Condition}}
    FROM findings
    WHERE QueryType = '{{$p.QueryType}}'
{{- end}}
),
{{.Rest}}
