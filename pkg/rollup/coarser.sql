-- What a day of the daily roll-up should hold, from the hourly one.
SELECT
    toStartOfInterval(h.Bucket, toIntervalMillisecond({{.Width}}), 'UTC') AS Bucket,
    GroupHash{{.Keys}},
    sum(h.Connections) AS Connections,
    sum(h.SentBytes) AS SentBytes,
    sum(h.ReceivedBytes) AS ReceivedBytes,
    min(h.FirstSeen) AS FirstSeen,
    max(h.LastSeen) AS LastSeen
FROM {{.Finer}} AS h
WHERE h.Bucket >= {{.From}} AND h.Bucket < {{.To}}
GROUP BY Bucket, GroupHash{{.Keys}}
