-- Suricata's flows of some hours, as network events: one row is one flow, at its start. Parameters: the hours [from, to), and
-- the networks that are inside.
WITH
    written AS
    (
        SELECT
            flow_id, EventTime AS At, flow, tcp,
            {{addresses "src_ip" "dest_ip"}} AS Ends,
            JSONExtract(flow, 'Tuple(state String, end String, bytes_toserver String, bytes_toclient String, pkts_toserver String, pkts_toclient String)') AS Flow,
            {{wholes "src_port" "dest_port" "Flow.bytes_toserver" "Flow.bytes_toclient" "Flow.pkts_toserver" "Flow.pkts_toclient"}} AS Numbers,
            {{one "proto"}} AS Transport,
            {{time "Flow.end"}} AS EndedAt
        FROM {{table "eve"}}
        WHERE EventTime >= {from:DateTime64(3, 'UTC')} AND EventTime < {to:DateTime64(3, 'UTC')} AND event_type = 'flow'
    ),
    -- A log that came twice has the same flows twice.
    flows AS
    (
        SELECT
            flow_id, At, Flow, EndedAt, flow, tcp,
            Ends[1] AS Originator, Ends[2] AS Responder, upper(written.Transport) AS Transport,
            {{asPort "Numbers[1]"}} AS OriginatorPort,
            {{asPort "Numbers[2]"}} AS ResponderPort,
            Numbers[3] AS OriginatorBytes,
            Numbers[4] AS ResponderBytes,
            Numbers[5] AS OriginatorPackets,
            Numbers[6] AS ResponderPackets,
            Transport = 'TCP' AS IsTCP,
            -- All flags that each side has set, in hexadecimal: FIN 1, SYN 2, RST 4, PSH 8, ACK 16.
            reinterpretAsUInt8(unhex(replaceOne(JSONExtractString(tcp, 'tcp_flags_ts'), '0x', ''))) AS OriginatorFlags,
            reinterpretAsUInt8(unhex(replaceOne(JSONExtractString(tcp, 'tcp_flags_tc'), '0x', ''))) AS ResponderFlags
        FROM written
        ORDER BY flow_id, At, Originator, OriginatorPort, Responder, ResponderPort, Transport, EndedAt DESC NULLS LAST, flow, tcp
        LIMIT 1 BY flow_id, At, Originator, OriginatorPort, Responder, ResponderPort, Transport
    ),
    -- Who called whom, by the networks. What comes from outside to a device inside is inbound, and the device is the inner one.
    judged AS
    (
        SELECT
            *,
            NOT {{internal "Originator"}} AND {{internal "Responder"}} AS Inbound,
            if(Inbound, Responder, Originator) AS Device,
            if(Inbound, Originator, Responder) AS Remote,
            -- Whether the two talked. In TCP the responder took the connection (SYN), or sent data; where nothing of it was seen, the
            -- originator's acknowledgement shows it. Without flags Suricata's state does. Otherwise both must have sent something.
            multiIf(
                NOT IsTCP, Flow.state = 'established' OR ifNull(ResponderPackets, 0) > 0,
                OriginatorFlags = 0 AND ResponderFlags = 0, Flow.state = 'established',
                bitAnd(ResponderFlags, 2) > 0 OR bitAnd(ResponderFlags, 8) > 0, true,
                ifNull(ResponderPackets, 0) = 0, bitAnd(OriginatorFlags, 16) > 0 AND bitAnd(OriginatorFlags, 2 + 8) > 0,
                bitAnd(ResponderFlags, 4) = 0 AND bitAnd(ResponderFlags, 16) > 0) AS Talked,
            IsTCP AND bitAnd(ResponderFlags, 4) > 0 AS Refused,
            -- Nothing of the responder was seen although it must have sent something: its numbers are unknown, not 0.
            IsTCP AND Talked AND ifNull(ResponderPackets = 0, false) AS ResponderUnseen
        FROM flows
    ),
    -- The first name that a flow's TLS, QUIC or HTTP told, within an hour of its start. An address is no name.
    named AS
    (
        SELECT
            flow_id, event_type IN ('tls', 'quic') AS IsTLS, min(EventTime) AS NamedAt, argMin(Told, (EventTime, Told)) AS Host
        FROM
        (
            SELECT
                flow_id, event_type, EventTime,
                multiIf(
                    event_type = 'tls', {{one "JSONExtract(tls, 'sni', 'String')"}},
                    event_type = 'quic', {{one "JSONExtract(quic, 'sni', 'String')"}},
                    -- CONNECT names whom the proxy shall call.
                    replaceRegexpOne(if(JSONExtractString(http, 'http_method') = 'CONNECT' AND JSONExtractString(http, 'url') != '',
                        JSONExtractString(http, 'url'), JSONExtractString(http, 'hostname')), ':[0-9]*$', '')) AS Told
            FROM {{table "eve"}}
            WHERE EventTime >= {from:DateTime64(3, 'UTC')} - INTERVAL 1 HOUR AND EventTime < {to:DateTime64(3, 'UTC')} + INTERVAL 1 HOUR
                AND event_type IN ('tls', 'quic', 'http') AND flow_id != ''
        )
        WHERE Told != '' AND NOT isIPv4String(Told) AND NOT isIPv6String(trim(BOTH '[]' FROM Told))
        GROUP BY flow_id, IsTLS
    ),
    dnsAnswers AS
    (
        SELECT
            EventTime AS AnsweredAt, flow_id,
            JSONExtract(dns, 'Tuple(id String, rrname String, ttl String, rdata String)') AS Message,
            {{port "src_port"}} = 53 AND {{port "dest_port"}} != 53 AS Back,
            {{address "if(Back, dest_ip, src_ip)"}} AS Client,
            if(JSONExtractString(dns, 'queries', 1, 'rrname') != '', JSONExtractString(dns, 'queries', 1, 'rrname'), Message.rrname) AS Query,
            JSONExtract(dns, 'answers', 'Array(Tuple(rdata String, ttl String))') AS List,
            arrayFlatten(arrayMap(pair -> pair.2, JSONExtractKeysAndValues(dns, 'grouped', 'Array(String)'))) AS Grouped,
            multiIf(notEmpty(List), List, notEmpty(Grouped), arrayMap(address -> (address, ''), Grouped), [(Message.rdata, Message.ttl)]) AS Data,
            empty(List) AND empty(Grouped) AS Single
        FROM {{table "eve"}}
        WHERE EventTime >= {from:DateTime64(3, 'UTC')} - INTERVAL 24 HOUR AND EventTime < {to:DateTime64(3, 'UTC')}
            AND event_type = 'dns' AND JSONExtractString(dns, 'type') IN ('answer', 'response')
    ),
    -- Where each answer is an event of its own, the name that was asked for is the question's.
    questions AS
    (
        SELECT flow_id, JSONExtract(dns, 'id', 'String') AS Id, argMin(JSONExtractString(dns, 'rrname'), EventTime) AS Query
        FROM {{table "eve"}}
        WHERE EventTime >= {from:DateTime64(3, 'UTC')} - INTERVAL 24 HOUR AND EventTime < {to:DateTime64(3, 'UTC')}
            AND event_type = 'dns' AND JSONExtractString(dns, 'type') = 'query'
        GROUP BY flow_id, Id
    ),
    -- What a device was told that a name's addresses are: it holds for the time that the answer gives it, for ten minutes at
    -- least and a day at most.
    answers AS
    (
        SELECT Client, Address, AnsweredAt, min(Asked) AS Name, max(Holds) AS HoldsFor
        FROM
        (
            SELECT
                Client, AnsweredAt, if(Single AND questions.Query != '', questions.Query, dnsAnswers.Query) AS Asked, {{address "Datum.1"}} AS Address,
                least(greatest(ifNull({{rounded "Datum.2"}}, 0), 600), 86400) AS Holds
            FROM dnsAnswers
            LEFT ANY JOIN questions ON dnsAnswers.flow_id = questions.flow_id AND dnsAnswers.Message.id = questions.Id
            ARRAY JOIN Data AS Datum
            WHERE Asked != '' AND (isIPv4String(Address) OR isIPv6String(Address))
        )
        GROUP BY Client, Address, AnsweredAt
    ),
    -- The hours in which names were asked for at all. Without any in a day, that a connection has no name says nothing.
    asked AS
    (
        SELECT groupUniqArray(toStartOfHour(EventTime)) AS Hours
        FROM {{table "eve"}}
        WHERE EventTime >= {from:DateTime64(3, 'UTC')} - INTERVAL 24 HOUR AND EventTime < {to:DateTime64(3, 'UTC')} AND event_type = 'dns'
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
    multiIf(
        Inbound, '',
        tls.Host != '' AND tls.NamedAt BETWEEN At - INTERVAL 1 HOUR AND At + INTERVAL 1 HOUR, tls.Host,
        web.Host != '' AND web.NamedAt BETWEEN At - INTERVAL 1 HOUR AND At + INTERVAL 1 HOUR, web.Host,
        answers.Name != '' AND At <= answers.AnsweredAt + toIntervalSecond(answers.HoldsFor), answers.Name,
        '') AS RemoteUrl,
    multiIf(
        Inbound, '',
        tls.Host != '' AND RemoteUrl = tls.Host, 'tls',
        web.Host != '' AND RemoteUrl = web.Host, 'http',
        RemoteUrl != '', 'dns',
        arrayExists(hour -> hour > At - INTERVAL 25 HOUR AND hour <= At, (SELECT Hours FROM asked)), '',
        'unknown') AS NameSource,
    if(Transport = 'IPV6-ICMP', 'Icmp', initcap(Transport)) AS Protocol,
    Device AS LocalIP,
    if(Inbound, if(ResponderUnseen, NULL, ResponderBytes), OriginatorBytes) AS SentBytes,
    if(Inbound, OriginatorBytes, if(ResponderUnseen, NULL, ResponderBytes)) AS ReceivedBytes,
    if(Inbound, if(ResponderUnseen, NULL, ResponderPackets), OriginatorPackets) AS SentPackets,
    if(Inbound, OriginatorPackets, if(ResponderUnseen, NULL, ResponderPackets)) AS ReceivedPackets,
    if(EndedAt >= At, toUInt64(dateDiff('millisecond', At, EndedAt)), NULL) AS DurationMs,
    -- A sensor on the wire sees no process.
    '' AS InitiatingProcessFileName,
    '' AS InitiatingProcessFolderPath,
    '' AS InitiatingProcessAccountName
FROM judged
LEFT ANY JOIN (SELECT * FROM named WHERE IsTLS) AS tls ON judged.flow_id = tls.flow_id
LEFT ANY JOIN (SELECT * FROM named WHERE NOT IsTLS) AS web ON judged.flow_id = web.flow_id
ASOF LEFT JOIN answers ON judged.Device = answers.Client AND judged.Remote = answers.Address AND judged.At >= answers.AnsweredAt
