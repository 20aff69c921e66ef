-- Connections of some hours, as network events: one row is one connection, or one report of a flow. Parameters: the hours
-- [from, to), and the networks that are inside.
WITH
    -- A field stands within its object or under its dotted name.
    fields AS
    (
        SELECT
            EventTime AS At, ImportFile, ImportChunk, ImportLine,
            JSONExtract(if(_source != '', _source, concat('{"event":', if(event != '', event, 'null'), ',"source":', if(source != '', source, 'null'),
                ',"destination":', if(destination != '', destination, 'null'), ',"network":', if(network != '', network, 'null'),
                ',"host":', if(host != '', host, 'null'), ',"observer":', if(observer != '', observer, 'null'), ',"process":', if(process != '', process, 'null'),
                ',"user":', if(user != '', user, 'null'), ',"dns":', if(dns != '', dns, 'null'), ',"tls":', if(tls != '', tls, 'null'),
                ',"url":', if(url != '', url, 'null'), ',"flow":', if(flow != '', flow, 'null'), '}')),
                'Tuple(event Tuple(action String, dataset String, duration String, end String, kind String, outcome String, type String), source Tuple(ip String, port String, bytes String, packets String), destination Tuple(ip String, port String, bytes String, packets String, domain String), network Tuple(direction String, transport String), host Tuple(id String, name String, ip String), observer Tuple(name String), process Tuple(executable String, name String), user Tuple(name String), dns Tuple(answers String, resolved_ip String, question Tuple(name String)), tls Tuple(client Tuple(server_name String)), url Tuple(domain String), flow Tuple(id String))') AS Doc,
            lower(if(`event.action` != '', `event.action`, Doc.event.action)) AS Action,
            if(`event.dataset` != '', `event.dataset`, Doc.event.dataset) AS Dataset,
            if(`event.kind` != '', `event.kind`, Doc.event.kind) AS Kind,
            if(`event.outcome` != '', `event.outcome`, Doc.event.outcome) AS Outcome,
            if(`event.type` != '', `event.type`, Doc.event.type) AS Types, -- a text, or a list as JSON
            toUInt64OrNull(if(`event.duration` != '', `event.duration`, Doc.event.duration)) AS Nanoseconds,
            parseDateTime64BestEffortOrNull(if(`event.end` != '', `event.end`, Doc.event.end), 6, 'UTC') AS EndedAt,
            if(`source.ip` != '', `source.ip`, Doc.source.ip) AS Originator,
            if(`destination.ip` != '', `destination.ip`, Doc.destination.ip) AS Responder,
            toUInt16OrZero(if(`source.port` != '', `source.port`, Doc.source.port)) AS OriginatorPort,
            toUInt16OrZero(if(`destination.port` != '', `destination.port`, Doc.destination.port)) AS ResponderPort,
            toUInt64OrNull(if(`source.bytes` != '', `source.bytes`, Doc.source.bytes)) AS OriginatorBytes,
            toUInt64OrNull(if(`destination.bytes` != '', `destination.bytes`, Doc.destination.bytes)) AS ResponderBytes,
            toUInt64OrNull(if(`source.packets` != '', `source.packets`, Doc.source.packets)) AS OriginatorPackets,
            toUInt64OrNull(if(`destination.packets` != '', `destination.packets`, Doc.destination.packets)) AS ResponderPackets,
            if(`destination.domain` != '', `destination.domain`, Doc.destination.domain) AS Domain,
            lower(if(`network.direction` != '', `network.direction`, Doc.network.direction)) AS Direction,
            lower(if(`network.transport` != '', `network.transport`, Doc.network.transport)) AS Transport,
            if(`host.id` != '', `host.id`, Doc.host.id) AS HostId,
            if(`host.name` != '', `host.name`, Doc.host.name) AS HostName,
            concat(`host.ip`, ' ', Doc.host.ip) AS HostAddresses,
            `observer.name` != '' OR Doc.observer.name != '' AS Observed,
            if(`process.executable` != '', `process.executable`, Doc.process.executable) AS Executable,
            if(`process.name` != '', `process.name`, Doc.process.name) AS Process,
            if(`user.name` != '', `user.name`, Doc.user.name) AS Account,
            if(`flow.id` != '', `flow.id`, Doc.flow.id) AS Flow,
            if(`dns.question.name` != '', `dns.question.name`, Doc.dns.question.name) AS Question,
            if(`dns.answers` != '', `dns.answers`, Doc.dns.answers) AS Records,
            if(`dns.resolved_ip` != '', `dns.resolved_ip`, Doc.dns.resolved_ip) AS Resolved,
            if(`tls.client.server_name` != '', `tls.client.server_name`, Doc.tls.client.server_name) AS ServerName,
            if(`url.domain` != '', `url.domain`, Doc.url.domain) AS UrlDomain,
            -- A transaction of TLS or HTTP that is told beside its connection.
            match(Dataset, '(^|\\.)(http|tls|ssl)$') AS IsTransaction
        FROM {{table "event"}}
        WHERE EventTime >= {from:DateTime64(3, 'UTC')} - INTERVAL 24 HOUR AND EventTime < {to:DateTime64(3, 'UTC')} + INTERVAL 1 HOUR
    ),
    directed AS
    (
        SELECT
            *,
            -- Who called whom: the sensor's own word, otherwise the networks.
            multiIf(
                Direction IN ('ingress', 'inbound'), true,
                Direction IN ('egress', 'outbound', 'internal'), false,
                NOT {{internal "Originator"}} AND {{internal "Responder"}}) AS Inbound,
            if(Inbound, Responder, Originator) AS Local,
            if(Inbound, Originator, Responder) AS Remote,
            -- An endpoint's own event, or one of a machine that saw its own traffic; of others the address is all there is.
            Local = '' OR Process != '' OR Executable != '' OR Direction IN ('ingress', 'egress')
                OR (NOT Observed AND Local != '' AND has(extractAll(HostAddresses, '[0-9A-Fa-f.:]+'), Local)) AS OfHost,
            if(OfHost AND concat(HostId, HostName) != '', if(HostId != '', HostId, HostName), if(Question != '' AND Local = '', Originator, Local)) AS Device,
            if(OfHost AND concat(HostId, HostName) != '', if(HostName != '', HostName, HostId), Device) AS Name
        FROM fields
    ),
    -- An endpoint tells the end of a connection apart from its start, with the bytes. It is no other connection.
    ends AS
    (
        SELECT Device, Originator, OriginatorPort, Responder, ResponderPort, At AS SeenAt, OriginatorBytes, ResponderBytes
        FROM directed
        WHERE Action = 'disconnect_received'
    ),
    numbered AS
    (
        SELECT
            *,
            -- A file may hold the same event twice; one that came twice has the same events as often. A flow has its identifier.
            if(ImportFile = '' OR Flow != '', 1, row_number() OVER
            (
                PARTITION BY ImportFile, ImportChunk, At, Device, Originator, OriginatorPort, Responder, ResponderPort, Transport, Action, Process
                ORDER BY ImportLine
            )) AS Occurrence
        FROM directed
        WHERE At >= {from:DateTime64(3, 'UTC')} AND At < {to:DateTime64(3, 'UTC')}
            AND Originator != '' AND Responder != '' AND Question = '' AND NOT IsTransaction
            AND Kind IN ('', 'event') AND Action != 'disconnect_received'
    ),
    -- Of the reports of a flow that goes on the one that saw most counts.
    connections AS
    (
        SELECT * FROM numbered
        ORDER BY
            At, Device, Flow, Originator, OriginatorPort, Responder, ResponderPort, Transport, if(Flow = '', Action, ''), if(Flow = '', Process, ''), Occurrence,
            ifNull(OriginatorBytes, 0) + ifNull(ResponderBytes, 0) DESC, EndedAt DESC NULLS LAST, Types, Outcome
        LIMIT 1 BY
            At, Device, Flow, Originator, OriginatorPort, Responder, ResponderPort, Transport, if(Flow = '', Action, ''), if(Flow = '', Process, ''), Occurrence
    ),
    -- The name that a transaction of the same connection told: from a minute before the connection to an hour after it.
    transactions AS
    (
        SELECT Originator, OriginatorPort, Responder, ResponderPort, Until, min((if(ServerName != '', 'tls', 'http'), if(ServerName != '', ServerName, UrlDomain))) AS Told
        FROM (SELECT *, At + INTERVAL 1 MINUTE AS Until FROM directed)
        WHERE IsTransaction AND (ServerName != '' OR (UrlDomain != '' AND NOT isIPv4String(UrlDomain) AND NOT isIPv6String(trim(BOTH '[]' FROM UrlDomain))))
        GROUP BY Originator, OriginatorPort, Responder, ResponderPort, Until
    ),
    -- What a device was told that a name's addresses are: it holds for the time that the answer gives it, for ten minutes at
    -- least and a day at most.
    answers AS
    (
        SELECT Device, Address, AnsweredAt, min(Question) AS Name, max(Holds) AS HoldsFor
        FROM
        (
            SELECT
                Client AS Device, At AS AnsweredAt, Question, Answer.1 AS Address,
                least(greatest(toUInt32OrZero(Answer.2), 600), 86400) AS Holds
            FROM (SELECT *, if(OfHost, directed.Device, Originator) AS Client FROM directed WHERE Question != '')
            ARRAY JOIN
                arrayConcat(
                    JSONExtract(Records, 'Array(Tuple(data String, ttl String))'),
                    arrayMap(a -> (a, ''), if(startsWith(Resolved, '['), JSONExtract(Resolved, 'Array(String)'), arrayMap(a -> trim(a), splitByChar(',', Resolved))))) AS Answer
            WHERE isIPv4String(Answer.1) OR isIPv6String(Answer.1)
        )
        GROUP BY Device, Address, AnsweredAt
    ),
    asked AS
    (
        SELECT groupUniqArray(toStartOfHour(At)) AS Hours FROM directed WHERE Question != ''
    ),
    ended AS
    (
        SELECT
            c.*, ends.SeenAt AS SeenAt,
            SeenAt > toDateTime64(0, 6, 'UTC') AND SeenAt <= c.At + INTERVAL 1 HOUR AS HasEnd,
            if(HasEnd AND c.OriginatorBytes IS NULL, ends.OriginatorBytes, c.OriginatorBytes) AS FromOriginator,
            if(HasEnd AND c.ResponderBytes IS NULL, ends.ResponderBytes, c.ResponderBytes) AS FromResponder
        FROM connections AS c
        ASOF LEFT JOIN ends ON c.Device = ends.Device AND c.Originator = ends.Originator AND c.OriginatorPort = ends.OriginatorPort
            AND c.Responder = ends.Responder AND c.ResponderPort = ends.ResponderPort AND c.At <= ends.SeenAt
    ),
    judged AS
    (
        SELECT
            *,
            position(Types, 'denied') > 0 OR Outcome = 'failure' AS Failed,
            -- Nothing came back; or it was tried, and no more is told.
            NOT Failed AND multiIf(
                ifNull(ResponderPackets = 0, false) OR ifNull(FromResponder = 0, false), false,
                Action = 'connection_attempted', ifNull(FromResponder > 0, false),
                true) AS Talked
        FROM ended
    )
