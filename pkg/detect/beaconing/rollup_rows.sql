-- What a beacon roll-up holds, from the roll-up of the same width that keeps every column.
-- Rows in:  its rows, each the events of one bucket that differ in nothing but their time and bytes.
-- Row out:  one bucket and group, by its hash, of the connections that beaconing looks at by default.
SELECT
    toUInt8({{.Hours}}) AS Hours,
    Bucket,
    GroupHash,
    sum(Connections) AS Connections,
    sum(SentBytes) AS SentBytes,
    min({{.FirstHour}}) AS FirstHour,
    max({{.LastHour}}) AS LastHour
FROM (SELECT *, {{.Address}} AS RemoteAddress, {{.Number}} AS RemoteIPv4Number FROM {{.From}}) AS t
WHERE ActionType IN {beaconing_actionTypes:Array(String)}
  AND RemotePort IN {beaconing_ports:Array(Int64)}
  AND {{.Public}}
{{- with .Condition}}
  AND {{.}}
{{- end}}
GROUP BY Bucket, GroupHash
