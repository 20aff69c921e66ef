-- What devices asked for, and what they were told: one row is one question with its answer. Running this again changes nothing.
CREATE TABLE IF NOT EXISTS {{.Table}}{{with .Cluster}} ON CLUSTER {{.}}{{end}}
(
    `Timestamp`    DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
    `DeviceId`     LowCardinality(String) CODEC(ZSTD(1)),
    `DeviceName`   LowCardinality(String) CODEC(ZSTD(1)),
    `Query`        String CODEC(ZSTD(1)), -- the name, as the sensor wrote it
    `QueryType`    LowCardinality(String) CODEC(ZSTD(1)), -- A, AAAA, HTTPS …; empty where the sensor does not tell
    `ResponseCode` LowCardinality(String) CODEC(ZSTD(1)), -- NOERROR, NXDOMAIN …; empty where no answer was seen
    `Answers`      Array(String) CODEC(ZSTD(1)), -- addresses, and the names on the way to them
    `TTLs`         Array(UInt32) CODEC(ZSTD(1)), -- s, of each answer; empty where the sensor does not tell
    `Server`       LowCardinality(String) CODEC(ZSTD(1)), -- the address that was asked
    `Source`       LowCardinality(String) CODEC(ZSTD(1)), -- which sensor wrote it
    INDEX `Window` `Timestamp` TYPE minmax GRANULARITY 1
)
ENGINE = {{if .Cluster}}ReplicatedMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}'){{else}}MergeTree{{end}}
-- Retention by whole days, such as ALTER TABLE … MODIFY TTL toDateTime(Timestamp) + INTERVAL 90 DAY.
PARTITION BY toYYYYMMDD(`Timestamp`)
ORDER BY (toStartOfHour(`Timestamp`), `DeviceName`, `Timestamp`)
