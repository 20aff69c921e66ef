-- Rows in:  events of the window that pass the query's filters.
-- Row out:  one ActionType and interval: how many events lie in it. Intervals are counted from the epoch, in UTC.
-- Parameters: interval (ms); from, to and filter* belong to the source.
WITH mapped AS
(
    SELECT
        t."Timestamp" AS Timestamp,
        t."ActionType" AS ActionType
    FROM "default"."network_events" AS t
    WHERE t."Timestamp" >= {from:DateTime64(3, 'UTC')}
      AND t."Timestamp" < {to:DateTime64(3, 'UTC')}
)
SELECT
    toInt64(dense_rank() OVER (ORDER BY ActionType)) AS Rank,
    fromUnixTimestamp64Milli(intDiv(toUnixTimestamp64Milli(Timestamp), {interval:Int64}) * {interval:Int64}, 'UTC') AS Time,
    ActionType,
    toFloat64(count()) AS Value
FROM mapped
GROUP BY ActionType, Time
ORDER BY Rank, Time
