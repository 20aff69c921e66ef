-- The names of the groups in a beacon roll-up, from the roll-up of the same width that keeps every column.
-- Row out:  one group that had a connection which beaconing looks at by default, in one week.
SELECT DISTINCT
    toStartOfInterval(Bucket, toIntervalMillisecond({{.Week}}), 'UTC') AS Week,
    DeviceName,
    RemoteUrl,
    toIPv4(RemoteIPv4Number) AS RemoteIP,
    DeviceId,
    GroupHash
FROM (SELECT *, {{.Address}} AS RemoteAddress, {{.Number}} AS RemoteIPv4Number FROM {{.From}}) AS t
WHERE ActionType IN {beaconing_actionTypes:Array(String)}
  AND RemotePort IN {beaconing_ports:Array(Int64)}
  AND {{.Public}}
{{- with .Condition}}
  AND {{.}}
{{- end}}
