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
    toInt64(uniqExactIf(f.RemoteIP, {{.Counts}} AND f.RemoteIP NOT IN ('', 'Multiple'))) AS Addresses,
    toInt64(sumIf(f.ConnectionCount, {{.Counts}})) AS Connections,
    toInt64(maxIf(f.ConnectionCount, {{.Counts}})) AS MostConnections,
    -- empty where no sensor counted any, and bounded as each finding's are
    CAST(if(sumIf(toInt128(f.BytesSent), {{.Counts}}) > 9007199254740992, 9007199254740992, sumIf(toInt128(f.BytesSent), {{.Counts}})), 'Nullable(Int64)') AS BytesSent
{{- range .Spec.Peaks}},
    CAST(if(countIf({{$.Counts}}) = 0, NULL, maxIf(f.{{.}}, {{$.Counts}})), 'Nullable(Float64)') AS Highest{{.}}
{{- end}}
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
