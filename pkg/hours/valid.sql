-- Which hours of the derived table stand for the events as they are now. It reads the times of those days alone whose parts
-- are others than were noted.
-- Row out:  one hour that has events, with the Build that stands for them; 0 where none does, and the events have to be read.
{{.Known}}
dates AS (SELECT Date FROM changed),
{{.Counted}}
SELECT Hour, Build, {{.Rules}} AS Rules
FROM standing
WHERE Day NOT IN (SELECT toString(Date) FROM changed) AND Day IN (SELECT Day FROM prints)
UNION ALL
SELECT Hour, if(Stands, Build, toInt64(0)), {{.Rules}}
FROM counted
SETTINGS join_use_nulls = 0
