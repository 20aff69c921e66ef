-- What devices asked (class 4003), of some hours: one row is one question with its answer. A question that is told apart from its
-- answer is left to the answer. Questions from outside are left out. Parameters: the hours [from, to), and the networks that are inside.
WITH
    fields AS
    (
        SELECT
            EventTime, ImportFile, ImportChunk, ImportLine,
            JSONExtract(query, 'Tuple(hostname String, type String)') AS Question,
            JSONExtract(src_endpoint, 'Tuple(ip String, port String, uid String, hostname String)') AS Asking,
            CAST(({{address "Asking.ip"}}, {{port "Asking.port"}}, Asking.uid, Asking.hostname), 'Tuple(ip String, port UInt16, uid String, hostname String)') AS Client,
            {{address "JSONExtract(dst_endpoint, 'ip', 'String')"}} AS Server,
            JSONExtract(device, 'Tuple(uid String, hostname String, name String, ip String)') AS Machine,
            CAST(({{one "Machine.uid"}}, {{one "Machine.hostname"}}, {{one "Machine.name"}}, {{address "Machine.ip"}}), 'Tuple(uid String, hostname String, name String, ip String)') AS Device,
            -- The machine's own event: its address is the client's, or there is no client's.
            concat(Device.uid, Device.hostname, Device.name) != '' AND Client.ip IN ('', Device.ip) AS OfDevice,
            if(Device.hostname != '', Device.hostname, Device.name) AS Hostname,
            JSONExtract(answers, 'Array(Tuple(rdata String, ttl String))') AS List,
            arrayMap(a -> a.rdata, List) AS Data,
            arrayMap(a -> toUInt32(least(ifNull({{rounded "a.ttl"}}, 0), 4294967295)), List) AS Lives,
            upper(multiIf(rcode != '', rcode, rcode_id = '', '', transform(rcode_id, ['0', '1', '2', '3', '4', '5'], ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED'], ''))) AS Code
        FROM {{table "event"}}
        WHERE EventTime >= {from:DateTime64(3, 'UTC')} AND EventTime < {to:DateTime64(3, 'UTC')}
            AND class_uid = '4003' AND Question.hostname != ''
            -- 1 is a question alone, 2 an answer, 6 both.
            AND NOT (ifNull({{whole "activity_id"}} = 1, false) AND empty(List) AND Code = '')
            AND (OfDevice OR {{internal "Client.ip"}} OR NOT {{internal "Server"}})
    ),
    numbered AS
    (
        SELECT
            *,
            -- A file may hold the same event twice; one that came twice has the same events as often.
            if(ImportFile = '', 1, row_number() OVER
                (PARTITION BY ImportFile, ImportChunk, EventTime, Client, Server, Device, Question, Code, Data ORDER BY ImportLine)) AS Occurrence
        FROM fields
    )
SELECT
    toDateTime64(EventTime, 3, 'UTC') AS Timestamp,
    multiIf(NOT OfDevice, Client.ip, Device.uid != '', Device.uid, Hostname) AS DeviceId,
    multiIf(NOT OfDevice, Client.ip, Hostname != '', Hostname, Device.uid) AS DeviceName,
    Question.hostname AS Query,
    Question.type AS QueryType,
    -- NoError, NXDomain, ServFail … in OCSF's spelling.
    transform(Code, ['FORMERROR', 'SERVERROR', 'NOTIMPLEMENTED'], ['FORMERR', 'SERVFAIL', 'NOTIMP'], Code) AS ResponseCode,
    Data AS Answers,
    Lives AS TTLs,
    Server
FROM numbered
ORDER BY EventTime, Client, Server, Device, Question, Code, Data, Occurrence, Lives
LIMIT 1 BY EventTime, Client, Server, Device, Question, Code, Data, Occurrence
