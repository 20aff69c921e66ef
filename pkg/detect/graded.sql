,
-- What every detector's findings have beside their own columns.
graded AS
(
    SELECT
        *,
        -- the highest of the conditions in severity.go that hold
        {{.Severity}} AS Severity,
        -- no time and no count is in it: the same finding has the same key at any time
        {{.Key}} AS FindingKey
    FROM {{.From}}
)
