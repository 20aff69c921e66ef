-- Which networks names led to, by the events{{if .DNS}} and DNS answers{{end}} of a time.
-- Rows in:  events{{if .DNS}}, and questions of DNS with their answers,{{end}} of [from, to).
-- Row out:  one name and network, as the ledger keeps it, and one of the empty name for the time itself.
-- Parameters: from and to; ledger_*, the networks that are no place of the internet.
WITH
-- Each URL and address once, so that hosts are cut out of these alone.
written AS
(
    SELECT
        RemoteUrl,
        RemoteAddress,
        min(seen.Timestamp) AS First,
        max(seen.Timestamp) AS Last,
        groupUniqArray(toUInt16(toDate(seen.Timestamp, 'UTC'))) AS DaysOf,
        groupUniqArrayState({{.MostDevices}})((toString(Device), toString(DeviceId), toString(DeviceName))) AS DevicesOf,
        uniqCombinedState(12)(cityHash64(Device, seen.Timestamp, RemotePort)) AS ConnectionsOf
    FROM
    (
        {{.Events.Select 8 "Timestamp" "DeviceId" "DeviceName" "Device" "RemoteAddress" "RemoteUrl" "RemotePort"}}
    ) AS seen
    WHERE RemoteUrl != '' AND RemoteAddress != ''
    GROUP BY RemoteUrl, RemoteAddress
),
led AS
(
    SELECT {{.Host}} AS Name, RemoteAddress, First, Last, DaysOf, DevicesOf, ConnectionsOf, CAST(NULL, 'Nullable(UInt32)') AS TTL
    FROM written
{{- if .DNS}}
    UNION ALL
    SELECT
        {{.Host}} AS Name,
        {{.Answer}} AS RemoteAddress,
        min(At) AS First,
        max(At) AS Last,
        groupUniqArray(toUInt16(toDate(At, 'UTC'))) AS DaysOf,
        groupUniqArrayState({{.MostDevices}})((toString(Device), toString(DeviceId), toString(DeviceName))) AS DevicesOf,
        -- a question is no connection
        uniqCombinedStateIf(12)(toUInt64(0), 0) AS ConnectionsOf,
        min(AnswerTTL) AS TTL
    FROM
    (
        SELECT asked.Timestamp AS At, Device, DeviceId, DeviceName, RemoteUrl, Answer, AnswerTTL
        FROM
        (
            {{.Questions.Select 12 "Timestamp" "DeviceId" "DeviceName" "Device" "RemoteUrl" "Answers" "TTLs"}}
        ) AS asked
        ARRAY JOIN Answers AS Answer, arrayMap(i -> if(i <= length(TTLs), TTLs[i], NULL), arrayEnumerate(Answers)) AS AnswerTTL
        WHERE RemoteUrl != '' AND match(Answer, '^[0-9A-Fa-f:.]+$') -- the names on the way are no addresses
    )
    GROUP BY RemoteUrl, Answer
{{- end}}
)
SELECT
    Name,
    {{.Network}} AS Network,
    min(First) AS FirstSeen,
    max(Last) AS LastSeen,
    groupUniqArrayArray(DaysOf) AS Days,
    min(RemoteAddress) AS LowAddress,
    max(RemoteAddress) AS HighAddress,
    groupUniqArrayMergeState({{.MostDevices}})(DevicesOf) AS Devices,
    uniqCombinedMergeState(12)(ConnectionsOf) AS Connections,
    min(TTL) AS ShortestTTL,
    now('UTC') AS Filled
FROM (SELECT *, {{.Number}} AS RemoteIPNumber FROM led)
-- A name of the internet: it has a dot, is no address, and leads to a public address.
WHERE position(Name, '.') > 0 AND position(Name, ':') = 0 AND IPv4NumToString(IPv4StringToNumOrDefault(Name)) != Name
    AND {{.Public}}
GROUP BY Name, Network
UNION ALL
SELECT
    '', '', {from:DateTime64(3, 'UTC')}, {to:DateTime64(3, 'UTC')}, CAST([], 'Array(UInt16)'), '', '',
    groupUniqArrayStateIf({{.MostDevices}})(('', '', ''), 0), uniqCombinedStateIf(12)(toUInt64(0), 0), CAST(NULL, 'Nullable(UInt32)'), now('UTC')
