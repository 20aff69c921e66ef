-- When a capture begins and ends, in one row.
SELECT
    min(Timestamp) AS First,
    max(Timestamp) AS Last
FROM {{.Table}}
