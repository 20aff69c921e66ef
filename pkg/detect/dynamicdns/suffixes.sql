-- The domains of a table of dynamic DNS domains, one more than may be used.
-- Row out: one domain; what is NULL is empty. The order is the same at every reading.
SELECT
    ifNull(toString(Suffix), '') AS Suffix,
    ifNull(toString(Provider), '') AS Provider
FROM {{.Table}} AS t
ORDER BY Suffix, Provider
LIMIT {limit:Int64}
