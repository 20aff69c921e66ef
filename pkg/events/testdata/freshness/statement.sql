-- Rows in:  events of the window that pass the query's filters.
-- Row out:  one number: the seconds from the newest event to the window's end, or to now where that is earlier. A window without
--           events gives its own length: the newest event is at least that old.
-- Parameters: from, to and filter* belong to the source.
WITH mapped AS
(
    SELECT
        t."Timestamp" AS Timestamp
    FROM "default"."network_events" AS t
    WHERE t."Timestamp" >= {from:DateTime64(3, 'UTC')}
      AND t."Timestamp" < {to:DateTime64(3, 'UTC')}
)
SELECT (toUnixTimestamp64Milli({to:DateTime64(3, 'UTC')}) - toUnixTimestamp64Milli(greatest(max(Timestamp), {from:DateTime64(3, 'UTC')}))) / 1000 AS Value
FROM mapped
