-- Seven days of a thousand devices that nothing is wrong with, with heavy tails, as rows of the events table.
-- Nothing here is drawn from a capture. What is assumed:
-- - A fifth of the devices run day and night; the others eight to ten hours of a day.
-- - 130 programs poll their vendor. 30 run on a fifth to nine tenths of the devices, 60 on one to eight in a hundred, 40 on one in a
--   thousand to one in two hundred. The interval's median is 20 minutes and its logarithm's deviation 1.3, so that one in 25 polls
--   every two minutes or faster, though none of the 30 more often than every quarter of an hour; a poll is early or late by up to a tenth, and a third of the programs ask in bursts of two.
-- - 10 programs keep a connection open for push messages, for up to a day, and reconnect whenever the network drops it.
-- - People browse in sessions: visits within one are minutes apart with a heavy tail, sites are many and few are visited often.
-- - Three in a hundred play or share files: hundreds of addresses without a name, on odd ports, each for a while.
-- - One in two hundred devices talks to a small vendor's address without a name, every half an hour.
WITH
    (key) -> (sipHash64(20261129, key) % 1000003 + 0.5) / 1000003 AS drawn, -- in (0, 1), the same for the same key
    (key) -> sqrt(-2 * log(drawn(concat(key, 'a')))) * cos(2 * pi() * drawn(concat(key, 'b'))) AS normal,
    toDateTime64('{from}', 3, 'UTC') AS start,
devices AS
(
    SELECT
        number AS device,
        concat('pc-', leftPad(toString(number), 4, '0')) AS name,
        number % 5 = 0 AS always,
        7 * 3600 + toUInt32(drawn(concat('on', name)) * 10800) AS opens,
        8 * 3600 + toUInt32(drawn(concat('for', name)) * 7200) AS stays
    FROM numbers(1000)
),
-- One row a device and day, with the seconds of the week between which it runs.
days AS
(
    SELECT
        *,
        day,
        day * 86400 + if(always, 0, opens) AS on,
        day * 86400 + if(always, 86400, opens + stays) AS off
    FROM devices
    ARRAY JOIN range(7) AS day
),
programs AS
(
    SELECT
        number AS program,
        concat('poll-', toString(number), '.vendor.example') AS host,
        multiIf(number < 30, 0.2 + 0.7 * drawn(concat('p', host)), number < 90, 0.01 + 0.07 * drawn(concat('p', host)), 0.001 + 0.004 * drawn(concat('p', host))) AS prevalence,
        least(86400, greatest(if(number < 30, 900, 15), exp(log(1200) + 1.3 * normal(concat('i', host))))) AS pause,
        number % 3 = 0 AS twice
    FROM numbers(130)
),
polls AS
(
    SELECT name, host, '198.18.1.' || toString(program) AS address, 443 AS port, 'agent-' || toString(program) || '.exe' AS process, 0 AS open,
        on + pause * (call + 0.5 * drawn(concat(name, host))) + pause * 0.2 * (drawn(concat(name, host, toString(day), toString(call))) - 0.5) + burst AS second
    FROM (SELECT * FROM days CROSS JOIN programs WHERE drawn(concat(name, 'has', host)) < prevalence) AS installed
    ARRAY JOIN range(toUInt32((off - on) / pause)) AS call
    ARRAY JOIN if(twice, [0, 1], [0]) AS burst
),
pushes AS
(
    SELECT name, concat('push-', toString(program), '.vendor.example') AS host, '198.18.2.' || toString(program) AS address, 443 AS port, 'push.exe' AS process,
        toUInt32(1000 * least(toFloat64(off - on), exp(log(2400) + 1.5 * normal(concat('o', name, host, toString(day), toString(call)))))) AS open,
        on + (off - on) * drawn(concat('w', name, host, toString(day), toString(call))) AS second
    FROM days
    ARRAY JOIN range(10) AS program
    ARRAY JOIN range(8) AS call
    WHERE drawn(concat(name, 'push', toString(program))) < 0.5
),
visits AS
(
    SELECT name, concat('www.site-', toString(toUInt32(exp(drawn(concat('s', name, toString(day), toString(visit))) * 9))), '.example') AS host,
        '198.18.' || toString(4 + sipHash64(host) % 60) || '.' || toString(sipHash64(host, 1) % 250) AS address, 443 AS port, 'chrome.exe' AS process, 0 AS open,
        on + (off - on) * drawn(concat('session', name, toString(day), toString(intDiv(visit, 12)))) + 20 * exp(1.5 * normal(concat('v', name, toString(day), toString(visit)))) AS second
    FROM days
    ARRAY JOIN range(60) AS visit
    WHERE NOT always
),
peers AS
(
    SELECT name, '' AS host, '198.18.' || toString(100 + sipHash64(name, peer, 2) % 100) || '.' || toString(sipHash64(name, peer) % 250) AS address, 20000 + sipHash64(name, peer, 3) % 20000 AS port,
        'game.exe' AS process, toUInt32(1000 * exp(log(60) + 1.2 * normal(concat('l', name, toString(day), toString(peer), toString(packet))))) AS open,
        on + (off - on) * drawn(concat('peer', name, toString(day), toString(peer))) + packet * 30 * exp(normal(concat('g', name, toString(day), toString(peer), toString(packet)))) AS second
    FROM days
    ARRAY JOIN range(150) AS peer
    ARRAY JOIN range(1 + toUInt32(least(40, exp(1.2 * normal(concat('n', name, toString(day), toString(peer))))))) AS packet
    WHERE drawn(concat(name, 'plays')) < 0.03
),
cameras AS
(
    SELECT name, '' AS host, '198.18.3.' || toString(device % 250) AS address, 443 AS port, 'viewer.exe' AS process, 0 AS open, on + 1800 * (call + 0.1 * drawn(concat('c', name, toString(day), toString(call)))) AS second
    FROM days
    ARRAY JOIN range(toUInt32((off - on) / 1800)) AS call
    WHERE drawn(concat(name, 'camera')) < 0.005
)
SELECT
    addMilliseconds(start, toInt64(second * 1000)) AS Timestamp, name AS DeviceId, name AS DeviceName, 'ConnectionSuccess' AS ActionType,
    address AS RemoteIP, toUInt16(port) AS RemotePort, host AS RemoteUrl, 'tcp' AS Protocol, process AS InitiatingProcessFileName, toUInt64(open) AS DurationMs
FROM
(
    SELECT name, host, address, toUInt32(port) AS port, process, toUInt64(open) AS open, second FROM polls
    UNION ALL SELECT name, host, address, toUInt32(port), process, toUInt64(open), second FROM pushes
    UNION ALL SELECT name, host, address, toUInt32(port), process, toUInt64(open), second FROM visits
    UNION ALL SELECT name, host, address, toUInt32(port), process, toUInt64(open), second FROM peers
    UNION ALL SELECT name, host, address, toUInt32(port), process, toUInt64(open), second FROM cameras
)
WHERE second < 7 * 86400
