-- What Defender saw devices ask (DnsConnectionInspected), of some hours: one row is one question with its answer. What others
-- asked a device is left out. Parameters: the hours [from, to).
WITH
    inspected AS
    (
        SELECT
            EventTime, ImportFile, ImportChunk, ImportLine,
            if(properties != '', JSONExtract({{one "properties"}}, 'Tuple(DeviceId String, DeviceName String, ActionType String, RemoteIP String, LocalPort String, ReportId String, AdditionalFields String)'),
                (DeviceId, DeviceName, ActionType, RemoteIP, LocalPort, ReportId, AdditionalFields)) AS Fields,
            {{oneOf "Fields.1" "Fields.2"}} AS Device,
            {{oneOf "Fields.2" "Fields.1"}} AS Name,
            {{address "Fields.4"}} AS Server,
            Fields.5 AS Port,
            ifNull(toString({{whole "Fields.6"}}), {{one "Fields.6"}}) AS Report,
            Fields.7 AS Inspection,
            JSONExtractString(Inspection, 'query') AS Query,
            JSONExtractString(Inspection, 'qtype_name') AS QueryType,
            JSONExtractString(Inspection, 'rcode_name') AS ResponseCode,
            JSONExtractString(Inspection, 'trans_id') AS Transaction,
            -- Lists, written as texts.
            JSONExtract(JSONExtract(Inspection, 'answers', 'String'), 'Array(String)') AS Answers,
            arrayMap(ttl -> toUInt32(least(greatest(ifNull(ttl, 0), 0), 4294967295)),
                JSONExtract(JSONExtract(Inspection, 'TTLs', 'String'), 'Array(Nullable(Float64))')) AS TTLs
        FROM {{table "DeviceNetworkEvents"}}
        WHERE EventTime >= {from:DateTime64(3, 'UTC')} AND EventTime < {to:DateTime64(3, 'UTC')}
            AND lower({{one "Fields.3"}}) = 'dnsconnectioninspected' AND lower(JSONExtractString(Inspection, 'direction')) != 'in'
    ),
    numbered AS
    (
        SELECT
            *,
            -- An event is told by its device, time and ReportId. Where that was left out, one file may hold the same line twice.
            if(Report NOT IN ('', '0') OR ImportFile = '', 1, row_number() OVER
            (
                PARTITION BY ImportFile, ImportChunk, EventTime, Device, Port, Server, Transaction, Query, QueryType, ResponseCode, Answers
                ORDER BY ImportLine
            )) AS Occurrence
        FROM inspected
    )
SELECT
    toDateTime64(EventTime, 3, 'UTC') AS Timestamp,
    Device AS DeviceId,
    Name AS DeviceName,
    Query,
    QueryType,
    ResponseCode,
    Answers,
    TTLs,
    Server
FROM numbered
ORDER BY EventTime, Device, Report, Port, Server, Transaction, Query, QueryType, ResponseCode, Answers, Occurrence, TTLs
LIMIT 1 BY EventTime, Device, Report, Port, Server, Transaction, Query, QueryType, ResponseCode, Answers, Occurrence
