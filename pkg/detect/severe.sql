,
-- The findings of the severities that the query asks for. What is counted, ranked and hidden behind it is of these.
severe AS
(
    SELECT *
    FROM graded
    WHERE has({severities:Array(String)}, Severity)
)
