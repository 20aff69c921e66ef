-- The events table: one row is one network event of one device, in the words of Microsoft Defender's
-- DeviceNetworkEvents. Running this again changes nothing.
--
-- The figures were measured on ClickHouse 26.7 with 8 million synthetic events of 2,000 devices over 7 days
-- (362,000 addresses, 122,000 URLs). The CPU times compare the choices; another machine has others.
CREATE TABLE IF NOT EXISTS {{.Table}}{{with .Cluster}} ON CLUSTER {{.}}{{end}}
(
    -- 26 MB; with DoubleDelta 30 MB, with the default codec (LZ4) 40 MB.
    `Timestamp`                    DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
    -- What has few values is a dictionary: DeviceId and DeviceName take 1.5 MB instead of 12 MB as String, and beaconing
    -- reads 618 MB (uncompressed) instead of 1,018 MB.
    `DeviceId`                     LowCardinality(String) CODEC(ZSTD(1)),
    `DeviceName`                   LowCardinality(String) CODEC(ZSTD(1)),
    `ActionType`                   LowCardinality(String) CODEC(ZSTD(1)),
    -- A String: IPv4 and IPv6 stand here, and the analytic also sees what is neither. A dictionary would cost 54 MB
    -- instead of 45 MB, and more time.
    `RemoteIP`                     String CODEC(ZSTD(1)),
    `RemotePort`                   UInt16 CODEC(ZSTD(1)),
    -- Too many values for a dictionary as well.
    `RemoteUrl`                    String CODEC(ZSTD(1)),
    `Protocol`                     LowCardinality(String) CODEC(ZSTD(1)),
    `LocalIP`                      LowCardinality(String) CODEC(ZSTD(1)),
    `InitiatingProcessFileName`    LowCardinality(String) CODEC(ZSTD(1)),
    `InitiatingProcessAccountName` LowCardinality(String) CODEC(ZSTD(1)),
    -- NULL where the sensor does not count bytes, which is not the same as none.
    `SentBytes`                    Nullable(UInt64) CODEC(ZSTD(1)),
    `ReceivedBytes`                Nullable(UInt64) CODEC(ZSTD(1)),
    -- What network sensors know beyond an endpoint's. A column that no sensor fills takes next to nothing.
    `SentPackets`                  Nullable(UInt64) CODEC(ZSTD(1)),
    `ReceivedPackets`              Nullable(UInt64) CODEC(ZSTD(1)),
    `DurationMs`                   Nullable(UInt64) CODEC(ZSTD(1)),
    `InitiatingProcessFolderPath`  LowCardinality(String) CODEC(ZSTD(1)),
    `NameSource`                   LowCardinality(String) CODEC(ZSTD(1)),
    `Source`                       LowCardinality(String) CODEC(ZSTD(1)),
    -- ClickHouse does not prune by toStartOfHour of a DateTime64, but by this: a window of an hour reads 6 of 983
    -- granules. It takes 9 kB.
    INDEX `Window` `Timestamp` TYPE minmax GRANULARITY 1
)
{{- if .Cluster}}
-- One shard's events, the same on each of its replicas. {uuid} is one for all servers of a statement ON CLUSTER.
ENGINE = ReplicatedMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
{{- else}}
-- On a cluster: fluxhound schema print --cluster NAME. ClickHouse Cloud replicates by itself.
ENGINE = MergeTree
{{- end}}
-- A day: seven or eight partitions for the detectors' week, and retention by whole days, such as
-- ALTER TABLE … MODIFY TTL toDateTime(Timestamp) + INTERVAL 90 DAY.
PARTITION BY toYYYYMMDD(`Timestamp`)
-- By hour, then device. For one device over the week beaconing reads 75 MB and takes 0.7 s of CPU, instead of 446 MB
-- and 2.2 s in pure order of time. The newest events of a window of an hour are found as fast as in order of time; of
-- the whole week, without a filter, in 1.6 s of CPU instead of 0.3 s. Devices before hours would read a whole day for a
-- window of an hour. Full scans cost the same in every order. The table takes 159 MiB, 21 bytes an event: 192 MiB in
-- order of time, 305 MiB with the default codec (LZ4), whose scans take about 20 % less CPU.
ORDER BY (toStartOfHour(`Timestamp`), `DeviceName`, `Timestamp`)
