-- Rows in:  events of the window that pass the query's filters.
-- Row out:  one combination of the columns, most events first. One row more than asked for is read, so that a cut result
--           shows.
-- Parameters: limit; from, to and filter* belong to the source.
WITH mapped AS
(
    SELECT
        t."DeviceName" AS DeviceName,
        t."RemotePort" AS RemotePort,
        t."Timestamp" AS Timestamp,
        t."DeviceId" AS DeviceId,
        t."SentBytes" AS SentBytes,
        t."ReceivedBytes" AS ReceivedBytes
    FROM "default"."network_events" AS t
    WHERE t."Timestamp" >= {from:DateTime64(3, 'UTC')}
      AND t."Timestamp" < {to:DateTime64(3, 'UTC')}
)
SELECT
    DeviceName,
    RemotePort,
    Events,
    Devices,
    BytesSent,
    BytesReceived,
    FirstSeen,
    LastSeen
FROM
(
    SELECT
        ifNull(toString(m.DeviceName), '') AS DeviceName,
        ifNull(toString(m.RemotePort), '') AS RemotePort,
        toInt64(count()) AS Events,
        toInt64(uniqExact(m.DeviceId)) AS Devices,
        -- null bytes count as 0
        toInt64(sum(ifNull(m.SentBytes, 0))) AS BytesSent,
        toInt64(sum(ifNull(m.ReceivedBytes, 0))) AS BytesReceived,
        min(m.Timestamp) AS FirstSeen,
        max(m.Timestamp) AS LastSeen
    FROM mapped AS m
    GROUP BY DeviceName, RemotePort
)
ORDER BY Events DESC, DeviceName, RemotePort
LIMIT {limit:Int64}
