-- Requests through a proxy, of some hours, as network events: one row is one request, or one tunnel of CONNECT.
-- Parameters: the hours [from, to).
WITH
    requests AS
    (
        SELECT
            EventTime AS At, ImportFile, ImportChunk, ImportLine,
            -- time, duration, client, result/status, size, method, URL, user, hierarchy/peer, type
            splitByWhitespace(line) AS Parts,
            {{address "Parts[3]"}} AS Client, Client AS Name,
            {{one "Parts[8]"}} AS User,
            Parts[7] AS Url,
            '' AS Host, toUInt16(0) AS Port,
            {{address "splitByChar('/', Parts[9])[2]"}} AS Peer,
            splitByChar('/', Parts[4])[1] AS Result,
            splitByChar('/', Parts[4])[2] AS Status,
            CAST(NULL, 'Nullable(UInt64)') AS Sent,
            {{whole "Parts[5]"}} AS Received,
            {{rounded "Parts[2]"}} AS Lasted
        FROM {{table "squid"}}
        WHERE EventTime >= {from:DateTime64(3, 'UTC')} AND EventTime < {to:DateTime64(3, 'UTC')}
            -- A client that connected and asked for nothing that Squid could read: there is no destination.
            AND NOT startsWith(Parts[7], 'error:')
        UNION ALL
        SELECT
            EventTime, ImportFile, ImportChunk, ImportLine, [] AS Parts,
            Client, {{either "Named" "Client"}},
            {{one (either "csv.user" "`cs-username`")}},
            {{one "csv.url"}}, {{one (either "csv.host" "`cs-host`")}}, {{port (either "csv.port" "`cs-uri-port`")}},
            {{address (either "server_ip" "`r-ip`")}},
            upper({{one (either "action" "`s-action`")}}), ifNull(toString({{whole (either "status" "`sc-status`")}}), ''),
            {{whole (either "bytes_sent" "`cs-bytes`")}}, {{whole (either "bytes_received" "`sc-bytes`")}},
            {{rounded (either "duration_ms" "`time-taken`")}}
        FROM (SELECT *, {{address (either "client_ip" "`c-ip`")}} AS Client, {{one "client_name"}} AS Named FROM {{table "csv"}}) AS csv
        WHERE EventTime >= {from:DateTime64(3, 'UTC')} AND EventTime < {to:DateTime64(3, 'UTC')}
    ),
    named AS
    (
        SELECT
            *,
            -- The host and the port of the URL, of CONNECT's host and port, or of a column of their own. 0 is a port that is not known.
            {{one (either (host "Host") (host "Url"))}} AS Called,
            isIPv4String(Called) OR isIPv6String(Called) AS IsAddress,
            multiIf(Port > 0, Port, {{hostPort "Host"}} > 0, {{hostPort "Host"}}, {{hostPort "Url"}}) AS CalledPort,
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
    CalledPort AS RemotePort,
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
