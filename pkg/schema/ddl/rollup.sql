-- One row is what one device did within one bucket: its events that differ in nothing but their time and bytes. In order of
-- devices and destinations the names compress: it takes half of the disk that the order of a hash took.
CREATE TABLE IF NOT EXISTS {{.Rollup}}{{with .Cluster}} ON CLUSTER {{.}}{{end}}
(
    `Bucket`                    DateTime64(3, 'UTC') CODEC(ZSTD(1)),
    `DeviceName`                LowCardinality(String) CODEC(ZSTD(1)),
    `RemoteUrl`                 String CODEC(ZSTD(1)),
    `RemoteIP`                  String CODEC(ZSTD(1)),
    `DeviceId`                  LowCardinality(String) CODEC(ZSTD(1)),
    `ActionType`                LowCardinality(String) CODEC(ZSTD(1)),
    `RemotePort`                {{.PortType}} CODEC(ZSTD(1)),
    `InitiatingProcessFileName` LowCardinality(String) CODEC(ZSTD(1)),
    `GroupHash`                 UInt64 CODEC(ZSTD(1)), -- of DeviceId, DeviceName, the address in RemoteIP and RemoteUrl: it preselects groups, and decides nothing
    `Connections`               SimpleAggregateFunction(sum, Int64) CODEC(T64, LZ4),
    -- NULL where none of the events has a count: what is not known is not 0
    `SentBytes`                 SimpleAggregateFunction(sum, Nullable(Int64)) CODEC(T64, LZ4),
    `ReceivedBytes`             SimpleAggregateFunction(sum, Nullable(Int64)) CODEC(T64, LZ4),
    `FirstSeen`                 SimpleAggregateFunction(min, DateTime64(3, 'UTC')) CODEC(T64, LZ4),
    `LastSeen`                  SimpleAggregateFunction(max, DateTime64(3, 'UTC')) CODEC(T64, LZ4)
)
ENGINE = {{if .Cluster}}ReplicatedAggregatingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}'){{else}}AggregatingMergeTree{{end}}
PARTITION BY toYYYYMMDD(Bucket)
PRIMARY KEY (Bucket, DeviceName)
ORDER BY (Bucket, DeviceName, RemoteUrl, RemoteIP, DeviceId, ActionType, RemotePort, InitiatingProcessFileName, GroupHash)
TTL toDateTime(Bucket) + INTERVAL {{.RetentionDays}} DAY
SETTINGS ttl_only_drop_parts = 1
