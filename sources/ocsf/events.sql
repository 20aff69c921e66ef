-- Network activity (class 4001) of some hours, as network events: one row is one connection. Parameters: the hours [from, to), and
-- the networks that are inside.
WITH
    written AS
    (
        SELECT
            EventTime AS At, ImportFile, ImportChunk, ImportLine, class_uid, query, answers, actor,
            JSONExtract(src_endpoint, 'Tuple(ip String, port String)') AS Source,
            JSONExtract(dst_endpoint, 'Tuple(ip String, port String, hostname String)') AS Destination,
            JSONExtract(connection_info, 'Tuple(uid String, direction_id String, protocol_num String, protocol_name String)') AS Connection,
            JSONExtract(traffic, 'Tuple(bytes String, bytes_in String, bytes_out String, packets String, packets_in String, packets_out String)') AS Traffic,
            JSONExtract(device, 'Tuple(uid String, hostname String, name String, ip String)') AS Machine,
            {{addresses "Source.ip" "Destination.ip" "Machine.ip"}} AS Addresses,
            {{wholes "Source.port" "Destination.port" "Traffic.bytes" "Traffic.bytes_in" "Traffic.bytes_out" "Traffic.packets" "Traffic.packets_in"
                "Traffic.packets_out" "activity_id" "status_id" "action_id" "disposition_id"}} AS Numbers,
            {{words "Machine.uid" "Machine.hostname" "Machine.name" "Destination.hostname" "JSONExtract(tls, 'sni', 'String')"
                "JSONExtract(url, 'hostname', 'String')" "status" "action" "disposition"}} AS Words,
            {{rounded "duration"}} AS Milliseconds,
            {{time "if(end_time NOT IN ('', '0'), end_time, end_time_dt)"}} AS EndedAt
        FROM {{table "event"}}
        WHERE EventTime >= {from:DateTime64(3, 'UTC')} - INTERVAL 24 HOUR AND EventTime < {to:DateTime64(3, 'UTC')} + INTERVAL 1 HOUR
    ),
    fields AS
    (
        SELECT
            At, ImportFile, ImportChunk, ImportLine, class_uid, query, answers, Connection, Milliseconds, EndedAt,
            CAST((Addresses[1], {{asPort "Numbers[1]"}}), 'Tuple(ip String, port UInt16)') AS Originator,
            CAST((Addresses[2], {{asPort "Numbers[2]"}}, Words[4]), 'Tuple(ip String, port UInt16, hostname String)') AS Responder,
            CAST((Words[1], Words[2], Words[3], Addresses[3]), 'Tuple(uid String, hostname String, name String, ip String)') AS Device,
            -- Out is from the source to the destination. Where the two ways are not told apart, the record is of one way.
            if(Numbers[4] IS NULL AND Numbers[5] IS NULL, Numbers[3], Numbers[5]) AS OriginatorBytes,
            Numbers[4] AS ResponderBytes,
            if(Numbers[7] IS NULL AND Numbers[8] IS NULL, Numbers[6], Numbers[8]) AS OriginatorPackets,
            Numbers[7] AS ResponderPackets,
            Words[5] AS ServerName,
            Words[6] AS UrlHost,
            ifNull(toString(Numbers[9]), '') AS activity_id,
            -- Failed (status), denied (action), or kept back by a firewall: blocked, quarantined, isolated, dropped, reset, revoked, rejected,
            -- unauthorized (disposition). Each is told by its number, its name or both.
            ifNull(Numbers[10] = 2, false) OR ifNull(Numbers[11] = 2, false) OR ifNull(Numbers[12] IN (2, 3, 4, 6, 21, 24, 25, 26), false)
                OR lower(Words[7]) IN ('failure', 'failed') OR lower(Words[8]) IN ('denied', 'deny', 'blocked')
                OR lower(Words[9]) IN ('blocked', 'quarantined', 'isolated', 'dropped', 'reset', 'access revoked', 'rejected', 'unauthorized') AS KeptBack,
            JSONExtract(actor, 'Tuple(process Tuple(name String, file Tuple(name String, path String), user Tuple(name String)), user Tuple(name String))') AS Actor
        FROM written
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
                At AS AnsweredAt, JSONExtractString(query, 'hostname') AS Question, {{address "Answer.1"}} AS Address,
                least(greatest(ifNull({{rounded "Answer.2"}}, 0), 600), 86400) AS Holds
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
                HasEnd AND closed.Lasted IS NOT NULL, closed.Lasted,
                -- Of a record that is the only one of its connection no end is told.
                HasEnd AND (c.activity_id = '1' OR closed.SeenAt > c.At), toUInt64(dateDiff('millisecond', c.At, closed.SeenAt)),
                NULL) AS Lasted,
            activity_id IN ('4', '5') OR KeptBack AS Failed,
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
    if(Transport = 'icmp', 0, if(Inbound, Originator.port, Responder.port)) AS RemotePort,
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
