-- Rows in:  events of the window that pass the query's filters{{if .Clock}}, and those of the week after it{{end}}.
-- Row out:  one number: the seconds from the newest event to the window's end, or to now where that is earlier. A window without
--           events gives its own length: the newest event is at least that old.
-- Parameters: {{if .Clock}}until, ahead; {{end}}from, to and filter* belong to the source.
WITH mapped AS
(
    {{.Source.Select 4 "Timestamp" .Devices}}
)
{{- if .Clock}},
-- An event's time is its device's, and not when it arrived. A device that keeps dating events after now has its clock ahead: what
-- it dates as now it wrote long ago, and says nothing of whether events still come in. One stray event is no such clock: it takes
-- two, and half as many as the device dates in the last hour. (GLOBAL: over several shards the devices are found once.)
ahead AS
(
    SELECT Device
    FROM mapped
    WHERE Timestamp >= {until:DateTime64(3, 'UTC')} - toIntervalHour(1)
      AND Device != ''
    GROUP BY Device
    HAVING countIf(Timestamp >= {ahead:DateTime64(3, 'UTC')}) >= greatest(2, countIf(Timestamp < {until:DateTime64(3, 'UTC')}) / 2)
)
SELECT (toUnixTimestamp64Milli({until:DateTime64(3, 'UTC')}) - toUnixTimestamp64Milli(greatest(max(Timestamp), {from:DateTime64(3, 'UTC')}))) / 1000 AS Value
FROM mapped
WHERE Timestamp < {until:DateTime64(3, 'UTC')}
  AND Device GLOBAL NOT IN (SELECT Device FROM ahead)
{{- else}}
SELECT (toUnixTimestamp64Milli({to:DateTime64(3, 'UTC')}) - toUnixTimestamp64Milli(greatest(max(Timestamp), {from:DateTime64(3, 'UTC')}))) / 1000 AS Value
FROM mapped
{{- end}}
