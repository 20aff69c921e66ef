-- One number a finding of a rule: its severity, 1 for low to 4 for critical. No device and no destination takes the place of another
-- where not all may be shown.
SELECT
{{- range .Labels}}
    {{.}},
{{- end}}
    FindingKey,
    toFloat64(indexOf({{.Severities}}, Severity)) AS Value,
    {{if .Hides}}toInt64(countIf(OnlyHidden = 0) OVER ()){{else}}toInt64(count() OVER ()){{end}} AS Findings,
    toInt64(row_number() OVER (ORDER BY {{if .Hides}}OnlyHidden, {{end}}greatest(DeviceTurn, DestinationTurn), indexOf({{.Severities}}, Severity) DESC, Rule, FindingKey)) AS Rank
{{- range .Hidden}},
    {{.Name}}
{{- end}}
FROM
(
    SELECT
        *,
        row_number() OVER (PARTITION BY DeviceName ORDER BY indexOf({{.Severities}}, Severity) DESC, FindingKey) AS DeviceTurn,
        row_number() OVER (PARTITION BY RemoteUrl, RemoteIP ORDER BY indexOf({{.Severities}}, Severity) DESC, FindingKey) AS DestinationTurn
    FROM {{.From}}
)
ORDER BY Rank
LIMIT {limit:Int64}
