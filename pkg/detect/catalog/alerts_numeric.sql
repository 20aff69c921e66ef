-- One row a detector and set of labels, with the detector's own alert value; a label that the detector does not have is
-- empty. The detectors take turns where not all may be shown: their values do not compare.
SELECT
    Detector,
{{- range .Labels}}
    {{.}},
{{- end}}
    Value,
    -- each detector's number once
    toInt64(sumIf(Findings, PartRow = 1) OVER ()) AS Findings,
    Rank
{{- if .Hides}},
    toInt64(sumIf(HiddenFindings, PartRow = 1) OVER ()) AS HiddenFindings,
    OnlyHidden
{{- end}}
FROM
(
    SELECT *, row_number() OVER (PARTITION BY Detector) AS PartRow FROM
    (
{{- range $i, $p := .Parts}}
    {{- if $i}}
    UNION ALL{{end}}
    SELECT '{{$p.Name}}' AS Detector{{range $p.Labels}}, {{.}}{{end}}, Value, Findings, Rank{{range $p.Hidden}}, {{.}}{{end}} FROM
    (
    {{$p.SQL}}
    )
{{- end}}
    )
)
ORDER BY {{if .Hides}}OnlyHidden, {{end}}Rank, Detector{{range .Labels}}, {{.}}{{end}}
LIMIT {limit:Int64}
