-- Network activity (class 4001) of some hours, as network events: one row is one connection. Parameters: the hours [from, to), and
-- the networks that are inside.
WITH
    fields AS
    (
        SELECT
            EventTime AS At, ImportFile, ImportChunk, ImportLine, class_uid, activity_id, status_id, disposition_id, query, answers,
            toUInt64OrNull(duration) AS Milliseconds,
            {{time "if(end_time NOT IN ('', '0'), end_time, end_time_dt)"}} AS EndedAt,
            JSONExtract(src_endpoint, 'Tuple(ip String, port String)') AS Originator,
            JSONExtract(dst_endpoint, 'Tuple(ip String, port String, hostname String)') AS Responder,
            JSONExtract(connection_info, 'Tuple(uid String, direction_id String, protocol_num String, protocol_name String)') AS Connection,
            -- Out is from the source to the destination. Where the two ways are not told apart, the record is of one way.
            JSONExtract(traffic, 'Tuple(bytes Nullable(UInt64), bytes_in Nullable(UInt64), bytes_out Nullable(UInt64), packets Nullable(UInt64), packets_in Nullable(UInt64), packets_out Nullable(UInt64))') AS Traffic,
            if(Traffic.bytes_in IS NULL AND Traffic.bytes_out IS NULL, Traffic.bytes, Traffic.bytes_out) AS OriginatorBytes,
            Traffic.bytes_in AS ResponderBytes,
            if(Traffic.packets_in IS NULL AND Traffic.packets_out IS NULL, Traffic.packets, Traffic.packets_out) AS OriginatorPackets,
            Traffic.packets_in AS ResponderPackets,
            JSONExtract(device, 'Tuple(uid String, hostname String, name String, ip String)') AS Device,
            JSONExtract(actor, 'Tuple(process Tuple(name String, file Tuple(name String, path String), user Tuple(name String)), user Tuple(name String))') AS Actor,
            JSONExtractString(tls, 'sni') AS ServerName,
            JSONExtractString(url, 'hostname') AS UrlHost
        FROM {{table "event"}}
        WHERE EventTime >= {from:DateTime64(3, 'UTC')} - INTERVAL 24 HOUR AND EventTime < {to:DateTime64(3, 'UTC')} + INTERVAL 1 HOUR
    ),
    directed AS
    (
        SELECT
            *,
            -- Who called whom: the sensor's own word (1 inbound, 2 outbound, 3 within), otherwise the networks.
            multiIf(
                Connection.direction_id = '1', true,
                Connection.direction_id IN ('2', '3'), false,
                NOT {{internal "Originator.ip"}} AND {{internal "Responder.ip"}}) AS Inbound,
            if(Inbound, Responder.ip, Originator.ip) AS Local,
            if(Inbound, Originator.ip, Responder.ip) AS Remote,
            if(Device.hostname != '', Device.hostname, Device.name) AS Hostname,
            -- The machine's own event: it has a process, or its address is the device's. Otherwise the sensor is another one.
            concat(Device.uid, Hostname) != '' AND (Local IN ('', Device.ip) OR concat(Actor.process.name, Actor.process.file.name, Actor.process.file.path) != '') AS OfDevice,
            multiIf(NOT OfDevice, Local, Device.uid != '', Device.uid, Hostname) AS Id,
            multiIf(NOT OfDevice, Local, Hostname != '', Hostname, Device.uid) AS Name
        FROM fields
    ),
    -- 1 open, 2 close, 3 reset, 4 fail, 5 refuse, 6 traffic, 7 listen.
    opened AS
    (
        SELECT Connection.uid AS Uid, max(At) AS OpenedAt FROM directed WHERE class_uid = '4001' AND activity_id = '1' AND Uid != '' GROUP BY Uid
    ),
    closed AS
    (
        SELECT
            Connection.uid AS Uid, max(At) AS SeenAt, max(OriginatorBytes) AS FromOriginator, max(ResponderBytes) AS FromResponder,
            max(OriginatorPackets) AS PacketsFromOriginator, max(ResponderPackets) AS PacketsFromResponder, max(Milliseconds) AS Lasted
        FROM directed
        WHERE class_uid = '4001' AND activity_id IN ('2', '3', '6') AND Uid != ''
        GROUP BY Uid
    ),
    numbered AS
    (
        SELECT
            *,
            -- A file may hold the same event twice; one that came twice has the same events as often. A connection has its identifier.
            if(ImportFile = '' OR Connection.uid != '', 1, row_number() OVER
                (PARTITION BY ImportFile, ImportChunk, At, Id, Originator, Responder, Connection, activity_id, Actor ORDER BY ImportLine)) AS Occurrence
        FROM directed
        WHERE At >= {from:DateTime64(3, 'UTC')} AND At < {to:DateTime64(3, 'UTC')}
            AND class_uid = '4001' AND activity_id != '7' AND Originator.ip != '' AND Responder.ip != ''
    ),
    -- What tells of a connection that was told to open is no other one.
    connections AS
    (
        SELECT n.*
        FROM numbered AS n
        LEFT ANY JOIN opened ON n.Connection.uid = opened.Uid
        WHERE NOT (n.activity_id IN ('2', '3', '6') AND opened.Uid != '' AND opened.OpenedAt <= n.At AND opened.OpenedAt > n.At - INTERVAL 24 HOUR AND NOT (opened.OpenedAt = n.At AND n.activity_id = '1'))
        ORDER BY At, Id, Connection.uid, Originator, Responder, if(Connection.uid = '', activity_id, ''), if(Connection.uid = '', Actor.process.name, ''), Occurrence,
            ifNull(OriginatorBytes, 0) + ifNull(ResponderBytes, 0) DESC, activity_id
        LIMIT 1 BY At, Id, Connection.uid, Originator, Responder, if(Connection.uid = '', activity_id, ''), if(Connection.uid = '', Actor.process.name, ''), Occurrence
    ),
    -- What a device was told that a name's addresses are: it holds for the time that the answer gives it, for ten minutes at
    -- least and a day at most.
    answers AS
    (
        SELECT Id, Address, AnsweredAt, min(Question) AS Host, max(Holds) AS HoldsFor
        FROM
        (
            SELECT
                if(concat(Device.uid, Hostname) != '' AND Originator.ip IN ('', Device.ip), if(Device.uid != '', Device.uid, Hostname), Originator.ip) AS Id,
                At AS AnsweredAt, JSONExtractString(query, 'hostname') AS Question, Answer.1 AS Address,
                least(greatest(toUInt32OrZero(Answer.2), 600), 86400) AS Holds
            FROM directed
            ARRAY JOIN JSONExtract(answers, 'Array(Tuple(rdata String, ttl String))') AS Answer
            WHERE class_uid = '4003' AND Question != '' AND (isIPv4String(Address) OR isIPv6String(Address))
        )
        GROUP BY Id, Address, AnsweredAt
    ),
    asked AS
    (
        SELECT groupUniqArray(toStartOfHour(At)) AS Hours FROM directed WHERE class_uid = '4003'
    ),
    judged AS
    (
        SELECT
            c.*,
            closed.Uid != '' AND closed.SeenAt <= c.At + INTERVAL 25 HOUR AND closed.SeenAt >= c.At AS HasEnd,
            if(HasEnd AND c.OriginatorBytes IS NULL, closed.FromOriginator, c.OriginatorBytes) AS FromOriginator,
            if(HasEnd AND c.ResponderBytes IS NULL, closed.FromResponder, c.ResponderBytes) AS FromResponder,
            if(HasEnd AND c.OriginatorPackets IS NULL, closed.PacketsFromOriginator, c.OriginatorPackets) AS PacketsFromOriginator,
            if(HasEnd AND c.ResponderPackets IS NULL, closed.PacketsFromResponder, c.ResponderPackets) AS PacketsFromResponder,
            multiIf(
                c.Milliseconds IS NOT NULL, c.Milliseconds,
                c.EndedAt >= c.At, toUInt64(dateDiff('millisecond', c.At, c.EndedAt)),
                HasEnd, ifNull(closed.Lasted, toUInt64(dateDiff('millisecond', c.At, closed.SeenAt))),
                NULL) AS Lasted,
            -- Failed or refused, or blocked, dropped and the like by a firewall (dispositions 2, 6, 7).
            activity_id IN ('4', '5') OR status_id = '2' OR disposition_id IN ('2', '6', '7') AS Failed,
            NOT Failed AND NOT ifNull(FromResponder = 0, false) AND NOT ifNull(PacketsFromResponder = 0, false) AS Talked,
            lower(transform(Connection.protocol_num, ['1', '6', '17', '58'], ['icmp', 'tcp', 'udp', 'icmp'], Connection.protocol_name)) AS Transport
        FROM connections AS c
        LEFT ANY JOIN closed ON c.Connection.uid = closed.Uid
    )
