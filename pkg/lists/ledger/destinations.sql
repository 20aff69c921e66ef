-- How far the ledger of destinations reaches, and how many destinations it knows.
-- Rows in:  the ledger.
-- Row out:  one, of texts: the beginning and the end of the time that is known without a gap, in seconds, and the destinations.
SELECT
    toString(toUnixTimestamp(KnownFrom)) AS Since,
    toString(toUnixTimestamp(KnownUntil)) AS Until,
    toString(assumeNotNull((SELECT uniq(Host) FROM {{.Table}}))) AS Known
FROM
(
{{.Reaches}}
)
LIMIT {limit:Int64}
