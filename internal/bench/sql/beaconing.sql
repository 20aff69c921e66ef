-- Beaconing as an analyst would port the analytic: one pass, text functions on addresses.
SELECT LastSeen AS Timestamp, DeviceName, RemoteIP, RemoteUrl, 'PotentialBeaconing' AS AlertType, ConnectionCount, BytesSent, BytesReceived, SampleProcesses,
  DeviceId, FirstSeen, LastSeen, DurationHours, ConnectionCount / DurationHours AS BeaconRate, UniqueRemotePorts
FROM
(
    SELECT
        DeviceId, DeviceName, RemoteIP, RemoteUrl,
        toInt64(count()) AS ConnectionCount,
        toInt64(uniqExact(RemotePort)) AS UniqueRemotePorts,
        sum(SentBytes) AS BytesSent,
        toInt64(ifNull(sum(ReceivedBytes), 0)) AS BytesReceived,
        min(Timestamp) AS FirstSeen,
        max(Timestamp) AS LastSeen,
        dateDiff('hour', min(Timestamp), max(Timestamp), 'UTC') AS DurationHours,
        arraySlice(arraySort(groupUniqArrayIf(InitiatingProcessFileName, InitiatingProcessFileName != '')), 1, 5) AS SampleProcesses
    FROM {{.Table}}
    WHERE Timestamp >= {from:DateTime64(3, 'UTC')} AND Timestamp < {to:DateTime64(3, 'UTC')}
      AND ActionType IN ('ConnectionSuccess', 'ConnectionAttempt')
      AND RemotePort IN (80, 443, 8080, 8443, 4443, 4444, 1080, 3128)
      AND isIPv4String(RemoteIP)
      AND NOT (isIPAddressInRange(RemoteIP, '10.0.0.0/8') OR isIPAddressInRange(RemoteIP, '172.16.0.0/12') OR isIPAddressInRange(RemoteIP, '192.168.0.0/16'))
    GROUP BY DeviceId, DeviceName, RemoteIP, RemoteUrl
)
WHERE ConnectionCount >= 20 AND (BytesSent IS NULL OR BytesSent > 1000) AND DurationHours > 1 AND BeaconRate >= 0.5 AND BeaconRate <= 200
