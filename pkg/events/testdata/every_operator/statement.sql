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
        t."RemotePort" AS RemotePort,
        t."RemoteUrl" AS RemoteUrl,
        t."Protocol" AS Protocol,
        t."LocalIP" AS LocalIP,
        t."InitiatingProcessFileName" AS InitiatingProcessFileName,
        t."InitiatingProcessAccountName" AS InitiatingProcessAccountName,
        t."SentBytes" AS SentBytes,
        t."ReceivedBytes" AS ReceivedBytes
    FROM "default"."network_events" AS t
    WHERE t."Timestamp" >= {from:DateTime64(3, 'UTC')}
      AND t."Timestamp" < {to:DateTime64(3, 'UTC')}
      AND t."DeviceName" != {filter0:String}
      AND t."RemotePort" NOT IN {filter1:Array(Int64)}
      AND ifNull(toUInt128(if(match(t."LocalIP", '(?:^|:)0[0-9]+[.]|[.]0[0-9]'), NULL, toIPv6OrNull(t."LocalIP"))) BETWEEN {filter2_0_first:UInt128} AND {filter2_0_last:UInt128} OR toUInt128(if(match(t."LocalIP", '(?:^|:)0[0-9]+[.]|[.]0[0-9]'), NULL, toIPv6OrNull(t."LocalIP"))) BETWEEN {filter2_1_first:UInt128} AND {filter2_1_last:UInt128}, 0)
      AND t."Protocol" = {filter3:String}
      AND startsWith(t."DeviceId", {filter4:String})
      AND t."ActionType" IN {filter5:Array(String)}
      AND position(t."RemoteUrl", {filter6:String}) > 0
      AND endsWith(t."InitiatingProcessFileName", {filter7:String})
      AND ifNull(t."SentBytes", 0) != {filter8:Int64}
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
    CAST(ReceivedBytes, 'Nullable(Int64)') AS ReceivedBytes
FROM mapped
ORDER BY Timestamp DESC, DeviceId, ActionType, RemoteIP, RemoteUrl, RemotePort, SentBytes, ReceivedBytes
LIMIT {limit:Int64}
