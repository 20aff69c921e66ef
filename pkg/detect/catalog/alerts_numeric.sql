-- One row a detector and set of labels, with the detector's own alert value; a label that the detector does not have is
-- empty. One row more than asked for is read, so that a cut result shows.
SELECT Detector{{range .Labels}}, {{.}}{{end}}, Value
{{- if .Hides}},
    -- each detector's number once
    toInt64(sumIf(HiddenFindings, PartRow = 1) OVER ()) AS HiddenFindings,
    OnlyHidden
{{- end}}
FROM
(
{{- if .Hides}}
    SELECT *, row_number() OVER (PARTITION BY Detector) AS PartRow FROM
    (
{{- end}}
{{- range $i, $p := .Parts}}
    {{- if $i}}
    UNION ALL{{end}}
    SELECT '{{$p.Name}}' AS Detector{{range $p.Labels}}, {{.}}{{end}}, Value{{range $p.Hidden}}, {{.}}{{end}} FROM
    (
    {{$p.SQL}}
    )
{{- end}}
{{- if .Hides}}
    )
{{- end}}
)
ORDER BY {{if .Hides}}OnlyHidden, {{end}}Detector{{range .Labels}}, {{.}}{{end}}
LIMIT {limit:Int64}
