-- One row a detector and set of labels, with the detector's own alert value; a label that the detector does not have is
-- empty. One row more than asked for is read, so that a cut result shows.
SELECT Detector{{range .Labels}}, {{.}}{{end}}, Value
FROM
(
{{- range $i, $p := .Parts}}
    {{- if $i}}
    UNION ALL{{end}}
    SELECT '{{$p.Name}}' AS Detector{{range $p.Labels}}, {{.}}{{end}}, Value FROM
    (
    {{$p.SQL}}
    )
{{- end}}
)
ORDER BY Detector{{range .Labels}}, {{.}}{{end}}
LIMIT {limit:Int64}
