-- Connections of some hours, as network events: one row is one connection, or one report of a flow. Parameters: the hours
-- [from, to), and the networks that are inside.
WITH
    -- A document as an index gives it holds its fields in _source. A field stands within its object or under its dotted name, and may be a
    -- list. A text where an object is usual has no fields; a host, an observer, a process or a user that is one is named by it.
    documents AS
    (
        SELECT
            EventTime AS At, ImportFile, ImportChunk, ImportLine,
            {{fields "_source" "event" "source" "destination" "network" "host" "observer" "process" "user" "dns" "dns.question" "tls" "tls.client"
                "url" "flow" "event.action" "event.dataset" "event.duration" "event.end" "event.kind" "event.outcome" "event.type" "source.ip"
                "source.port" "source.bytes" "source.packets" "destination.ip" "destination.port" "destination.bytes" "destination.packets"
                "destination.domain" "network.direction" "network.transport" "host.id" "host.ip" "host.name" "observer.name" "process.executable"
                "process.name" "user.name" "flow.id" "dns.answers" "dns.question.name" "dns.resolved_ip" "tls.client.server_name" "url.domain"}} AS Doc,
            JSONExtract({{one "Doc.event"}}, 'Tuple(action String, dataset String, duration String, end String, kind String, outcome String, type String)') AS Event,
            JSONExtract({{one "Doc.source"}}, 'Tuple(ip String, port String, bytes String, packets String)') AS Source,
            JSONExtract({{one "Doc.destination"}}, 'Tuple(ip String, port String, bytes String, packets String, domain String)') AS Destination,
            JSONExtract({{one "Doc.network"}}, 'Tuple(direction String, transport String)') AS Network,
            {{one "Doc.host"}} AS HostText, JSONExtract(HostText, 'Tuple(id String, name String, ip String)') AS Host,
            {{one "Doc.observer"}} AS ObserverText, JSONExtract(ObserverText, 'Tuple(name String)') AS Observer,
            {{one "Doc.process"}} AS ProcessText, JSONExtract(ProcessText, 'Tuple(executable String, name String)') AS Program,
            {{one "Doc.user"}} AS UserText, JSONExtract(UserText, 'Tuple(name String)') AS User,
            JSONExtract({{one "Doc.dns"}}, 'Tuple(answers String, resolved_ip String, question Tuple(name String))') AS Dns,
            JSONExtract({{one "Doc.tls"}}, 'Tuple(client Tuple(server_name String))') AS Tls,
            JSONExtract({{one "Doc.url"}}, 'Tuple(domain String)') AS Url,
            JSONExtract({{one "Doc.flow"}}, 'Tuple(id String)') AS Flows
        FROM {{table "event"}}
        WHERE EventTime >= {from:DateTime64(3, 'UTC')} - INTERVAL 24 HOUR AND EventTime < {to:DateTime64(3, 'UTC')} + INTERVAL 1 HOUR
    ),
    written AS
    (
        SELECT
            At, ImportFile, ImportChunk, ImportLine,
            {{addresses (either "Doc.`source.ip`" "Source.ip") (either "Doc.`destination.ip`" "Destination.ip")}} AS Ends,
            {{wholes (either "Doc.`source.port`" "Source.port") (either "Doc.`destination.port`" "Destination.port")
                (either "Doc.`source.bytes`" "Source.bytes") (either "Doc.`destination.bytes`" "Destination.bytes")
                (either "Doc.`source.packets`" "Source.packets") (either "Doc.`destination.packets`" "Destination.packets")}} AS Numbers,
            -- What may hold a comma itself.
            {{ones (either "Doc.`process.executable`" "Program.executable")
                (either "Doc.`process.name`" "Program.name" "if(startsWith(ProcessText, '{'), '', ProcessText)")
                (either "Doc.`user.name`" "User.name" "if(startsWith(UserText, '{'), '', UserText)")}} AS Texts,
            {{words (either "Doc.`event.action`" "Event.action") (either "Doc.`event.dataset`" "Event.dataset")
                (either "Doc.`event.kind`" "Event.kind") (either "Doc.`event.outcome`" "Event.outcome")
                (either "Doc.`destination.domain`" "Destination.domain") (either "Doc.`network.direction`" "Network.direction") (either "Doc.`network.transport`" "Network.transport")
                (either "Doc.`host.id`" "Host.id") (either "Doc.`host.name`" "Host.name" "if(startsWith(HostText, '{'), '', HostText)") (either "Doc.`observer.name`" "Observer.name" "if(startsWith(ObserverText, '{'), '', ObserverText)")
                (either "Doc.`flow.id`" "Flows.id") (either "Doc.`dns.question.name`" "Dns.question.name" "JSONExtractString(Doc.dns, 'question.name')" "JSONExtractString(Doc.`dns.question`, 'name')")
                (either "Doc.`tls.client.server_name`" "Tls.client.server_name" "JSONExtract(Doc.tls, 'client.server_name', 'String')" "JSONExtract(Doc.`tls.client`, 'server_name', 'String')")
                (either "Doc.`url.domain`" "Url.domain")}} AS Words,
            lower({{either "Doc.`event.type`" "Event.type"}}) AS Types, -- a text, or a list
            {{rounded (either "Doc.`event.duration`" "Event.duration")}} AS Nanoseconds,
            {{time (either "Doc.`event.end`" "Event.end")}} AS EndedAt,
            {{either "Doc.`dns.answers`" "Dns.answers"}} AS Records,
            {{either "Doc.`dns.resolved_ip`" "Dns.resolved_ip"}} AS Resolved,
            arrayMap(text -> {{address "text"}}, extractAll(concat(Doc.`host.ip`, ' ', Host.ip), '[0-9A-Fa-f.:]+')) AS HostAddresses
        FROM documents
    ),
    fields AS
    (
        SELECT
            At, ImportFile, ImportChunk, ImportLine, Types, Nanoseconds, EndedAt, Records, Resolved, HostAddresses,
            lower(Words[1]) AS Action,
            Words[2] AS Dataset,
            lower(Words[3]) AS Kind,
            lower(Words[4]) AS Outcome,
            Ends[1] AS Originator,
            Ends[2] AS Responder,
            {{asPort "Numbers[1]"}} AS OriginatorPort,
            {{asPort "Numbers[2]"}} AS ResponderPort,
            Numbers[3] AS OriginatorBytes,
            Numbers[4] AS ResponderBytes,
            Numbers[5] AS OriginatorPackets,
            Numbers[6] AS ResponderPackets,
            -- A domain may be written with its port.
            replaceRegexpOne(Words[5], '^([^:]+):[0-9]+$', '\\1') AS Domain,
            lower(Words[6]) AS Direction,
            lower(Words[7]) AS Transport,
            Words[8] AS HostId,
            Words[9] AS HostName,
            Words[10] != '' AS Observed,
            Texts[1] AS Executable,
            Texts[2] AS Process,
            Texts[3] AS Account,
            Words[11] AS Flow,
            Words[12] AS Question,
            Words[13] AS ServerName,
            Words[14] AS UrlDomain,
            -- A transaction of TLS or HTTP that is told beside its connection.
            match(Dataset, '(^|\\.)(http|tls|ssl)$') AS IsTransaction
        FROM written
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
                OR (NOT Observed AND Local != '' AND has(HostAddresses, Local)) AS OfHost,
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
                Client AS Device, At AS AnsweredAt, Question, {{address "Answer.1"}} AS Address,
                least(greatest(ifNull({{rounded "Answer.2"}}, 0), 600), 86400) AS Holds
            FROM (SELECT *, if(OfHost, directed.Device, Originator) AS Client FROM directed WHERE Question != '')
            ARRAY JOIN
                arrayConcat(
                    JSONExtract(Records, 'Array(Tuple(data String, ttl String))'),
                    arrayMap(a -> (a, ''), if(startsWith(Resolved, '['), JSONExtract(Resolved, 'Array(String)'), arrayMap(a -> trim(a), splitByChar(',', Resolved))))) AS Answer
            WHERE isIPv4String(Address) OR isIPv6String(Address)
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
