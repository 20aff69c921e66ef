-- The columns of all that a database holds.
-- Row out:  one column of a table or view, in the table's order.
SELECT
    table AS Place,
    name AS Name,
    type AS Kind,
    default_kind AS Way, -- DEFAULT, MATERIALIZED, ALIAS or EPHEMERAL; empty for none
    default_expression AS Expression
FROM system.columns
WHERE database = {database:String}
ORDER BY table, position
