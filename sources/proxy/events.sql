-- Requests through a proxy, of some hours, as network events: one row is one request, or one tunnel of CONNECT.
-- Parameters: the hours [from, to).
WITH
    requests AS
    (
        SELECT
            EventTime AS At, ImportFile, ImportChunk, ImportLine,
            -- time, duration, client, result/status, size, method, URL, user, hierarchy/peer, type
            splitByWhitespace(line) AS Parts,
            Parts[3] AS Client, Parts[3] AS Name,
            replaceOne(Parts[8], '-', '') AS User,
            Parts[7] AS Url,
            '' AS Host, '' AS Port,
            splitByChar('/', Parts[9])[2] AS Peer,
            splitByChar('/', Parts[4])[1] AS Result,
            splitByChar('/', Parts[4])[2] AS Status,
            CAST(NULL, 'Nullable(UInt64)') AS Sent,
            toUInt64OrNull(Parts[5]) AS Received,
            toUInt64OrNull(Parts[2]) AS Lasted
        FROM {{table "squid"}}
        WHERE EventTime >= {from:DateTime64(3, 'UTC')} AND EventTime < {to:DateTime64(3, 'UTC')}
            -- A client that connected and asked for nothing that Squid could read: there is no destination.
            AND NOT startsWith(Parts[7], 'error:')
        UNION ALL
        SELECT
            EventTime, ImportFile, ImportChunk, ImportLine, [] AS Parts,
            if(client_ip != '', client_ip, `c-ip`), if(client_name != '', client_name, Client),
            replaceRegexpOne(if(user != '', user, `cs-username`), '^-$', ''),
            url, replaceRegexpOne(if(host != '', host, `cs-host`), '^-$', ''), if(port != '', port, `cs-uri-port`),
            if(server_ip != '', server_ip, `r-ip`),
            upper(if(action != '', action, `s-action`)), if(status != '', status, `sc-status`),
            toUInt64OrNull(if(bytes_sent != '', bytes_sent, `cs-bytes`)), toUInt64OrNull(if(bytes_received != '', bytes_received, `sc-bytes`)),
            toUInt64OrNull(if(duration_ms != '', duration_ms, `time-taken`))
        FROM (SELECT *, if(client_ip != '', client_ip, `c-ip`) AS Client FROM {{table "csv"}})
        WHERE EventTime >= {from:DateTime64(3, 'UTC')} AND EventTime < {to:DateTime64(3, 'UTC')}
    ),
    named AS
    (
        SELECT
            *,
            -- scheme, host and port of a URL; of CONNECT it is host and port.
            extractGroups(Url, '^(?:([A-Za-z][A-Za-z0-9+.-]*)://)?(?:[^/@]*@)?(\\[[^\\]]*\\]|[^/:?#]*)(?::(\\d+))?') AS Groups,
            lower(trim(BOTH '[]' FROM if(Host != '', Host, Groups[2]))) AS Called,
            isIPv4String(Called) OR isIPv6String(Called) AS IsAddress,
            multiIf(
                toUInt16OrZero(Port) > 0, toUInt16OrZero(Port),
                Groups[3] != '', toUInt16OrZero(Groups[3]),
                transform(lower(Groups[1]), ['http', 'https', 'ftp'], [80, 443, 21], 0)) AS CalledPort,
            -- A file may hold the same line twice; one that came twice has the same lines as often.
            if(ImportFile = '', 1, row_number() OVER
                (PARTITION BY ImportFile, ImportChunk, At, Client, User, Url, Host, Port, Peer, Result, Status, Sent, Received, Lasted ORDER BY ImportLine)) AS Occurrence
        FROM requests
    )
SELECT
    toDateTime64(At, 3, 'UTC') AS Timestamp,
    Client AS DeviceId,
    Name AS DeviceName,
    multiIf(
        match(Result, 'DENIED|BLOCKED') OR Status IN ('502', '503', '504'), 'ConnectionFailed',
        Status IN ('000', '0'), 'ConnectionAttempt',
        'ConnectionSuccess') AS ActionType,
    -- Whom the proxy called; nobody where it answered itself.
    multiIf(isIPv4String(Peer) OR isIPv6String(Peer), Peer, IsAddress, Called, '') AS RemoteIP,
    toUInt16(CalledPort) AS RemotePort,
    if(IsAddress, '', Called) AS RemoteUrl,
    if(RemoteUrl != '', 'http', '') AS NameSource,
    'Tcp' AS Protocol,
    if(isIPv4String(Client) OR isIPv6String(Client), Client, '') AS LocalIP,
    Sent AS SentBytes,
    Received AS ReceivedBytes,
    CAST(NULL, 'Nullable(UInt64)') AS SentPackets,
    CAST(NULL, 'Nullable(UInt64)') AS ReceivedPackets,
    Lasted AS DurationMs,
    -- A proxy sees no process.
    '' AS InitiatingProcessFileName,
    '' AS InitiatingProcessFolderPath,
    User AS InitiatingProcessAccountName
FROM named
WHERE Client != ''
ORDER BY At, Client, User, Url, Host, Port, Peer, Result, Status, Sent, Received, Lasted, Occurrence
LIMIT 1 BY At, Client, User, Url, Host, Port, Peer, Result, Status, Sent, Received, Lasted, Occurrence
