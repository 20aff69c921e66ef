-- The addresses of a table of watched ones, one more than may be used.
-- Row out: one address as text.
SELECT ifNull(toString(Address), '') AS Address
FROM {{.}} AS t
ORDER BY Address
LIMIT {limit:Int64}
