-- One row, also where nothing is found: how many findings a detector has, whatever a list of them has room for. No row where nothing
-- can be found: zero would say that somebody looked. A row that only carries the number of those that the allowlist hides is no finding.
SELECT
    '{{.Spec.Name}}' AS Detector,
    '{{.Spec.AlertType}}' AS AlertType,
    toInt64(countIf({{.Counts}})) AS Findings,
{{- range .Severities}}
    toInt64(countIf({{$.Counts}} AND f.Severity = '{{.Value}}')) AS {{.Name}},
{{- end}}
    -- a finding that spans devices names none
    toInt64(uniqExactIf(f.DeviceName, {{.Counts}} AND f.DeviceName NOT IN ('', 'Multiple'))) AS Devices,
    toInt64(uniqExactIf(f.RemoteIP, {{.Counts}} AND f.RemoteIP NOT IN ('', 'Multiple'))) AS Addresses
{{- if .Hides}},
    toInt64(ifNull(max(f.HiddenFindings), 0)) AS HiddenFindings,
    toInt64(0) AS OnlyHidden
{{- end}}
FROM
(
    {{.Findings}}
) AS f
{{- if .Blind}}
HAVING false
{{- end}}