SELECT
    toDateTime64(At, 3, 'UTC') AS Timestamp,
    judged.Device AS DeviceId,
    judged.Name AS DeviceName,
    multiIf(
        Inbound, if(Talked, 'InboundConnectionAccepted', 'InboundConnectionAttempted'),
        Failed, 'ConnectionFailed',
        Talked, 'ConnectionSuccess',
        'ConnectionAttempt') AS ActionType,
    Remote AS RemoteIP,
    multiIf(startsWith(Transport, 'icmp') OR Transport = 'ipv6-icmp', 0, Inbound, judged.OriginatorPort, judged.ResponderPort) AS RemotePort,
    multiIf(
        Inbound, '',
        ServerName != '', ServerName,
        UrlDomain != '' AND NOT isIPv4String(UrlDomain) AND NOT isIPv6String(trim(BOTH '[]' FROM UrlDomain)), UrlDomain,
        transactions.Told.2 != '' AND transactions.Until <= At + INTERVAL 61 MINUTE, transactions.Told.2,
        Domain != '' AND NOT isIPv4String(Domain) AND NOT isIPv6String(Domain), Domain,
        answers.Name != '' AND At <= answers.AnsweredAt + toIntervalSecond(answers.HoldsFor), answers.Name,
        '') AS RemoteUrl,
    multiIf(
        Inbound, '',
        ServerName != '', 'tls',
        RemoteUrl != '' AND RemoteUrl = UrlDomain, 'http',
        RemoteUrl != '' AND RemoteUrl = transactions.Told.2, transactions.Told.1,
        RemoteUrl != '' AND RemoteUrl = Domain, 'sensor',
        RemoteUrl != '', 'dns',
        arrayExists(hour -> hour > At - INTERVAL 25 HOUR AND hour <= At, (SELECT Hours FROM asked)), '',
        'unknown') AS NameSource,
    if(Transport = 'ipv6-icmp', 'Icmp', initcap(Transport)) AS Protocol,
    Local AS LocalIP,
    if(Inbound, FromResponder, FromOriginator) AS SentBytes,
    if(Inbound, FromOriginator, FromResponder) AS ReceivedBytes,
    if(Inbound, ResponderPackets, OriginatorPackets) AS SentPackets,
    if(Inbound, OriginatorPackets, ResponderPackets) AS ReceivedPackets,
    multiIf(
        Nanoseconds IS NOT NULL, toUInt64(round(Nanoseconds / 1000000)),
        EndedAt >= At, toUInt64(dateDiff('millisecond', At, EndedAt)),
        HasEnd, toUInt64(dateDiff('millisecond', At, SeenAt)),
        NULL) AS DurationMs,
    replaceRegexpOne(if(Process != '', Process, Executable), '^.*[\\\\/]', '') AS InitiatingProcessFileName,
    if(match(Executable, '[\\\\/]'), Executable, '') AS InitiatingProcessFolderPath,
    Account AS InitiatingProcessAccountName
FROM judged
ASOF LEFT JOIN transactions ON judged.Originator = transactions.Originator AND judged.OriginatorPort = transactions.OriginatorPort
    AND judged.Responder = transactions.Responder AND judged.ResponderPort = transactions.ResponderPort AND judged.At <= transactions.Until
ASOF LEFT JOIN answers ON judged.Device = answers.Device AND judged.Remote = answers.Address AND judged.At >= answers.AnsweredAt
