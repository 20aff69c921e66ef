-- One row is the events of one hour that differ in nothing but their time, bytes and duration: a group's connections, with
-- their times. Rows are written by whole hours and never changed; those that a note in hours_made names stand for the
-- events, and no others.
CREATE TABLE IF NOT EXISTS {{.Hours}}{{with .Cluster}} ON CLUSTER {{.}}{{end}}
(
    `Hour`          DateTime('UTC') CODEC(ZSTD(1)),
    `Build`         Int64 CODEC(ZSTD(1)), -- the hour, and a number of the run that made it
    `MadeAt`        DateTime64(3, 'UTC') CODEC(ZSTD(1)),
{{- range .Keys}}
    `{{.Name}}` {{.Type}} CODEC(ZSTD(1)),
{{- end}}
    -- Of DeviceId, DeviceName, the address in RemoteIP and RemoteUrl. Of 128 bits, so that nobody finds a name that shares it.
    `GroupKey`      UInt128 CODEC(ZSTD(1)),
    `Connections`   Int64 CODEC(T64, ZSTD(1)),
    `SentBytes`     Nullable(Int64) CODEC(T64, ZSTD(1)), -- NULL where none of the events has a count: what is not known is not 0
    `ReceivedBytes` Nullable(Int64) CODEC(T64, ZSTD(1)),
    `FirstSeen`     DateTime64(3, 'UTC') CODEC(T64, ZSTD(1)),
    `LastSeen`      DateTime64(3, 'UTC') CODEC(T64, ZSTD(1)),
    `Seconds`       Array(UInt32) CODEC(Delta(4), ZSTD(1)), -- the time of each event, in whole seconds
    `Sizes`         Array(Int64) CODEC(T64, ZSTD(1)), -- the bytes sent by each event that has a count
    `OpenMs`        Int64 CODEC(T64, ZSTD(1)), -- how long its connections were open, all together
    `LongestMs`     Int64 CODEC(T64, ZSTD(1))
)
ENGINE = {{if .Cluster}}ReplicatedMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}'){{else}}MergeTree{{end}}
PARTITION BY toYYYYMMDD(`Hour`)
-- By device and destination, so that names compress and the hours of a group lie side by side.
PRIMARY KEY (`DeviceName`, `RemoteUrl`)
ORDER BY (`DeviceName`, `RemoteUrl`, `RemoteIP`, `DeviceId`, `GroupKey`, `Build`)
TTL `Hour` + INTERVAL {{.RetentionDays}} DAY
SETTINGS ttl_only_drop_parts = 1
