-- How far the ledger of names reaches, and how many names it knows.
-- Rows in:  the ledger.
-- Row out:  one, of texts: the beginning and the end of the time that was looked at, in seconds, and the names.
SELECT
    toString(toUnixTimestamp(toDateTime(minIf(FirstSeen, Name = ''), 'UTC'))) AS Since,
    toString(toUnixTimestamp(toDateTime(maxIf(LastSeen, Name = ''), 'UTC'))) AS Until,
    toString(uniq(Name)) AS Known
FROM {{.Table}}
LIMIT {limit:Int64}
