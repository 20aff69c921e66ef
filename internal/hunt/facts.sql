-- What there is to look at, in one row.
SELECT
    toInt64(count()) AS Events,
    toInt64(uniqExact(DeviceId)) AS Devices,
    min(Timestamp) AS First,
    max(Timestamp) AS Last,
    toInt64(countIf(startsWith(ActionType, 'Inbound'))) AS Inbound,
    toInt64(countIf(NOT startsWith(ActionType, 'Inbound') AND NameSource = 'unknown')) AS NamesUnknown
FROM {{.Table}}
