-- akvorado's flows as network events, without a copy: one row is one flow from who calls to whom is called. Run it in akvorado's
-- database, where the table `flows` is. The networks that are inside stand in `Internal`: put yours there.
CREATE VIEW IF NOT EXISTS fluxhound_events AS
WITH
    ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '169.254.0.0/16', 'fc00::/7', 'fe80::/10'] AS Internal,
    -- Every address is an IPv6 address there, IPv4 mapped to it.
    replaceRegexpOne(toString(SrcAddr), '^::ffff:(\\d+\\.)', '\\1') AS Caller,
    replaceRegexpOne(toString(DstAddr), '^::ffff:(\\d+\\.)', '\\1') AS Called,
    -- akvorado's own word on its interfaces, otherwise the networks.
    if(InIfBoundary != 'undefined', InIfBoundary = 'internal', arrayExists(network -> isIPAddressInRange(Caller, network), Internal)) AS FromInside,
    if(OutIfBoundary != 'undefined', OutIfBoundary = 'internal', arrayExists(network -> isIPAddressInRange(Called, network), Internal)) AS ToInside,
    NOT FromInside AND ToInside AS Inbound,
    Proto IN (6, 17) AS HasPorts,
    -- More than its headers: the other side must have taken the connection.
    Proto = 6 AND Bytes > Packets * 64 AS Talked
SELECT
    toDateTime64(TimeReceived, 3, 'UTC') AS Timestamp,
    if(Inbound, Called, Caller) AS DeviceId,
    DeviceId AS DeviceName,
    multiIf(
        Inbound, if(Talked, 'InboundConnectionAccepted', 'InboundConnectionAttempted'),
        Talked, 'ConnectionSuccess',
        'ConnectionAttempt') AS ActionType,
    if(Inbound, Caller, Called) AS RemoteIP,
    toUInt16(multiIf(NOT HasPorts, 0, Inbound, SrcPort, DstPort)) AS RemotePort,
    '' AS RemoteUrl,
    if(Inbound, '', 'unknown') AS NameSource,
    transform(Proto, [1, 6, 17, 58], ['Icmp', 'Tcp', 'Udp', 'Icmp'], toString(Proto)) AS Protocol,
    DeviceId AS LocalIP,
    -- One packet of so many was looked at: the numbers are estimates. The way back is a flow of its own.
    if(Inbound, NULL, toNullable(Bytes * greatest(SamplingRate, 1))) AS SentBytes,
    if(Inbound, toNullable(Bytes * greatest(SamplingRate, 1)), NULL) AS ReceivedBytes,
    if(Inbound, NULL, toNullable(Packets * greatest(SamplingRate, 1))) AS SentPackets,
    if(Inbound, toNullable(Packets * greatest(SamplingRate, 1)), NULL) AS ReceivedPackets,
    CAST(NULL, 'Nullable(UInt64)') AS DurationMs,
    '' AS InitiatingProcessFileName,
    '' AS InitiatingProcessFolderPath,
    '' AS InitiatingProcessAccountName,
    'akvorado' AS Source
FROM flows
-- The way back, from the lower port to the higher, is no other connection.
WHERE NOT HasPorts OR SrcPort > DstPort OR (SrcPort = DstPort AND NOT Inbound)
