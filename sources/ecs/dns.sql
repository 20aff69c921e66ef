-- What devices asked, of some hours: one row is one question with its answer. Where question and answer are told apart, the
-- answer is the row. Questions from outside are left out. Parameters: the hours [from, to), and the networks that are inside.
WITH
    documents AS
    (
        SELECT
            EventTime, ImportFile, ImportChunk, ImportLine,
            {{fields "_source" "dns" "dns.question" "event" "source" "destination" "host" "observer" "process" "dns.answers" "dns.question.name"
                "dns.question.type" "dns.resolved_ip" "dns.response_code" "dns.type" "event.action" "source.ip" "destination.ip" "host.id" "host.name"
                "host.ip" "observer.name" "process.name" "process.executable"}} AS Doc,
            JSONExtract({{one "Doc.dns"}}, 'Tuple(type String, response_code String, resolved_ip String, answers String, question Tuple(name String, type String))') AS Dns,
            {{one "Doc.host"}} AS HostText, JSONExtract(HostText, 'Tuple(id String, name String, ip String)') AS Host,
            {{one "Doc.observer"}} AS ObserverText,
            {{one "Doc.process"}} AS ProcessText, JSONExtract(ProcessText, 'Tuple(executable String, name String)') AS Program
        FROM {{table "event"}}
        WHERE EventTime >= {from:DateTime64(3, 'UTC')} AND EventTime < {to:DateTime64(3, 'UTC')}
    ),
    fields AS
    (
        SELECT
            EventTime, ImportFile, ImportChunk, ImportLine,
            {{word (either "Doc.`dns.question.name`" "Dns.question.name" "JSONExtractString(Doc.dns, 'question.name')" "JSONExtractString(Doc.`dns.question`, 'name')")}} AS Name,
            {{word (either "Doc.`dns.question.type`" "Dns.question.type" "JSONExtractString(Doc.dns, 'question.type')" "JSONExtractString(Doc.`dns.question`, 'type')")}} AS Type,
            {{word (either "Doc.`dns.response_code`" "Dns.response_code")}} AS Code,
            {{word (either "Doc.`dns.type`" "Dns.type")}} AS Part,
            {{word (either "Doc.`event.action`" "JSONExtract(Doc.event, 'action', 'String')")}} AS Action,
            {{either "Doc.`dns.answers`" "Dns.answers"}} AS Records,
            {{either "Doc.`dns.resolved_ip`" "Dns.resolved_ip"}} AS Resolved,
            {{address (either "Doc.`source.ip`" "JSONExtract(Doc.source, 'ip', 'String')")}} AS Client,
            {{address (either "Doc.`destination.ip`" "JSONExtract(Doc.destination, 'ip', 'String')")}} AS Server,
            {{word (either "Doc.`host.id`" "Host.id")}} AS HostId,
            {{word (either "Doc.`host.name`" "Host.name" "if(startsWith(HostText, '{'), '', HostText)")}} AS HostName,
            {{one (either "Doc.`observer.name`" "JSONExtract(ObserverText, 'name', 'String')" "if(startsWith(ObserverText, '{'), '', ObserverText)")}} AS Observer,
            {{one (either "Doc.`process.name`" "Doc.`process.executable`" "Program.name" "Program.executable" "if(startsWith(ProcessText, '{'), '', ProcessText)")}} AS Process,
            arrayMap(text -> {{address "text"}}, extractAll(concat(Doc.`host.ip`, ' ', Host.ip), '[0-9A-Fa-f.:]+')) AS HostAddresses,
            -- An endpoint's own event, or one of a machine that saw its own traffic; of others the address is all there is.
            Client = '' OR Process != '' OR (Observer = '' AND has(HostAddresses, Client)) AS OfHost,
            JSONExtract(Records, 'Array(Tuple(data String, ttl String))') AS List,
            -- A list, or one address as a text.
            if(startsWith(Resolved, '['), JSONExtract(Resolved, 'Array(String)'), arrayFilter(a -> a != '', arrayMap(a -> trim(a), splitByChar(',', Resolved)))) AS Addresses,
            if(notEmpty(List), arrayMap(a -> a.data, List), Addresses) AS Data,
            arrayMap(a -> toUInt32(least(ifNull({{rounded "a.ttl"}}, 0), 4294967295)), List) AS Lives
        FROM documents
        WHERE Name != '' AND NOT (lower(Action) = 'lookup_requested' OR (Part = 'query' AND empty(Data) AND Code = ''))
            AND (OfHost OR {{internal "Client"}} OR NOT {{internal "Server"}})
    ),
    -- A file may hold the same event twice; one that came twice has the same events as often.
    numbered AS
    (
        SELECT
            *,
            if(ImportFile = '', 1, row_number() OVER
                (PARTITION BY ImportFile, ImportChunk, EventTime, HostId, HostName, Client, Server, Name, Type, Code, Data ORDER BY ImportLine)) AS Occurrence
        FROM fields
    )
SELECT
    toDateTime64(EventTime, 3, 'UTC') AS Timestamp,
    if(OfHost, if(HostId != '', HostId, HostName), Client) AS DeviceId,
    if(OfHost, if(HostName != '', HostName, HostId), Client) AS DeviceName,
    Name AS Query,
    Type AS QueryType,
    Code AS ResponseCode,
    Data AS Answers,
    Lives AS TTLs,
    Server
FROM numbered
ORDER BY EventTime, HostId, HostName, Client, Server, Name, Type, Code, Data, Occurrence, Lives
LIMIT 1 BY EventTime, HostId, HostName, Client, Server, Name, Type, Code, Data, Occurrence
