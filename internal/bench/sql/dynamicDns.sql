-- Dynamic DNS as an analyst would port the analytic: its regular expression as it is.
SELECT LastSeen AS Timestamp, 'Multiple' AS DeviceName, SampleIPs[1] AS RemoteIP, RemoteUrl, 'SuspiciousDynamicDNS' AS AlertType,
    ConnectionCount, toInt64(0) AS BytesSent, toInt64(0) AS BytesReceived, SampleProcesses, UniqueDevices, SampleDevices, SampleIPs, FirstSeen, LastSeen
FROM
(
    SELECT
        RemoteUrl,
        toInt64(count()) AS ConnectionCount,
        toInt64(uniqExact(DeviceId)) AS UniqueDevices,
        min(Timestamp) AS FirstSeen,
        max(Timestamp) AS LastSeen,
        arraySlice(arraySort(groupUniqArrayIf(InitiatingProcessFileName, InitiatingProcessFileName != '')), 1, 5) AS SampleProcesses,
        arraySlice(arraySort(groupUniqArrayIf(DeviceName, DeviceName != '')), 1, 5) AS SampleDevices,
        arraySlice(arraySort(groupUniqArrayIf(RemoteIP, RemoteIP != '')), 1, 5) AS SampleIPs
    FROM {{.Table}}
    WHERE Timestamp >= {from:DateTime64(3, 'UTC')} AND Timestamp < {to:DateTime64(3, 'UTC')}
      AND ActionType = 'ConnectionSuccess' AND RemoteUrl != ''
      AND match(RemoteUrl, '(?i)(duckdns\\.org|no-ip\\.com|hopto\\.org|ddns\\.net|servebeer\\.com|myftp\\.biz|redirectme\\.net|serveftp\\.com|zapto\\.org|sytes\\.net|myddns\\.me|dynalias\\.com)')
    GROUP BY RemoteUrl
)
