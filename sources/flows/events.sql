-- Connections of some hours, from flows: one row is what two sides sent to each other, at its first flow. Parameters: the hours
-- [from, to), and the networks that are inside.
WITH
    flows AS
    (
        SELECT DISTINCT
            EventTime AS StartedAt,
            greatest(EventTime, {{time "multiIf(time_flow_end_ns NOT IN ('', '0'), time_flow_end_ns, TimeFlowEndMs NOT IN ('', '0'), TimeFlowEndMs, TimeFlowEnd)"}}) AS EndedAt,
            if(sampler_address != '', sampler_address, SamplerAddress) AS Sampler,
            if(sequence_num != '', sequence_num, SequenceNum) AS Sequence,
            -- One packet of so many was looked at: the numbers are estimates.
            greatest(ifNull({{whole (either "sampling_rate" "SamplingRate")}}, 0), 1) AS Rate,
            ifNull({{whole (either "bytes" "Bytes")}}, 0) * Rate AS Octets,
            ifNull({{whole (either "packets" "Packets")}}, 0) * Rate AS Count,
            {{address (either "src_addr" "SrcAddr")}} AS Source,
            {{address (either "dst_addr" "DstAddr")}} AS Destination,
            replaceRegexpOne(lower({{one (either "proto" "Proto")}}), '^([0-9]+)[.]0$', '\\1') AS Number,
            transform(Number, ['1', '6', '17', '58', 'ipv6-icmp', 'icmpv6'], ['icmp', 'tcp', 'udp', 'icmp', 'icmp', 'icmp'], Number) AS Transport,
            -- ICMP's types and codes may stand where others have ports.
            if(Transport = 'icmp', 0, {{port (either "src_port" "SrcPort")}}) AS SourcePort,
            if(Transport = 'icmp', 0, {{port (either "dst_port" "DstPort")}}) AS DestinationPort,
            toUInt16(bitAnd(ifNull({{whole (either "tcp_flags" "TCPFlags")}}, 0), 0xFFFF)) AS Flags, -- SYN 2, RST 4, PSH 8, ACK 16
            -- The two ways of a connection have the same ends.
            (Source, SourcePort) < (Destination, DestinationPort) AS Forward,
            (if(Forward, (Source, SourcePort, Destination, DestinationPort), (Destination, DestinationPort, Source, SourcePort)), Transport) AS Ends
        FROM {{table "flow"}}
        WHERE EventTime >= {from:DateTime64(3, 'UTC')} - INTERVAL 2 HOUR AND EventTime < {to:DateTime64(3, 'UTC')} + INTERVAL 1 HOUR
            AND Source != '' AND Destination != ''
    ),
    -- A connection begins where nothing of the same ends was seen for a while: 15 seconds before, which is how long exporters wait for
    -- another packet; an hour before flows of TCP without a SYN, which only go on.
    begun AS
    (
        SELECT
            *,
            max(EndedAt) OVER (PARTITION BY Ends ORDER BY StartedAt, SourcePort < DestinationPort, Sampler, Sequence, EndedAt, Octets ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS Before,
            row_number() OVER (PARTITION BY Ends ORDER BY StartedAt, SourcePort < DestinationPort, Sampler, Sequence, EndedAt, Octets) AS Position,
            Position = 1 OR StartedAt > Before + toIntervalSecond(if(Transport = 'tcp' AND Flags != 0 AND bitAnd(Flags, 2) = 0, 3600, 15)) AS Begins
        FROM flows
    ),
    parts AS
    (
        SELECT *, sum(Begins) OVER (PARTITION BY Ends ORDER BY Position) AS Connection FROM begun
    ),
    -- What one exporter saw of one connection: others may have seen the same.
    seen AS
    (
        SELECT
            Ends, Connection, Sampler,
            minIf((StartedAt, SourcePort < DestinationPort, Forward, Source, SourcePort, Destination, DestinationPort), Begins) AS First,
            groupArray((Forward, StartedAt, EndedAt, Octets, Count, Flags)) AS Flows
        FROM parts
        GROUP BY Ends, Connection, Sampler
    ),
    connections AS
    (
        SELECT
            Ends, Connection, any(Ends.2) AS Transport, min(if(First.4 = '', NULL, First)) AS Beginning,
            assumeNotNull(Beginning.1) AS At,
            groupArray(Flows) AS Exporters
        FROM seen
        GROUP BY Ends, Connection
        HAVING At >= {from:DateTime64(3, 'UTC')} AND At < {to:DateTime64(3, 'UTC')}
    ),
    -- Only what began within the hour after the connection's start counts, so that an hour is made of the same flows whenever it is made.
    summed AS
    (
        SELECT
            At, Transport,
            assumeNotNull(Beginning.3) AS Way,
            assumeNotNull(Beginning.4) AS Originator, assumeNotNull(Beginning.5) AS OriginatorPort,
            assumeNotNull(Beginning.6) AS Responder, assumeNotNull(Beginning.7) AS ResponderPort,
            arrayMap(list -> arrayFilter(f -> f.2 < At + INTERVAL 1 HOUR, list), Exporters) AS Lists,
            arrayMax(list -> arraySum(f -> if(f.1 = Way, f.4, 0), list), Lists) AS OriginatorBytes,
            arrayMax(list -> arraySum(f -> if(f.1 != Way, f.4, 0), list), Lists) AS ResponderBytes,
            arrayMax(list -> arraySum(f -> if(f.1 = Way, f.5, 0), list), Lists) AS OriginatorPackets,
            arrayMax(list -> arraySum(f -> if(f.1 != Way, f.5, 0), list), Lists) AS ResponderPackets,
            arrayFold((flags, f) -> bitOr(flags, if(f.1 = Way, f.6, toUInt16(0))), arrayFlatten(Lists), toUInt16(0)) AS OriginatorFlags,
            arrayFold((flags, f) -> bitOr(flags, if(f.1 != Way, f.6, toUInt16(0))), arrayFlatten(Lists), toUInt16(0)) AS ResponderFlags,
            arrayMax(f -> toUnixTimestamp64Micro(f.3), arrayFlatten(Lists)) AS EndedAt
        FROM connections
    ),
    judged AS
    (
        SELECT
            *,
            NOT {{internal "Originator"}} AND {{internal "Responder"}} AS Inbound,
            if(Inbound, Responder, Originator) AS Device,
            if(Inbound, Originator, Responder) AS Remote,
            -- Whether the two talked. Where an exporter sees one way only, an acknowledgement shows the other side.
            ResponderPackets = 0 AS ResponderUnseen,
            multiIf(
                Transport != 'tcp', NOT ResponderUnseen,
                ResponderUnseen, bitAnd(OriginatorFlags, 16) > 0,
                ResponderFlags = 0, true,
                bitAnd(ResponderFlags, 2 + 8) > 0 OR bitAnd(ResponderFlags, 4) = 0) AS Talked,
            Transport = 'tcp' AND bitAnd(ResponderFlags, 4) > 0 AS Refused
        FROM summed
    )
SELECT
    toDateTime64(At, 3, 'UTC') AS Timestamp,
    Device AS DeviceId,
    Device AS DeviceName,
    multiIf(
        Inbound, if(Talked, 'InboundConnectionAccepted', 'InboundConnectionAttempted'),
        Talked, 'ConnectionSuccess',
        Refused, 'ConnectionFailed',
        'ConnectionAttempt') AS ActionType,
    Remote AS RemoteIP,
    if(Inbound, OriginatorPort, ResponderPort) AS RemotePort,
    -- Flows hold no names.
    '' AS RemoteUrl,
    if(Inbound, '', 'unknown') AS NameSource,
    initcap(Transport) AS Protocol,
    Device AS LocalIP,
    if(Inbound, if(Talked AND ResponderUnseen, NULL, ResponderBytes), OriginatorBytes) AS SentBytes,
    if(Inbound, OriginatorBytes, if(Talked AND ResponderUnseen, NULL, ResponderBytes)) AS ReceivedBytes,
    if(Inbound, if(Talked AND ResponderUnseen, NULL, ResponderPackets), OriginatorPackets) AS SentPackets,
    if(Inbound, OriginatorPackets, if(Talked AND ResponderUnseen, NULL, ResponderPackets)) AS ReceivedPackets,
    toUInt64(intDiv(EndedAt - toUnixTimestamp64Micro(At), 1000)) AS DurationMs,
    '' AS InitiatingProcessFileName,
    '' AS InitiatingProcessFolderPath,
    '' AS InitiatingProcessAccountName
FROM judged
