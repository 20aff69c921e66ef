-- Zeek's connections of some hours, as network events: one row is one connection, however often its log tells of it.
-- Parameters: the hours [from, to), and the networks that are inside.
WITH
    rows AS
    (
        SELECT
            cityHash64(uid, EventTime, `id.orig_h`, OriginatorPort, `id.resp_h`, ResponderPort, id, lower(proto)) AS Connection,
            -- 443 and 443.0 are the same.
            toFloat64OrZero(`id.orig_p`) AS OriginatorPort, toFloat64OrZero(`id.resp_p`) AS ResponderPort,
            *
        FROM {{table "conn"}}
        WHERE EventTime >= {from:DateTime64(3, 'UTC')} AND EventTime < {to:DateTime64(3, 'UTC')}
    ),
    -- A connection that is still open has a row each time the sensor told of it: the one that saw most counts. A log that came
    -- twice has the same connections twice. Few have several rows, so that only those are sorted.
    repeated AS (SELECT Connection FROM rows GROUP BY Connection HAVING count() > 1),
    connections AS
    (
        SELECT * FROM rows WHERE Connection NOT IN repeated
        UNION ALL
        SELECT * FROM
        (
            SELECT * FROM rows WHERE Connection IN repeated
            ORDER BY
                Connection, uid, EventTime, `id.orig_h`, OriginatorPort, `id.resp_h`, ResponderPort, id,
                toFloat64OrNull(duration) DESC NULLS LAST, toFloat64OrZero(orig_bytes) + toFloat64OrZero(resp_bytes) DESC, conn_state, history
            LIMIT 1 BY Connection, uid, EventTime, `id.orig_h`, OriginatorPort, `id.resp_h`, ResponderPort, id
        )
    ),
    -- The ends of a connection stand under dotted names, or within an object.
    written AS
    (
        SELECT
            *,
            {{addresses (either "`id.orig_h`" "JSONExtract(id, 'orig_h', 'String')") (either "`id.resp_h`" "JSONExtract(id, 'resp_h', 'String')")}} AS Ends,
            {{wholes (either "`id.orig_p`" "JSONExtract(id, 'orig_p', 'String')") (either "`id.resp_p`" "JSONExtract(id, 'resp_p', 'String')") "orig_bytes" "resp_bytes" "orig_pkts" "resp_pkts"}} AS Numbers,
            lower({{one "connections.proto"}}) AS Transport
        FROM connections
    ),
    named AS
    (
        SELECT
            uid,
            EventTime AS At,
            Ends[1] AS Originator,
            Ends[2] AS Responder,
            Transport,
            conn_state AS State,
            history AS History,
            Transport = 'tcp' AS IsTCP,
            Transport IN ('tcp', 'udp') AS HasPorts,
            {{asPort "Numbers[1]"}} AS OriginatorPort,
            {{asPort "Numbers[2]"}} AS ResponderPort,
            toFloat64OrNull(duration) AS Duration,
            Numbers[3] AS OriginatorBytes,
            Numbers[4] AS ResponderBytes,
            Numbers[5] AS OriginatorPackets,
            Numbers[6] AS ResponderPackets,
            lower(local_orig) IN ('true', 't') AS MarkedOriginator,
            lower(local_resp) IN ('true', 't') AS MarkedResponder
        FROM written
    ),
    -- Who called whom. The sensor's own mark counts where it calls one of the two local; otherwise the networks do. What comes
    -- from outside to a device inside is inbound, and the device is the inner one.
    directed AS
    (
        SELECT
            *,
            MarkedOriginator OR MarkedResponder AS Marked,
            if(Marked, MarkedOriginator, {{internal "Originator"}}) AS FromInside,
            if(Marked, MarkedResponder, {{internal "Responder"}}) AS ToInside,
            NOT FromInside AND ToInside AS Inbound,
            if(Inbound, Responder, Originator) AS Device,
            if(Inbound, Originator, Responder) AS Remote
        FROM named
    ),
    -- Whether the two talked. A capital letter of the history is the originator's, a small one the responder's: S, H are the
    -- handshake, A acknowledges, D is data. A sensor that sees one side only has states such as SHR, and letters of one kind.
    judged AS
    (
        SELECT
            *,
            multiIf(
                NOT IsTCP, State NOT IN ('S0', 'REJ') AND (State IN ('SF', 'SHR') OR ifNull(ResponderPackets, 1) > 0),
                State IN ('SF', 'S1', 'S2', 'S3', 'RSTO', 'RSTR', 'SHR'), true,
                State = 'REJ', false,
                State = 'OTH', History = '' OR match(History, '[ADadHh]'),
                State = 'RSTRH', match(History, '[ADad]'),
                match(History, '[AD]')) AS Talked,
            -- A refusal, and what is no more than the end of something: a lone reset or end without a beginning.
            State IN ('REJ', 'RSTOS0', 'RSTRH') OR (IsTCP AND History != '' AND NOT match(History, '[SADadHh]')) AS Failed,
            -- Nothing of a side was seen although it must have sent something: its numbers are unknown, not 0.
            ifNull(OriginatorPackets = 0, History != '' AND NOT match(History, '[A-Z]')) AS OriginatorUnseen,
            ifNull(ResponderPackets = 0, false) AND IsTCP AND Talked AS ResponderUnseen
        FROM directed
    ),
    -- The first name that a connection's TLS or HTTP told. An address is no name. A name is looked for within an hour of the
    -- connection's start, so that an hour is made of the same rows whenever it is made.
    tls AS
    (
        SELECT uid, min(EventTime) AS NamedAt, argMin(server_name, (EventTime, server_name)) AS Name
        FROM {{table "ssl"}}
        WHERE EventTime >= {from:DateTime64(3, 'UTC')} - INTERVAL 1 HOUR AND EventTime < {to:DateTime64(3, 'UTC')} + INTERVAL 1 HOUR
            AND uid != '' AND server_name != '' AND NOT isIPv4String(server_name) AND NOT isIPv6String(server_name)
        GROUP BY uid
    ),
    web AS
    (
        SELECT uid, min(EventTime) AS NamedAt, argMin(Host, (EventTime, Depth, Host)) AS Name
        FROM
        (
            -- CONNECT names whom the proxy shall call.
            SELECT
                uid, EventTime, ifNull({{whole "trans_depth"}}, 0) AS Depth,
                replaceRegexpOne(if(method = 'CONNECT' AND uri != '', uri, host), ':[0-9]*$', '') AS Host
            FROM {{table "http"}}
            WHERE EventTime >= {from:DateTime64(3, 'UTC')} - INTERVAL 1 HOUR AND EventTime < {to:DateTime64(3, 'UTC')} + INTERVAL 1 HOUR
                AND uid != ''
        )
        WHERE Host != '' AND NOT isIPv4String(Host) AND NOT isIPv6String(trim(BOTH '[]' FROM Host))
        GROUP BY uid
    ),
    -- What a device was told that a name's addresses are: it holds for the time that the answer gives it, for ten minutes at
    -- least and a day at most.
    answers AS
    (
        SELECT Client, Address, AnsweredAt, min(Query) AS Name, max(Holds) AS HoldsFor
        FROM
        (
            SELECT
                {{address (either "`id.orig_h`" "JSONExtract(id, 'orig_h', 'String')")}} AS Client, EventTime AS AnsweredAt, query AS Query, {{address "Answer"}} AS Address,
                least(greatest(ifNull(TTL, 0), 600), 86400) AS Holds
            FROM {{table "dns"}}
            ARRAY JOIN
                JSONExtract(answers, 'Array(String)') AS Answer,
                arrayResize(JSONExtract(TTLs, 'Array(Nullable(Float64))'), length(JSONExtract(answers, 'Array(String)'))) AS TTL
            WHERE EventTime >= {from:DateTime64(3, 'UTC')} - INTERVAL 24 HOUR AND EventTime < {to:DateTime64(3, 'UTC')}
                AND query != '' AND (isIPv4String(Address) OR isIPv6String(Address))
        )
        GROUP BY Client, Address, AnsweredAt
    ),
    -- The hours in which names were asked for at all. Without any in a day, that a connection has no name says nothing.
    asked AS
    (
        SELECT groupUniqArray(toStartOfHour(EventTime)) AS Hours
        FROM {{table "dns"}}
        WHERE EventTime >= {from:DateTime64(3, 'UTC')} - INTERVAL 24 HOUR AND EventTime < {to:DateTime64(3, 'UTC')}
    )
