-- What a run found is remembered as it is written.
CREATE MATERIALIZED VIEW {{.Seen}} TO {{.Findings}} AS
SELECT
    QueryType,
    Question,
    FindingKey,
    min(Run) AS FirstDetected,
    max(Run) AS LastDetected,
    -- of several rows, as of a device's hours, the newest
    argMaxState(Finding, (Run, Timestamp)) AS Latest,
    argMaxState(Finding, (FindingValue, Run)) AS Worst
FROM {{.Runs}}
WHERE Place > 0
GROUP BY QueryType, Question, FindingKey
