,
-- The findings that the query names by their keys.
wanted AS
(
    SELECT *
    FROM {{.From}}
    WHERE {{.Key}} IN {findingKeys:Array(String)}
)