SELECT
    toDateTime64(At, 3, 'UTC') AS Timestamp,
    Device AS DeviceId,
    Device AS DeviceName,
    multiIf(
        Inbound, if(Talked, 'InboundConnectionAccepted', 'InboundConnectionAttempted'),
        Talked, 'ConnectionSuccess',
        Failed, 'ConnectionFailed',
        'ConnectionAttempt') AS ActionType,
    Remote AS RemoteIP,
    -- ICMP's types and codes stand where others have ports.
    multiIf(NOT HasPorts, 0, Inbound, OriginatorPort, ResponderPort) AS RemotePort,
    multiIf(
        Inbound, '',
        tls.Name != '' AND tls.NamedAt BETWEEN At - INTERVAL 1 HOUR AND At + INTERVAL 1 HOUR, tls.Name,
        web.Name != '' AND web.NamedAt BETWEEN At - INTERVAL 1 HOUR AND At + INTERVAL 1 HOUR, web.Name,
        answers.Name != '' AND At <= answers.AnsweredAt + toIntervalSecond(answers.HoldsFor), answers.Name,
        '') AS RemoteUrl,
    multiIf(
        Inbound, '',
        tls.Name != '' AND RemoteUrl = tls.Name, 'tls',
        web.Name != '' AND RemoteUrl = web.Name, 'http',
        RemoteUrl != '', 'dns',
        arrayExists(hour -> hour > At - INTERVAL 25 HOUR AND hour <= At, (SELECT Hours FROM asked)), '',
        'unknown') AS NameSource,
    initcap(replaceOne(Transport, 'unknown_transport', '')) AS Protocol,
    Device AS LocalIP,
    if(Inbound, if(ResponderUnseen, NULL, ResponderBytes), if(OriginatorUnseen, NULL, OriginatorBytes)) AS SentBytes,
    if(Inbound, if(OriginatorUnseen, NULL, OriginatorBytes), if(ResponderUnseen, NULL, ResponderBytes)) AS ReceivedBytes,
    if(Inbound, if(ResponderUnseen, NULL, ResponderPackets), if(OriginatorUnseen, NULL, OriginatorPackets)) AS SentPackets,
    if(Inbound, if(OriginatorUnseen, NULL, OriginatorPackets), if(ResponderUnseen, NULL, ResponderPackets)) AS ReceivedPackets,
    toUInt64OrNull(toString(round(Duration * 1000))) AS DurationMs,
    -- A sensor on the wire sees no process.
    '' AS InitiatingProcessFileName,
    '' AS InitiatingProcessFolderPath,
    '' AS InitiatingProcessAccountName
FROM judged
LEFT ANY JOIN tls ON judged.uid = tls.uid
LEFT ANY JOIN web ON judged.uid = web.uid
ASOF LEFT JOIN answers ON judged.Device = answers.Client AND judged.Remote = answers.Address AND judged.At >= answers.AnsweredAt
