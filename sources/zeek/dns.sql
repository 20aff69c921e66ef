-- What Zeek saw devices ask, of some hours: one row is one question with its answer. Questions from outside are left out: who
-- asks is no device of ours. Parameters: the hours [from, to), and the networks that are inside.
WITH
    numbered AS
    (
        SELECT
            EventTime, uid,
            {{address (either "`id.orig_h`" "JSONExtract(id, 'orig_h', 'String')")}} AS Client, {{either "`id.orig_p`" "JSONExtract(id, 'orig_p', 'String')"}} AS Port,
            {{address (either "`id.resp_h`" "JSONExtract(id, 'resp_h', 'String')")}} AS Server,
            trans_id, query AS Query,
            -- Where the question was not seen, its type is unknown.
            if(qtype_name != '', qtype_name, qtype) AS QueryType,
            if(rcode_name != '', rcode_name, rcode) AS ResponseCode,
            JSONExtract(answers, 'Array(String)') AS Answers,
            arrayMap(ttl -> toUInt32(least(greatest(ifNull(ttl, 0), 0), 4294967295)), JSONExtract(TTLs, 'Array(Nullable(Float64))')) AS TTLs,
            -- A log may hold the same line twice, as where one question was seen on two ways. What a pipeline sends twice is one.
            if(ImportFile = '', 1, row_number() OVER
            (
                PARTITION BY ImportFile, ImportChunk, EventTime, uid, Client, Port, Server, trans_id, Query, QueryType, ResponseCode, Answers
                ORDER BY ImportLine
            )) AS Occurrence
        FROM {{table "dns"}}
        WHERE EventTime >= {from:DateTime64(3, 'UTC')} AND EventTime < {to:DateTime64(3, 'UTC')}
    ),
    -- A log that came twice, under another name or in another format, has the same questions as often.
    questions AS
    (
        SELECT * FROM numbered
        ORDER BY EventTime, uid, Client, Port, Server, trans_id, Query, QueryType, ResponseCode, Answers, Occurrence, TTLs
        LIMIT 1 BY EventTime, uid, Client, Port, Server, trans_id, Query, QueryType, ResponseCode, Answers, Occurrence
    )
SELECT
    toDateTime64(EventTime, 3, 'UTC') AS Timestamp,
    Client AS DeviceId,
    Client AS DeviceName,
    Query,
    QueryType,
    ResponseCode,
    Answers,
    TTLs,
    Server
FROM questions
WHERE {{internal "Client"}} OR NOT {{internal "Server"}}
