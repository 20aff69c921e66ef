-- One row a rule that is asked, also where it has found nothing: its findings counted.
SELECT
    newest.Rule AS Rule,
    toDateTime64(max(newest.NewestRun), 3, 'UTC') AS NewestRun,
    toInt64(countIf(f.FindingKey != '' AND f.Status != 'gone'{{.Shown}})) AS Open,
    toInt64(countIf(f.Status = 'new'{{.Shown}})) AS New,
    toInt64(countIf(f.Status = 'gone'{{.Shown}})) AS Gone,
    toInt64(countIf(f.Status != 'gone' AND f.Verdict != ''{{.Shown}})) AS Handled,
    toInt64(countIf(f.Verdict = 'benign'{{.Shown}})) AS Benign,
    toInt64(countIf(f.Verdict = 'malicious'{{.Shown}})) AS Malicious,
{{- range .SeverityColumns}}
    toInt64(countIf(f.Status != 'gone' AND f.Severity = '{{.Value}}'{{$.Shown}})) AS {{.Name}},
{{- end}}
    -- a finding that spans devices names none
    toInt64(uniqExactIf(f.DeviceName, f.Status != 'gone' AND f.DeviceName NOT IN ('', 'Multiple'){{.Shown}})) AS Devices
{{- if .Hides}},
    toInt64(max(f.HiddenFindings)) AS HiddenFindings,
    toInt64(0) AS OnlyHidden
{{- end}}
FROM newest
LEFT JOIN {{.From}} AS f ON f.Rule = newest.Rule
WHERE empty({findings_rules:Array(String)}) OR newest.Rule IN {findings_rules:Array(String)}
GROUP BY Rule
ORDER BY Rule
