-- What Sysmon saw devices ask (event 22), of some hours: one row is one question with its answer. Neither the type of the
-- question nor who was asked is told. Parameters: the hours [from, to).
WITH
    fields AS
    (
        SELECT
            EventTime, ImportFile, ImportChunk, ImportLine,
            multiIf(winlog != '', JSONExtractRaw(winlog, 'event_data'), Event != '', JSONExtractRaw(Event, 'EventData'), EventData != '', EventData, event_data) AS Data,
            if(Data != '',
                JSONExtract(Data, 'Tuple(QueryName String, QueryStatus String, QueryResults String, ProcessGuid String, ProcessId String)'),
                ({{either "QueryName" "`winlog.event_data.QueryName`"}}, {{either "QueryStatus" "`winlog.event_data.QueryStatus`"}},
                    {{either "QueryResults" "`winlog.event_data.QueryResults`"}}, {{either "ProcessGuid" "`winlog.event_data.ProcessGuid`"}},
                    {{either "ProcessId" "`winlog.event_data.ProcessId`"}})) AS Fields,
            {{one "Fields.1"}} AS Name,
            {{one "Fields.2"}} AS Status,
            -- 'type:  5 name;::ffff:203.0.113.7;2001:db8::1;': the names on the way, and the addresses, IPv4 mapped to IPv6 or not.
            arrayMap(
                answer -> if(isIPv6String(answer), {{address "answer"}}, answer),
                arrayFilter(answer -> answer NOT IN ('', '-'), arrayMap(part -> replaceRegexpOne(trim(part), '^type: *\\d+ *', ''), splitByChar(';', Fields.3)))) AS Answers,
            (Fields.4, Fields.5) AS Process,
            -- The computer that wrote the event; where that is not told, the one that its shipper ran on.
            {{oneOf "JSONExtract(winlog, 'computer_name', 'String')" "`winlog.computer_name`" "JSONExtract(Event, 'System', 'Computer', 'String')" "Hostname" "Computer" "ComputerName" "computer_name" "JSONExtract(System, 'Computer', 'String')"
                "JSONExtract(host, 'name', 'String')" "JSONExtract(host, 'hostname', 'String')" "if(startsWith(host, '{'), '', host)" "`host.name`" "`host.hostname`" "hostname"
                "JSONExtract(agent, 'hostname', 'String')" "`agent.hostname`" "JSONExtract(beat, 'hostname', 'String')"}} AS Device
        FROM {{table "event"}}
        WHERE EventTime >= {from:DateTime64(3, 'UTC')} AND EventTime < {to:DateTime64(3, 'UTC')} AND Name != ''
    ),
    -- A file may hold the same line twice; one that came twice has the same lines as often.
    numbered AS
    (
        SELECT
            *,
            if(ImportFile = '', 1, row_number() OVER
                (PARTITION BY ImportFile, ImportChunk, EventTime, Device, Name, Status, Answers, Process ORDER BY ImportLine)) AS Occurrence
        FROM fields
    )
SELECT
    toDateTime64(EventTime, 3, 'UTC') AS Timestamp,
    Device AS DeviceId,
    Device AS DeviceName,
    Name AS Query,
    '' AS QueryType,
    -- Windows' error codes, as far as they stand for what a server answered.
    transform(Status, ['0', '9001', '9002', '9003', '9004', '9005', '9501', '9701'],
        ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED', 'NOERROR', 'NOERROR'], '') AS ResponseCode,
    Answers,
    [] AS TTLs,
    '' AS Server
FROM numbered
ORDER BY EventTime, Device, Name, Status, Answers, Process, Occurrence
LIMIT 1 BY EventTime, Device, Name, Status, Answers, Process, Occurrence
