CREATE TABLE IF NOT EXISTS {{.Rollup}}{{with .Cluster}} ON CLUSTER {{.}}{{end}}
(
    `Bucket`                    DateTime64(3, 'UTC'),
    `GroupHash`                 UInt64, -- of DeviceId, DeviceName, RemoteIP and RemoteUrl: it preselects groups, and decides nothing
    `DeviceId`                  LowCardinality(String),
    `DeviceName`                LowCardinality(String),
    `RemoteIP`                  String,
    `RemoteUrl`                 String,
    `ActionType`                LowCardinality(String),
    `RemotePort`                {{.PortType}},
    `InitiatingProcessFileName` LowCardinality(String),
    `Connections`               SimpleAggregateFunction(sum, Int64),
    `SentBytes`                 SimpleAggregateFunction(sum, Int64),
    `ReceivedBytes`             SimpleAggregateFunction(sum, Int64),
    `FirstSeen`                 SimpleAggregateFunction(min, DateTime64(3, 'UTC')),
    `LastSeen`                  SimpleAggregateFunction(max, DateTime64(3, 'UTC'))
)
ENGINE = {{if .Cluster}}ReplicatedAggregatingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}'){{else}}AggregatingMergeTree{{end}}
PARTITION BY toYYYYMMDD(Bucket)
PRIMARY KEY (Bucket, GroupHash)
ORDER BY (Bucket, GroupHash, DeviceId, DeviceName, RemoteIP, RemoteUrl, ActionType, RemotePort, InitiatingProcessFileName)
TTL toDateTime(Bucket) + INTERVAL {{.RetentionDays}} DAY
SETTINGS ttl_only_drop_parts = 1
