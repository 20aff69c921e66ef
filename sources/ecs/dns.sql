-- What devices asked, of some hours: one row is one question with its answer. Where question and answer are told apart, the
-- answer is the row. Questions from outside are left out. Parameters: the hours [from, to), and the networks that are inside.
WITH
    fields AS
    (
        SELECT
            EventTime, ImportFile, ImportChunk, ImportLine,
            JSONExtract(if(_source != '', _source, concat('{"dns":', if(dns != '', dns, 'null'), ',"event":', if(event != '', event, 'null'),
                ',"source":', if(source != '', source, 'null'), ',"destination":', if(destination != '', destination, 'null'),
                ',"host":', if(host != '', host, 'null'), ',"observer":', if(observer != '', observer, 'null'), ',"process":', if(process != '', process, 'null'), '}')),
                'Tuple(dns Tuple(type String, response_code String, resolved_ip String, answers String, question Tuple(name String, type String)), event Tuple(action String), source Tuple(ip String), destination Tuple(ip String), host Tuple(id String, name String, ip String), observer Tuple(name String), process Tuple(executable String, name String))') AS Doc,
            if(`dns.question.name` != '', `dns.question.name`, Doc.dns.question.name) AS Name,
            if(`dns.question.type` != '', `dns.question.type`, Doc.dns.question.type) AS Type,
            if(`dns.response_code` != '', `dns.response_code`, Doc.dns.response_code) AS Code,
            if(`dns.type` != '', `dns.type`, Doc.dns.type) AS Part,
            if(`event.action` != '', `event.action`, Doc.event.action) AS Action,
            if(`dns.answers` != '', `dns.answers`, Doc.dns.answers) AS Records,
            if(`dns.resolved_ip` != '', `dns.resolved_ip`, Doc.dns.resolved_ip) AS Resolved,
            if(`source.ip` != '', `source.ip`, Doc.source.ip) AS Client,
            if(`destination.ip` != '', `destination.ip`, Doc.destination.ip) AS Server,
            if(`host.id` != '', `host.id`, Doc.host.id) AS HostId,
            if(`host.name` != '', `host.name`, Doc.host.name) AS HostName,
            -- An endpoint's own event, or one of a machine that saw its own traffic; of others the address is all there is.
            Client = '' OR Doc.process.name != '' OR Doc.process.executable != '' OR `process.name` != '' OR `process.executable` != ''
                OR (Doc.observer.name = '' AND `observer.name` = '' AND has(extractAll(concat(Doc.host.ip, ' ', `host.ip`), '[0-9A-Fa-f.:]+'), Client)) AS OfHost,
            JSONExtract(Records, 'Array(Tuple(data String, ttl String))') AS List,
            -- A list, or one address as a text.
            if(startsWith(Resolved, '['), JSONExtract(Resolved, 'Array(String)'), arrayFilter(a -> a != '', arrayMap(a -> trim(a), splitByChar(',', Resolved)))) AS Addresses,
            if(notEmpty(List), arrayMap(a -> a.data, List), Addresses) AS Data,
            arrayMap(a -> toUInt32OrZero(a.ttl), List) AS Lives
        FROM {{table "event"}}
        WHERE EventTime >= {from:DateTime64(3, 'UTC')} AND EventTime < {to:DateTime64(3, 'UTC')}
            AND Name != '' AND NOT (Action = 'lookup_requested' OR (Part = 'query' AND empty(Data) AND Code = ''))
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
