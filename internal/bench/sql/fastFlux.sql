-- Fast flux as an analyst would port the analytic.
SELECT Hour AS Timestamp, DeviceName, '' AS RemoteIP, DomainList[1] AS RemoteUrl, 'PotentialFastFluxActivity' AS AlertType,
    ConnectionCount, toInt64(0) AS BytesSent, toInt64(0) AS BytesReceived, SampleProcesses, DeviceId, UniqueIPs, UniqueDomains, DomainList
FROM
(
    SELECT
        DeviceId,
        DeviceName,
        toDateTime64(toStartOfHour(Timestamp, 'UTC'), 3, 'UTC') AS Hour,
        toInt64(count()) AS ConnectionCount,
        toInt64(uniqExact(RemoteIP)) AS UniqueIPs,
        toInt64(uniqExactIf(RemoteUrl, RemoteUrl != '')) AS UniqueDomains,
        arraySlice(arraySort(groupUniqArrayIf(RemoteUrl, RemoteUrl != '')), 1, 10) AS DomainList,
        arraySlice(arraySort(groupUniqArrayIf(InitiatingProcessFileName, InitiatingProcessFileName != '')), 1, 5) AS SampleProcesses
    FROM {{.Table}}
    WHERE Timestamp >= {from:DateTime64(3, 'UTC')} AND Timestamp < {to:DateTime64(3, 'UTC')}
      AND ActionType = 'ConnectionSuccess'
      AND isIPv4String(RemoteIP)
      AND NOT (isIPAddressInRange(RemoteIP, '10.0.0.0/8') OR isIPAddressInRange(RemoteIP, '172.16.0.0/12') OR isIPAddressInRange(RemoteIP, '192.168.0.0/16'))
      AND lower(InitiatingProcessFileName) NOT IN ('chrome.exe', 'firefox.exe', 'msedge.exe', 'iexplore.exe', 'safari', 'opera.exe', 'brave.exe',
          'svchost.exe', 'msmpeng.exe', 'senseir.exe', 'mssense.exe', 'sensecncproxy.exe')
    GROUP BY DeviceId, DeviceName, Hour
)
WHERE UniqueIPs >= 5 AND ConnectionCount >= 10
