-- Rows in:  events of the window that pass the query's filters.
-- Row out:  one event, newest first. One row more than asked for is read, so that a cut result shows.
-- Parameters: limit; from, to and filter* belong to the source.
WITH mapped AS
(
    SELECT
        t."Timestamp" AS Timestamp,
        t."DeviceId" AS DeviceId,
        t."DeviceName" AS DeviceName,
        t."ActionType" AS ActionType,
        t."RemoteIP" AS RemoteIP,
        t."RemoteUrl" AS RemoteUrl,
        t."Protocol" AS Protocol,
        t."LocalIP" AS LocalIP,
        t."InitiatingProcessAccountName" AS InitiatingProcessAccountName,
        t."SentPackets" AS SentPackets,
        t."ReceivedPackets" AS ReceivedPackets,
        t."DurationMs" AS DurationMs,
        t."InitiatingProcessFolderPath" AS InitiatingProcessFolderPath,
        t."NameSource" AS NameSource,
        t."Source" AS Source
    FROM "default"."netflow" AS t
    WHERE t."Timestamp" >= {from:DateTime64(3, 'UTC')}
      AND t."Timestamp" < {to:DateTime64(3, 'UTC')}
)
SELECT
    Timestamp,
    DeviceId,
    DeviceName,
    ActionType,
    RemoteIP,
    RemoteUrl,
    Protocol,
    LocalIP,
    InitiatingProcessAccountName,
    CAST(SentPackets, 'Nullable(Int64)') AS SentPackets,
    CAST(ReceivedPackets, 'Nullable(Int64)') AS ReceivedPackets,
    CAST(DurationMs, 'Nullable(Int64)') AS DurationMs,
    InitiatingProcessFolderPath,
    NameSource,
    Source,
    concat(
        ActionType,
        
        ' on ', DeviceName,
        ' to ', if(RemoteUrl = '', RemoteIP, concat(RemoteUrl, ' (', RemoteIP, ')'))
    ) AS Body,
    if(endsWith(ActionType, 'Failed'), 'warning', 'info') AS Severity,
    -- as texts where they may be null: a hash of a null is null
    lower(hex(sipHash128(Timestamp, DeviceId, DeviceName, ActionType, RemoteIP, RemoteUrl, Protocol, LocalIP, InitiatingProcessAccountName, ifNull(toString(SentPackets), ''), ifNull(toString(ReceivedPackets), ''), ifNull(toString(DurationMs), ''), InitiatingProcessFolderPath, NameSource, Source))) AS Id
FROM mapped
ORDER BY Timestamp DESC, DeviceId, ActionType, RemoteIP, RemoteUrl, SentPackets, ReceivedPackets, DurationMs
LIMIT {limit:Int64}
