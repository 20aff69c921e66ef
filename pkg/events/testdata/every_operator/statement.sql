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
      AND t."DeviceName" != {filter0:String}
      AND t."RemotePort" NOT IN {filter1:Array(Int64)}
      AND arrayExists(number -> ifNull(bitShiftRight(number, 96) IN {filter2_32bits:Array(UInt128)} AND bitShiftRight(number, 32) != 0xFFFF OR bitShiftRight(number, 24) IN {filter2_104bits:Array(UInt128)}, 0), [arrayMap(address -> if(IPv4StringToNumOrDefault(address) != 0, toNullable(toUInt128(0xFFFF00000000 + IPv4StringToNumOrDefault(address))), toUInt128(toIPv6OrNull(address))), [multiIf((IPv4StringToNumOrDefault(t."LocalIP") != 0 OR t."LocalIP" = '0.0.0.0') AND length(t."LocalIP") = 7 + (IPv4StringToNumOrDefault(t."LocalIP") >= 0x0A000000) + (IPv4StringToNumOrDefault(t."LocalIP") >= 0x64000000) + (bitAnd(IPv4StringToNumOrDefault(t."LocalIP"), 0xFF0000) >= 0x0A0000) + (bitAnd(IPv4StringToNumOrDefault(t."LocalIP"), 0xFF0000) >= 0x640000) + (bitAnd(IPv4StringToNumOrDefault(t."LocalIP"), 0xFF00) >= 0x0A00) + (bitAnd(IPv4StringToNumOrDefault(t."LocalIP"), 0xFF00) >= 0x6400) + (bitAnd(IPv4StringToNumOrDefault(t."LocalIP"), 0xFF) >= 0x0A) + (bitAnd(IPv4StringToNumOrDefault(t."LocalIP"), 0xFF) >= 0x64), t."LocalIP", t."LocalIP" = '', '', match(t."LocalIP", '^[0-9A-Fa-f:]+$'), if(position(ifNull(toString(toIPv6OrNull(t."LocalIP")), ''), '.') = 0, ifNull(toString(toIPv6OrNull(t."LocalIP")), ''), replaceOne(ifNull(toString(toIPv6OrNull(t."LocalIP")), ''), '::ffff:', '')), replaceRegexpOne(ifNull(toString(toIPv6OrNull(extract(toValidUTF8(t."LocalIP"), '^[\\pZ\\pC"\']*\\[?((?:[0-9A-Fa-f:]*:)?(?:0|[1-9][0-9]*)[.](?:0|[1-9][0-9]*)[.](?:0|[1-9][0-9]*)[.](?:0|[1-9][0-9]*)|[0-9A-Fa-f:]+)(?:%[^]]*)?\\]?(?::[0-9]*)?[\\pZ\\pC"\']*$'))), ''), '^::ffff:([0-9]+[.])', '\\1'))])[1]])
      AND t."Protocol" = {filter3:String}
      AND startsWith(t."DeviceId", {filter4:String})
      AND t."ActionType" IN {filter5:Array(String)}
      AND positionCaseInsensitive(t."RemoteUrl", {filter6:String}) > 0
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
    CAST(ReceivedBytes, 'Nullable(Int64)') AS ReceivedBytes,
    CAST(SentPackets, 'Nullable(Int64)') AS SentPackets,
    CAST(ReceivedPackets, 'Nullable(Int64)') AS ReceivedPackets,
    CAST(DurationMs, 'Nullable(Int64)') AS DurationMs,
    InitiatingProcessFolderPath,
    NameSource,
    Source
FROM mapped
ORDER BY Timestamp DESC, DeviceId, ActionType, RemoteIP, RemoteUrl, RemotePort, SentBytes, ReceivedBytes, SentPackets, ReceivedPackets, DurationMs
LIMIT {limit:Int64}
