-- What the hashes of the beacon roll-ups stand for, week by week: one row is one group that had connections in that week.
-- Names of more than the window do no harm, and missing ones are noticed: a query in which a hash has no names, or several, is
-- asked again of the roll-ups that keep every column. In order of the names it is read in half of the time that the order of
-- the hash takes, from 40 % of the disk.
CREATE TABLE IF NOT EXISTS {{.Rollup}}{{with .Cluster}} ON CLUSTER {{.}}{{end}}
(
    `Week`       DateTime64(3, 'UTC') CODEC(ZSTD(1)), -- its start, a Thursday
    `DeviceName` LowCardinality(String) CODEC(ZSTD(1)),
    `RemoteUrl`  String CODEC(ZSTD(1)),
    `RemoteIP`   IPv4 CODEC(ZSTD(1)), -- only public IPv4 addresses have beacons by default
    `DeviceId`   LowCardinality(String) CODEC(ZSTD(1)),
    `GroupHash`  UInt64
)
ENGINE = {{if .Cluster}}ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}'){{else}}ReplacingMergeTree{{end}}
PARTITION BY toYYYYMMDD(`Week`)
PRIMARY KEY (`Week`, `DeviceName`)
ORDER BY (`Week`, `DeviceName`, `RemoteUrl`, `RemoteIP`, `DeviceId`, `GroupHash`)
TTL toDateTime(`Week`) + INTERVAL {{.RetentionDays}} DAY
SETTINGS ttl_only_drop_parts = 1