SELECT
    toDateTime64(At, 3, 'UTC') AS Timestamp,
    judged.Id AS DeviceId,
    Name AS DeviceName,
    multiIf(
        Inbound, if(Talked, 'InboundConnectionAccepted', 'InboundConnectionAttempted'),
        Failed, 'ConnectionFailed',
        Talked, 'ConnectionSuccess',
        'ConnectionAttempt') AS ActionType,
    Remote AS RemoteIP,
    if(Transport = 'icmp', 0, toUInt16OrZero(if(Inbound, Originator.port, Responder.port))) AS RemotePort,
    multiIf(
        Inbound, '',
        ServerName != '', ServerName,
        UrlHost != '' AND NOT isIPv4String(UrlHost) AND NOT isIPv6String(trim(BOTH '[]' FROM UrlHost)), UrlHost,
        Responder.hostname != '' AND NOT isIPv4String(Responder.hostname) AND NOT isIPv6String(Responder.hostname), Responder.hostname,
        answers.Host != '' AND At <= answers.AnsweredAt + toIntervalSecond(answers.HoldsFor), answers.Host,
        '') AS RemoteUrl,
    multiIf(
        Inbound, '',
        ServerName != '', 'tls',
        RemoteUrl != '' AND RemoteUrl = UrlHost, 'http',
        RemoteUrl != '' AND RemoteUrl = Responder.hostname, 'sensor',
        RemoteUrl != '', 'dns',
        arrayExists(hour -> hour > At - INTERVAL 25 HOUR AND hour <= At, (SELECT Hours FROM asked)), '',
        'unknown') AS NameSource,
    initcap(Transport) AS Protocol,
    Local AS LocalIP,
    if(Inbound, FromResponder, FromOriginator) AS SentBytes,
    if(Inbound, FromOriginator, FromResponder) AS ReceivedBytes,
    if(Inbound, PacketsFromResponder, PacketsFromOriginator) AS SentPackets,
    if(Inbound, PacketsFromOriginator, PacketsFromResponder) AS ReceivedPackets,
    Lasted AS DurationMs,
    replaceRegexpOne(multiIf(Actor.process.file.name != '', Actor.process.file.name, Actor.process.name != '', Actor.process.name, Actor.process.file.path), '^.*[\\\\/]', '') AS InitiatingProcessFileName,
    Actor.process.file.path AS InitiatingProcessFolderPath,
    if(Actor.process.user.name != '', Actor.process.user.name, Actor.user.name) AS InitiatingProcessAccountName
FROM judged
ASOF LEFT JOIN answers ON judged.Id = answers.Id AND judged.Remote = answers.Address AND judged.At >= answers.AnsweredAt
