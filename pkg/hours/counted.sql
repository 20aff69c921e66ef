-- What the hours of some days are now, by the times of their events.
-- Rows in:  dates: days to look at.
-- Row out:  counted: one hour that has events. Stands: Build is what they are.
counted AS
(
    SELECT
        seen.Hour AS Hour,
        seen.Events AS Events,
        seen.Times AS Times,
        standing.Build AS Build,
        standing.Build > 0 AND standing.Kin AND standing.Events = seen.Events AND standing.Times = seen.Times AS Stands
    FROM
    (
        SELECT toStartOfHour({{.At}}) AS Hour, count() AS Events, sum(toUInt64(toUnixTimestamp({{.At}}))) AS Times
        FROM {{.Events}} AS t
        WHERE toYYYYMMDD({{.At}}) IN (SELECT Date FROM dates)
        GROUP BY Hour
    ) AS seen
    LEFT JOIN standing ON standing.Hour = seen.Hour
)
