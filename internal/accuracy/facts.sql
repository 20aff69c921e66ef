-- What a capture holds, in one row. Devices are those that connect to something.
SELECT
    toInt64(uniqExactIf(DeviceId, NOT startsWith(ActionType, 'Inbound'))) AS Devices,
    min(Timestamp) AS First,
    max(Timestamp) AS Last
FROM {{.Table}}
