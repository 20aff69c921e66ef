-- What a roll-up lacks to hold its events, bucket by bucket: running it again after it was added finds nothing.
-- Rows in:  what should be in the roll-up, and what is in it, negative.
-- Row out:  one key of the roll-up whose numbers differ, with the difference.
SELECT
    Bucket,
    GroupHash{{.Keys}},
{{- range .Measures.Sums}}
    sum({{.}}Less) AS {{.}},
{{- end}}
    min(First) AS {{.Measures.First}},
    max(Last) AS {{.Measures.Last}}
FROM
(
    SELECT Bucket, GroupHash{{.Keys}}, {{range .Measures.Sums}}{{.}} AS {{.}}Less, {{end}}{{.Measures.First}} AS First, {{.Measures.Last}} AS Last
    FROM
    (
        {{.Should}}
    )
    UNION ALL
    SELECT Bucket, GroupHash{{.Keys}}, {{range .Measures.Sums}}-CAST({{.}}, '{{index $.Measures.Types .}}') AS {{.}}Less, {{end}}
        CAST({{.Measures.First}}, '{{.Measures.Time}}') AS First, CAST({{.Measures.Last}}, '{{.Measures.Time}}') AS Last
    FROM {{.Rollup}}
    WHERE Bucket >= {{.From}} AND Bucket < {{.To}}{{.Measures.Grain}}
)
GROUP BY Bucket, GroupHash{{.Keys}}
HAVING {{range $i, $s := .Measures.Sums}}{{if $i}} OR {{end}}ifNull({{$s}}, 0) != 0{{end}}
