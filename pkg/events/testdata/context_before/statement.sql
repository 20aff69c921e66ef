-- The events around one of them, nearest first.
-- Rows in:  events of the window that pass the query's filters.
-- Row out:  one event. One row more than asked for is read, so that a cut result shows.
-- Parameters: contextTime, contextDevice, limit; from, to and filter* belong to the source.
WITH mapped AS
(
    SELECT
        t."Timestamp" AS Timestamp,
        t."DeviceId" AS DeviceId,
        t."DeviceName" AS DeviceName,
        t."ActionType" AS ActionType,
        t."RemoteIP" AS RemoteIP,
        t."RemotePort" AS RemotePort,
        t."RemoteUrl" AS RemoteUrl,
        t."Protocol" AS Protocol,
        t."LocalIP" AS LocalIP,
        t."InitiatingProcessFileName" AS InitiatingProcessFileName,
        t."InitiatingProcessAccountName" AS InitiatingProcessAccountName,
        t."SentBytes" AS SentBytes,
        t."ReceivedBytes" AS ReceivedBytes,
        t."SentPackets" AS SentPackets,
        t."ReceivedPackets" AS ReceivedPackets,
        t."DurationMs" AS DurationMs,
        t."InitiatingProcessFolderPath" AS InitiatingProcessFolderPath,
        t."NameSource" AS NameSource,
        t."Source" AS Source
    FROM "default"."network_events" AS t
    WHERE t."Timestamp" >= {from:DateTime64(3, 'UTC')}
      AND t."Timestamp" < {to:DateTime64(3, 'UTC')}
)
SELECT
    Timestamp,
    DeviceId,
    DeviceName,
    ActionType,
    RemoteIP,
    CAST(RemotePort, 'Nullable(Int64)') AS RemotePort,
    RemoteUrl,
    Protocol,
    LocalIP,
    InitiatingProcessFileName,
    InitiatingProcessAccountName,
    CAST(SentBytes, 'Nullable(Int64)') AS SentBytes,
    CAST(ReceivedBytes, 'Nullable(Int64)') AS ReceivedBytes,
    CAST(SentPackets, 'Nullable(Int64)') AS SentPackets,
    CAST(ReceivedPackets, 'Nullable(Int64)') AS ReceivedPackets,
    CAST(DurationMs, 'Nullable(Int64)') AS DurationMs,
    InitiatingProcessFolderPath,
    NameSource,
    Source,
    concat(
        ActionType,
        ' ', if(InitiatingProcessFileName = '', '(unknown process)', InitiatingProcessFileName),
        ' on ', DeviceName,
        ' to ', if(RemoteUrl = '', RemoteIP, concat(RemoteUrl, ' (', RemoteIP, ')')),
        ' port ', ifNull(toString(RemotePort), '?')
    ) AS Body,
    if(endsWith(ActionType, 'Failed'), 'warning', 'info') AS Severity,
    -- as texts where they may be null: a hash of a null is null
    lower(hex(sipHash128(Timestamp, DeviceId, DeviceName, ActionType, RemoteIP, ifNull(toString(RemotePort), ''), RemoteUrl, Protocol, LocalIP, InitiatingProcessFileName, InitiatingProcessAccountName, ifNull(toString(SentBytes), ''), ifNull(toString(ReceivedBytes), ''), ifNull(toString(SentPackets), ''), ifNull(toString(ReceivedPackets), ''), ifNull(toString(DurationMs), ''), InitiatingProcessFolderPath, NameSource, Source))) AS Id
FROM mapped
WHERE Timestamp < {contextTime:DateTime64(3, 'UTC')}
ORDER BY Timestamp DESC, DeviceId, ActionType, RemoteIP, RemoteUrl, RemotePort, SentBytes, ReceivedBytes, SentPackets, ReceivedPackets, DurationMs
LIMIT {limit:Int64}
