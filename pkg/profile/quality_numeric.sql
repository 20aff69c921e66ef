,
-- Row out: one detector (or gap), and sensor where asked: its share of the window's events, 0 to 1.
series AS
(
    SELECT{{range .Labels}}
        {{.}},{{end}}
        {{.Share}} AS Value
    FROM shares
    WHERE {{.Shown}}
    GROUP BY {{range $i, $l := .Labels}}{{if $i}}, {{end}}{{$l}}{{end}}
)
SELECT{{range .Labels}}
    {{.}},{{end}}
    toFloat64(Value) AS Value
FROM series
ORDER BY {{range $i, $l := .Labels}}{{if $i}}, {{end}}{{$l}}{{end}}
LIMIT {limit:Int64}
