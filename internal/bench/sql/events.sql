-- Synthetic events of a fleet, made on the server, the same at every run.
-- Of 10,000 events a device and week: 12 % go to servers of its own network, 8 % are an agent's that reports to one service
-- at any hour, 0.1 % go to names of a dynamic DNS provider, 0.1 % are a tool's that reaches ever new addresses, and the rest
-- is the web, in 50 sessions of some ten minutes. A device's destinations are ranked: the first 8 are the same in every
-- session and taken from 500 services that the fleet shares, the next come from 200 of the device's own, and the chance of a
-- rank falls with the rank. A destination has one to four addresses. Bytes have a heavy tail; 5 % of the events have none.
INSERT INTO {{.Table}}
(
    Timestamp, DeviceId, DeviceName, ActionType, RemoteIP, RemotePort, RemoteUrl, Protocol, LocalIP, InitiatingProcessFileName,
    InitiatingProcessAccountName, SentBytes, ReceivedBytes
)
WITH
    {{.Devices}} AS devices,
    -- independent uniform numbers in [0, 1) of event n
    arrayMap(i -> intHash64(number * 16 + i) / 18446744073709551616, range(8)) AS u,
    toUInt32(floor(devices * pow(u[1], 1.3))) AS device,
    toUInt32(floor(u[2] * 50)) AS session,
    intHash64(device * 64 + session) / 18446744073709551616 AS sessionAt,
    multiIf(u[3] < 0.12, 'internal', u[3] < 0.20, 'agent', u[3] < 0.201, 'dynamic', u[3] < 0.202, 'flux', 'web') AS kind,
    toUInt32(floor(exp(u[4] * log(60)))) AS rank,
    intHash64(toUInt64(device) * 4096 + if(rank <= 8, rank, 8 + intHash64(session * 64 + rank) % 200)) AS destinationHash,
    multiIf(kind = 'agent', toUInt32(device % 8), kind = 'web' AND rank <= 8, toUInt32(pow(destinationHash / 18446744073709551616, 3) * 500), toUInt32(1000 + destinationHash % 200000)) AS destination,
    intHash64(destination * 8 + (intHash64(device + session) % (1 + destination % 4))) AS address,
    floor(u[5] * 604800) AS agentSecond,
    multiIf(kind = 'agent', toInt64(agentSecond * 1000), least(toInt64((sessionAt * 601200 - log(1 - u[5]) * 600) * 1000), 604799999)) AS offset
SELECT
    fromUnixTimestamp64Milli({{.Start}} + offset, 'UTC') AS Timestamp,
    lower(hex(sipHash128(device))) AS DeviceId,
    concat('WS-', leftPad(toString(device), 6, '0'), '.corp.example') AS DeviceName,
    multiIf(destinationHash % 20 = 0, 'ConnectionFailed', destinationHash % 20 = 1, 'ConnectionAttempt', u[6] < 0.02, 'ConnectionAttempt', 'ConnectionSuccess') AS ActionType,
    multiIf(kind = 'internal', concat('10.', toString(device % 200), '.', toString(rank % 4), '.', toString(rank)),
            u[7] < 0.01, concat('2001:db8::', lower(hex(toUInt16(address)))),
            kind = 'flux', IPv4NumToString(toUInt32(1600000000 + intHash32(number) % 500000000)),
            IPv4NumToString(toUInt32(1600000000 + address % 500000000))) AS RemoteIP,
    multiIf(kind = 'internal', [445, 389, 88, 53, 443][1 + rank % 5], kind = 'agent', 443, [443, 443, 443, 443, 443, 443, 443, 80, 8080, 993][1 + destination % 10]) AS RemotePort,
    multiIf(kind = 'internal', '', kind = 'dynamic', concat('host', toString(device % 97), '.duckdns.org'), destination % 7 = 0, '', concat('https://cdn', toString(destination % 10), '.site-', toString(destination), '.example/')) AS RemoteUrl,
    'Tcp' AS Protocol,
    concat('10.', toString(bitShiftRight(device, 16) % 256), '.', toString(bitShiftRight(device, 8) % 256), '.', toString(device % 256)) AS LocalIP,
    multiIf(kind = 'agent', ['updater.exe', 'telemetry.exe', 'rmm-agent.exe'][1 + device % 3], kind = 'internal', ['lsass.exe', 'svchost.exe', 'explorer.exe'][1 + rank % 3], kind = 'flux', 'tool.exe',
            ['chrome.exe', 'chrome.exe', 'msedge.exe', 'msedge.exe', 'Teams.exe', 'OUTLOOK.EXE', 'svchost.exe', 'OneDrive.exe', 'python.exe', ''][1 + (destination + device) % 10]) AS InitiatingProcessFileName,
    concat('user', toString(device)) AS InitiatingProcessAccountName,
    if(u[8] < 0.05, NULL, toUInt64(exp(4 + 6 * u[8] * u[6]))) AS SentBytes,
    if(u[8] < 0.05, NULL, toUInt64(exp(5 + 10 * u[8] * u[7]))) AS ReceivedBytes
FROM numbers_mt({{.First}}, {{.Count}})
