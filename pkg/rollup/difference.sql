-- What a roll-up lacks to hold its events, bucket by bucket: running it again after it was added finds nothing.
-- Rows in:  what should be in the roll-up, and what is in it, negative.
-- Row out:  one key of the roll-up whose numbers differ, with the difference.
SELECT
    Bucket,
    GroupHash{{.Keys}},
    sum(C) AS Connections,
    sum(S) AS SentBytes,
    sum(R) AS ReceivedBytes,
    min(F) AS FirstSeen,
    max(L) AS LastSeen
FROM
(
    SELECT Bucket, GroupHash{{.Keys}}, Connections AS C, SentBytes AS S, ReceivedBytes AS R, FirstSeen AS F, LastSeen AS L
    FROM
    (
        {{.Should}}
    )
    UNION ALL
    SELECT Bucket, GroupHash{{.Keys}}, -CAST(Connections, 'Int64') AS C, -CAST(SentBytes, 'Int64') AS S, -CAST(ReceivedBytes, 'Int64') AS R,
        CAST(FirstSeen, 'DateTime64(3, \'UTC\')') AS F, CAST(LastSeen, 'DateTime64(3, \'UTC\')') AS L
    FROM {{.Rollup}}
    WHERE Bucket >= {{.From}} AND Bucket < {{.To}}
)
GROUP BY Bucket, GroupHash{{.Keys}}
HAVING Connections != 0 OR SentBytes != 0 OR ReceivedBytes != 0
