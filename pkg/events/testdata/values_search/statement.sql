-- Rows in:  events of the window that pass the filters.
-- Row out:  one distinct value of a column, sorted. One row more than asked for is read, so that a cut result shows.
-- Parameters: limit, search; from, to and filter* belong to the source.
WITH mapped AS
(
    SELECT
        t."InitiatingProcessFileName" AS InitiatingProcessFileName
    FROM "default"."network_events" AS t
    WHERE t."Timestamp" >= {from:DateTime64(3, 'UTC')}
      AND t."Timestamp" < {to:DateTime64(3, 'UTC')}
      AND t."DeviceName" = {filter0:String}
)
SELECT ifNull(toString(InitiatingProcessFileName), '') AS Value
FROM mapped
WHERE Value != ''
  AND positionCaseInsensitiveUTF8(Value, {search:String}) > 0
GROUP BY Value
ORDER BY Value
LIMIT {limit:Int64}
