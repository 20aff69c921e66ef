CREATE TABLE IF NOT EXISTS {{.Table}}
(
    `Timestamp`                    DateTime64(3, 'UTC'),
    `DeviceId`                     LowCardinality(String),
    `DeviceName`                   LowCardinality(String),
    `ActionType`                   LowCardinality(String),
    `RemoteIP`                     String,
    `RemotePort`                   UInt16,
    `RemoteUrl`                    String,
    `Protocol`                     LowCardinality(String),
    `LocalIP`                      String,
    `InitiatingProcessFileName`    LowCardinality(String),
    `InitiatingProcessAccountName` LowCardinality(String),
    `SentBytes`                    Nullable(UInt64),
    `ReceivedBytes`                Nullable(UInt64)
)
ENGINE = MergeTree
PARTITION BY toYYYYMMDD(Timestamp)
ORDER BY (Timestamp)
