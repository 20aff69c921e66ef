-- One row is what one group did within one bucket, of the connections that beaconing looks at by default. Numbers alone, so
-- that a week is read and grouped at once; what a hash stands for is in the table of names.
CREATE TABLE IF NOT EXISTS {{.Rollup}}{{with .Cluster}} ON CLUSTER {{.}}{{end}}
(
    `Bucket`        DateTime64(3, 'UTC'),
    `GroupHash`     UInt64, -- of DeviceId, DeviceName, RemoteIP and RemoteUrl
    `Connections`   SimpleAggregateFunction(sum, Int64) CODEC(T64, LZ4),
    `SentBytes`     SimpleAggregateFunction(sum, Int64) CODEC(T64, LZ4),
    `ReceivedBytes` SimpleAggregateFunction(sum, Int64) CODEC(T64, LZ4),
    `FirstSeen`     SimpleAggregateFunction(min, DateTime64(3, 'UTC')) CODEC(T64, LZ4),
    `LastSeen`      SimpleAggregateFunction(max, DateTime64(3, 'UTC')) CODEC(T64, LZ4)
)
ENGINE = {{if .Cluster}}ReplicatedAggregatingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}'){{else}}AggregatingMergeTree{{end}}
PARTITION BY toYYYYMMDD(Bucket)
ORDER BY (Bucket, GroupHash)
TTL toDateTime(Bucket) + INTERVAL {{.RetentionDays}} DAY
SETTINGS ttl_only_drop_parts = 1
