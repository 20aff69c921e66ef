-- Rows in:  events of the window that pass the filters.
-- Row out:  one distinct value of a column, sorted. One row more than asked for is read, so that a cut result shows.
-- Parameters: limit, search; from, to and filter* belong to the source.
WITH mapped AS
(
    SELECT
        t."RemoteUrl" AS RemoteUrl
    FROM "default"."network_events" AS t
    WHERE t."Timestamp" >= {from:DateTime64(3, 'UTC')}
      AND t."Timestamp" < {to:DateTime64(3, 'UTC')}
)
SELECT ifNull(toString(RemoteUrl), '') AS Value
FROM mapped
WHERE Value != ''
GROUP BY Value
ORDER BY Value
LIMIT {limit:Int64}
