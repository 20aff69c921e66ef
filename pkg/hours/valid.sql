-- Which hours of the derived table stand for the events as they are now. It reads the times of those days alone whose parts
-- are others than were noted.
-- Row out:  one hour that has events, with the Build that stands for them; 0 where none does, and the events have to be read.
{{.Known}}
counted AS
(
    SELECT toStartOfHour({{.At}}) AS Hour, count() AS Events, sum(toUInt64(toUnixTimestamp({{.At}}))) AS Times
    FROM {{.Events}} AS t
    WHERE toYYYYMMDD({{.At}}) IN (SELECT Date FROM changed)
    GROUP BY Hour
)
SELECT Hour, Build, {{.Rules}} AS Rules
FROM standing
WHERE Day NOT IN (SELECT toString(Date) FROM changed) AND Day IN (SELECT Day FROM prints)
UNION ALL
SELECT counted.Hour, if(standing.Kin AND standing.Events = counted.Events AND standing.Times = counted.Times, standing.Build, toInt64(0)), {{.Rules}}
FROM counted
LEFT JOIN standing ON standing.Hour = counted.Hour
SETTINGS join_use_nulls = 0
