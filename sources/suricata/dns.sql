-- What Suricata saw devices ask, of some hours: one row is one question with its answer, or an answer whose question was not
-- told. Questions from outside are left out: who asks is no device of ours. Parameters: the hours [from, to), and the networks
-- that are inside.
WITH
    told AS
    (
        SELECT
            EventTime, flow_id, ImportLine,
            JSONExtract(dns, 'Tuple(type String, id String, tx_id String, rrname String, rrtype String, rcode String, ttl String, rdata String, version String)') AS Message,
            Message.type IN ('answer', 'response') AS IsAnswer,
            Message.id AS Id,
            Message.tx_id AS Transaction,
            -- Version 3 holds a list of questions.
            JSONExtract(dns, 'queries', 1, 'Tuple(rrname String, rrtype String)') AS First,
            if(First.rrname != '', First.rrname, Message.rrname) AS Name,
            if(First.rrtype != '', First.rrtype, Message.rrtype) AS Type,
            JSONExtract(dns, 'answers', 'Array(Tuple(rdata String, ttl String))') AS List,
            arrayFlatten(arrayMap(pair -> pair.2, JSONExtractKeysAndValues(dns, 'grouped', 'Array(String)'))) AS Grouped,
            -- Version 1 writes an event for each answer.
            IsAnswer AND Message.version IN ('', '1') AND empty(List) AND empty(Grouped) AS Single,
            multiIf(Single, if(Message.rdata = '', [], [Message.rdata]), notEmpty(List), arrayMap(a -> a.rdata, List), Grouped) AS Data,
            multiIf(Single, if(Message.rdata = '', [], [Message.ttl]), arrayMap(a -> a.ttl, List)) AS Written,
            arrayMap(ttl -> toUInt32(least(ifNull({{rounded "ttl"}}, 0), 4294967295)), Written) AS Lives,
            -- An answer may stand in the direction of its packet.
            IsAnswer AND {{port "src_port"}} = 53 AND {{port "dest_port"}} != 53 AS Back,
            {{address "if(Back, dest_ip, src_ip)"}} AS Client,
            {{address "if(Back, src_ip, dest_ip)"}} AS Server
        FROM {{table "eve"}}
        WHERE EventTime >= {from:DateTime64(3, 'UTC')} - INTERVAL 1 HOUR AND EventTime < {to:DateTime64(3, 'UTC')} + INTERVAL 1 HOUR
            AND event_type = 'dns'
        -- A log that came twice has the same events twice.
        ORDER BY flow_id, EventTime, IsAnswer, Id, Transaction, Name, Type, Data, ImportFile, ImportLine
        LIMIT 1 BY flow_id, EventTime, IsAnswer, Id, Transaction, Name, Type, Data
    ),
    questions AS
    (
        SELECT flow_id, Id, EventTime AS AskedAt, Name, Type, Client, Server FROM told WHERE NOT IsAnswer
    ),
    -- The single answers of version 1 to one question are one answer; the names on the way stand where the question's should.
    replies AS
    (
        SELECT flow_id, Id, EventTime AS AnsweredAt, Name, Type, Client, Server, Message.rcode AS Code, Data, Lives
        FROM told
        WHERE IsAnswer AND NOT Single
        UNION ALL
        SELECT
            flow_id, Id, min(EventTime) AS AnsweredAt,
            if(any(Asked.Name) != '', any(Asked.Name), argMin(told.Name, (EventTime, ImportLine))) AS Name,
            if(any(Asked.Name) != '', any(Asked.Type), argMax(told.Type, (EventTime, ImportLine))) AS Type,
            any(told.Client) AS Client, any(told.Server) AS Server, any(Message.rcode) AS Code,
            arrayFlatten(arrayMap(a -> a.3, arraySort(groupArray((EventTime, ImportLine, told.Data))))) AS Data,
            arrayFlatten(arrayMap(a -> a.3, arraySort(groupArray((EventTime, ImportLine, told.Lives))))) AS Lives
        FROM told
        LEFT ANY JOIN (SELECT flow_id, Id, argMin(Name, AskedAt) AS Name, argMin(Type, AskedAt) AS Type FROM questions GROUP BY flow_id, Id) AS Asked
            ON told.flow_id = Asked.flow_id AND told.Id = Asked.Id
        WHERE IsAnswer AND Single
        GROUP BY flow_id, Id, Transaction, toStartOfMinute(EventTime)
    ),
    -- An answer belongs to the questions of the minute before it.
    exchanges AS
    (
        SELECT
            AskedAt AS At, q.Client AS Client, q.Server AS Server, q.Name AS Name, q.Type AS Type,
            r.AnsweredAt > toDateTime64(0, 6, 'UTC') AND r.AnsweredAt <= q.AskedAt + INTERVAL 1 MINUTE AS Answered,
            if(Answered, r.Code, '') AS Code,
            if(Answered, r.Data, []) AS Data,
            if(Answered, r.Lives, []) AS Lives
        FROM questions AS q
        ASOF LEFT JOIN replies AS r ON q.flow_id = r.flow_id AND q.Id = r.Id AND q.Name = r.Name AND q.Type = r.Type AND q.AskedAt <= r.AnsweredAt
        UNION ALL
        SELECT AnsweredAt, r.Client, r.Server, r.Name, r.Type, true, r.Code, r.Data, r.Lives
        FROM replies AS r
        ASOF LEFT JOIN questions AS q ON q.flow_id = r.flow_id AND q.Id = r.Id AND q.Name = r.Name AND q.Type = r.Type AND r.AnsweredAt >= q.AskedAt
        WHERE q.AskedAt < r.AnsweredAt - INTERVAL 1 MINUTE
    )
SELECT
    toDateTime64(At, 3, 'UTC') AS Timestamp,
    Client AS DeviceId,
    Client AS DeviceName,
    Name AS Query,
    Type AS QueryType,
    Code AS ResponseCode,
    Data AS Answers,
    Lives AS TTLs,
    Server
FROM exchanges
WHERE At >= {from:DateTime64(3, 'UTC')} AND At < {to:DateTime64(3, 'UTC')}
    AND ({{internal "Client"}} OR NOT {{internal "Server"}})
