-- A dataset of RITA v5 as network events, without a copy: one row is one connection. Run it in the dataset's database.
CREATE VIEW IF NOT EXISTS fluxhound_events AS
WITH
    -- Zeek's connections, and those that RITA keeps with their TLS or HTTP alone.
    connections AS
    (
        SELECT
            zeek_uid, ts, src, dst, src_port, dst_port, proto, conn_state, zeek_history, duration, src_local, dst_local,
            src_bytes, dst_bytes, src_packets, dst_packets
        FROM conn
        UNION ALL
        SELECT
            zeek_uid, min(ts), any(src), any(dst), any(src_port), any(dst_port), any(proto), any(conn_state), '', max(duration), any(src_local), any(dst_local),
            max(src_bytes), max(dst_bytes), max(src_packets), max(dst_packets)
        FROM
        (
            SELECT zeek_uid, ts, src, dst, src_port, dst_port, proto, conn_state, duration, src_local, dst_local, src_bytes, dst_bytes, src_packets, dst_packets
            FROM ssl
            UNION ALL
            SELECT zeek_uid, ts, src, dst, src_port, dst_port, proto, conn_state, duration, src_local, dst_local, src_bytes, dst_bytes, src_packets, dst_packets
            FROM http
        )
        WHERE zeek_uid NOT IN (SELECT zeek_uid FROM conn)
        GROUP BY zeek_uid
    ),
    names AS
    (
        SELECT zeek_uid, argMinIf(Name, (At, Name), Kind = 'tls') AS Tls, argMinIf(Name, (At, Name), Kind = 'http') AS Web
        FROM
        (
            SELECT zeek_uid, ts AS At, 'tls' AS Kind, server_name AS Name FROM ssl
            UNION ALL
            -- CONNECT names whom the proxy shall call.
            SELECT zeek_uid, ts, 'http', replaceRegexpOne(if(method = 'CONNECT' AND uri != '', uri, host), ':[0-9]*$', '') FROM http
        )
        WHERE Name != '' AND NOT isIPv4String(Name) AND NOT isIPv6String(trim(BOTH '[]' FROM Name))
        GROUP BY zeek_uid
    ),
    judged AS
    (
        SELECT
            *,
            -- Every address is an IPv6 address there, IPv4 mapped to it.
            replaceRegexpOne(toString(src), '^::ffff:(\\d+\\.)', '\\1') AS Originator,
            replaceRegexpOne(toString(dst), '^::ffff:(\\d+\\.)', '\\1') AS Responder,
            NOT src_local AND dst_local AS Inbound,
            proto = 'tcp' AS IsTCP,
            -- As in Zeek's own logs: sources/zeek.
            multiIf(
                NOT IsTCP, conn_state NOT IN ('S0', 'REJ') AND (conn_state IN ('SF', 'SHR') OR dst_packets > 0),
                conn_state IN ('SF', 'S1', 'S2', 'S3', 'RSTO', 'RSTR', 'SHR'), true,
                conn_state = 'REJ', false,
                conn_state = 'OTH', zeek_history = '' OR match(zeek_history, '[ADadHh]'),
                conn_state = 'RSTRH', match(zeek_history, '[ADad]'),
                match(zeek_history, '[AD]')) AS Talked,
            conn_state IN ('REJ', 'RSTOS0', 'RSTRH') AS Failed,
            src_packets = 0 AS OriginatorUnseen,
            dst_packets = 0 AND IsTCP AND Talked AS ResponderUnseen
        FROM connections
    )
SELECT
    toDateTime64(ts, 3, 'UTC') AS Timestamp,
    if(Inbound, Responder, Originator) AS DeviceId,
    DeviceId AS DeviceName,
    multiIf(
        Inbound, if(Talked, 'InboundConnectionAccepted', 'InboundConnectionAttempted'),
        Talked, 'ConnectionSuccess',
        Failed, 'ConnectionFailed',
        'ConnectionAttempt') AS ActionType,
    if(Inbound, Originator, Responder) AS RemoteIP,
    toUInt16(multiIf(proto NOT IN ('tcp', 'udp'), 0, Inbound, src_port, dst_port)) AS RemotePort,
    multiIf(Inbound, '', names.Tls != '', names.Tls, names.Web) AS RemoteUrl,
    -- RITA keeps what was asked for, but this view does not look for answers: that there is no name says nothing.
    multiIf(Inbound, '', names.Tls != '', 'tls', names.Web != '', 'http', 'unknown') AS NameSource,
    initcap(proto) AS Protocol,
    DeviceId AS LocalIP,
    if(Inbound, if(ResponderUnseen, NULL, dst_bytes), if(OriginatorUnseen, NULL, src_bytes)) AS SentBytes,
    if(Inbound, if(OriginatorUnseen, NULL, src_bytes), if(ResponderUnseen, NULL, dst_bytes)) AS ReceivedBytes,
    if(Inbound, if(ResponderUnseen, NULL, dst_packets), if(OriginatorUnseen, NULL, src_packets)) AS SentPackets,
    if(Inbound, if(OriginatorUnseen, NULL, src_packets), if(ResponderUnseen, NULL, dst_packets)) AS ReceivedPackets,
    toNullable(toUInt64(round(duration * 1000))) AS DurationMs,
    '' AS InitiatingProcessFileName,
    '' AS InitiatingProcessFolderPath,
    '' AS InitiatingProcessAccountName,
    'rita' AS Source
FROM judged
LEFT ANY JOIN names ON judged.zeek_uid = names.zeek_uid
