,
series AS
(
    SELECT{{range .Labels}}
        {{.}},{{end}}
        Bucket,
        {{.Share}} AS Value
    FROM shares
    WHERE {{.Shown}}
    GROUP BY {{range .Labels}}{{.}}, {{end}}Bucket
)
-- Row out: one series and interval: the share of the interval's events, 0 to 1. Intervals are counted from the epoch, in UTC.
SELECT
    toInt64(dense_rank() OVER (ORDER BY {{range $i, $l := .Labels}}{{if $i}}, {{end}}{{$l}}{{end}})) AS Rank,
    fromUnixTimestamp64Milli(Bucket * {profile_interval:Int64}, 'UTC') AS Time,
    {{- range .Labels}}
    {{.}},{{end}}
    toFloat64(Value) AS Value
FROM series
ORDER BY Rank, Time
