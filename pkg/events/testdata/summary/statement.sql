-- Rows in:  events of the window that pass the query's filters.
-- Row out:  one, also where there are none: how many there are, and the seconds from the newest to the window's end; -1 where
--           there is none, which no age is.
-- Parameters: to; from and filter* belong to the source.
WITH mapped AS
(
    SELECT
        t."Timestamp" AS Timestamp
    FROM "default"."network_events" AS t
    WHERE t."Timestamp" >= {from:DateTime64(3, 'UTC')}
      AND t."Timestamp" < {to:DateTime64(3, 'UTC')}
)
SELECT
    toInt64(count()) AS Events,
    if(count() = 0, -1., (toUnixTimestamp64Milli({to:DateTime64(3, 'UTC')}) - toUnixTimestamp64Milli(max(Timestamp))) / 1000) AS SecondsSinceNewestEvent
FROM mapped
