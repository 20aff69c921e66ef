-- One row is what one group did within one bucket, of the connections that beaconing looks at by default. Numbers alone, so
-- that a week is read and grouped at once; what a hash stands for is in the table of names.
CREATE TABLE IF NOT EXISTS {{.Rollup}}{{with .Cluster}} ON CLUSTER {{.}}{{end}}
(
    `Hours`       UInt8, -- the bucket's width: 24 or 1
    `Bucket`      DateTime64(3, 'UTC') CODEC(ZSTD(1)),
    `GroupHash`   UInt64, -- of DeviceId, DeviceName, the address in RemoteIP and RemoteUrl
    `Connections` SimpleAggregateFunction(sum, Int64) CODEC(T64, LZ4),
    `SentBytes`   SimpleAggregateFunction(sum, Nullable(Int64)) CODEC(T64, LZ4), -- NULL where none of the events has a count
    -- Hours from the epoch to the first and to the last event: beaconing counts the hours' boundaries between them. Half of the
    -- memory of two times, and a third of the table.
    `FirstHour`   SimpleAggregateFunction(min, Int32) CODEC(T64, LZ4),
    `LastHour`    SimpleAggregateFunction(max, Int32) CODEC(T64, LZ4)
)
ENGINE = {{if .Cluster}}ReplicatedAggregatingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}'){{else}}AggregatingMergeTree{{end}}
-- The width is part of the partition, so that a statement which wants days reads no hours.
PARTITION BY (`Hours`, toYYYYMMDD(`Bucket`))
-- By hash, so that a group is found where the day before left it in the processor's cache.
ORDER BY (`GroupHash`, `Bucket`)
TTL toDateTime(`Bucket`) + INTERVAL {{.RetentionDays}} DAY
SETTINGS ttl_only_drop_parts = 1
