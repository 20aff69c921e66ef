-- WatchedAddress: a device that connects to an address of a list.
-- Rows in:  events of the window that pass the query's filters.
-- Row out:  one DeviceId, DeviceName and RemoteIP with so many connections.
-- Parameters: watched_minConnections; watchedAddresses the list; from, to and filter* belong to the source.
WITH
mapped AS
(
    {{.Source.Select 4 "Timestamp" "DeviceId" "DeviceName" "ActionType" "RemoteAddress" "RemoteUrl" "ProcessName"}}
),
events AS
(
    SELECT * EXCEPT (RemoteAddress), RemoteAddress AS RemoteIP
    FROM mapped
    WHERE RemoteAddress IN {watchedAddresses:Array(String)}
),
findings AS
(
    SELECT
        LastSeen AS Timestamp,
        DeviceName,
        RemoteIP,
        EveryUrl[1] AS RemoteUrl,
        'WatchedAddress' AS AlertType,
        ConnectionCount,
        CAST(0, 'Nullable(Int64)') AS BytesSent,
        CAST(0, 'Nullable(Int64)') AS BytesReceived,
        arraySlice(EveryProcess, 1, 5) AS SampleProcesses,
        DeviceId,
        FirstSeen,
        LastSeen
{{- if .Allowlist}},
        EveryUrl,
        [RemoteIP] AS EveryAddress,
        [(DeviceId, DeviceName)] AS EveryDevice,
        EveryProcess
{{- end}}
    FROM
    (
        SELECT
            DeviceId,
            DeviceName,
            RemoteIP,
            toInt64({{.Source.Count}}) AS ConnectionCount,
            {{.Source.First}} AS FirstSeen,
            {{.Source.Last}} AS LastSeen,
            arraySort(groupUniqArray(RemoteUrl)) AS EveryUrl,
            arraySort(groupUniqArray(ProcessName)) AS EveryProcess
        FROM events
        GROUP BY DeviceId, DeviceName, RemoteIP
    )
    WHERE ConnectionCount >= {watched_minConnections:Int64}
)
