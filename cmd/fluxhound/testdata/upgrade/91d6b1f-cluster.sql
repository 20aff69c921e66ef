-- The events table: one row is one network event of one device, in the words of Microsoft Defender's
-- DeviceNetworkEvents. Running this again changes nothing.
--
-- The figures were measured on ClickHouse 26.7 with 8 million synthetic events of 2,000 devices over 7 days
-- (362,000 addresses, 122,000 URLs). The CPU times compare the choices; another machine has others.
CREATE TABLE IF NOT EXISTS "soc"."network_events_local" ON CLUSTER "two_shards"
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
    -- Of what beaconing groups by. It preselects groups, and decides nothing. Without it beaconing reads four texts of each event
    -- instead, and hashes them.
    `GroupHash`                    UInt64 MATERIALIZED cityHash64(`DeviceId`, `DeviceName`, `RemoteIP`, `RemoteUrl`) CODEC(ZSTD(1)),
    -- ClickHouse does not prune by toStartOfHour of a DateTime64, but by this: a window of an hour reads 6 of 983
    -- granules. It takes 9 kB.
    INDEX `Window` `Timestamp` TYPE minmax GRANULARITY 1,
    -- What the hashes of a day stand for, so that an alert rule's beaconing compares the names of a group once a day and not
    -- with each event. ClickHouse keeps it with each part of the table, and answers from the events where a part lacks it.
    -- 4.2 bytes an event, and an INSERT takes 1.6 times the CPU. Where roll-ups answer the alert rules it may go: ALTER TABLE …
    -- DROP PROJECTION `Groups` does no harm but to speed.
    PROJECTION `Groups`
    (
        SELECT toYYYYMMDD(`Timestamp`), `DeviceName`, `RemoteUrl`, `RemoteIP`, `DeviceId`, `GroupHash`, count()
        GROUP BY toYYYYMMDD(`Timestamp`), `DeviceName`, `RemoteUrl`, `RemoteIP`, `DeviceId`, `GroupHash`
    )
)
-- One shard's events, the same on each of its replicas. {uuid} is one for all servers of a statement ON CLUSTER.
ENGINE = ReplicatedMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
-- A day: seven or eight partitions for the detectors' week, and retention by whole days, such as
-- ALTER TABLE … MODIFY TTL toDateTime(Timestamp) + INTERVAL 90 DAY.
PARTITION BY toYYYYMMDD(`Timestamp`)
-- By hour, then device. For one device over the week beaconing reads 75 MB and takes 0.7 s of CPU, instead of 446 MB
-- and 2.2 s in pure order of time. The newest events of a window of an hour are found as fast as in order of time; of
-- the whole week, without a filter, in 1.6 s of CPU instead of 0.3 s. Devices before hours would read a whole day for a
-- window of an hour. Full scans cost the same in every order. The table takes 159 MiB, 21 bytes an event: 192 MiB in
-- order of time, 305 MiB with the default codec (LZ4), whose scans take about 20 % less CPU.
ORDER BY (toStartOfHour(`Timestamp`), `DeviceName`, `Timestamp`)
-- Otherwise a DELETE fails, for the projection's sake.
SETTINGS lightweight_mutation_projection_mode = 'rebuild';

-- The rows of all shards. An event belongs to the shard of its device, so that everything about one device lies on one
-- shard: each group of beaconing (by name or by host) and of fast flux by hour. Dynamic DNS and fast flux by host
-- look at names over all devices: their groups have parts on every shard.
CREATE TABLE IF NOT EXISTS "soc"."network_events" ON CLUSTER "two_shards" AS "soc"."network_events_local"
ENGINE = Distributed('two_shards', 'soc', 'network_events_local', cityHash64(`DeviceId`));

-- One row a span of time whose buckets were seen to be complete. It holds only for the events table and mapping in Source.
CREATE TABLE IF NOT EXISTS "soc"."network_events_local_rollup_coverage" ON CLUSTER "two_shards"
(
    `Grain`  LowCardinality(String), -- the suffix of the roll-up's name
    `From`   DateTime64(3, 'UTC'),
    `To`     DateTime64(3, 'UTC'),
    `Source` String
)
ENGINE = ReplicatedMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
ORDER BY (Grain, From);

-- The rows of all shards, to be read: each shard fills its own. A bucket is complete once it is on every shard.
CREATE TABLE IF NOT EXISTS "soc"."network_events_rollup_coverage" ON CLUSTER "two_shards" AS "soc"."network_events_local_rollup_coverage"
ENGINE = Distributed('two_shards', 'soc', 'network_events_local_rollup_coverage');

-- The tables and views of every shard, so that a roll-up whose view is gone somewhere is noticed. It reads one replica a shard.
CREATE TABLE IF NOT EXISTS "soc"."network_events_rollup_tables" ON CLUSTER "two_shards"
(
    `database` String,
    `name`     String,
    `engine`   String,
    `uuid`     UUID
)
ENGINE = Distributed('two_shards', 'system', 'tables');

-- One row is what one device did within one bucket: its events that differ in nothing but their time and bytes. In order of
-- devices and destinations the names compress: it takes half of the disk that the order of a hash took.
CREATE TABLE IF NOT EXISTS "soc"."network_events_local_1d" ON CLUSTER "two_shards"
(
    `Bucket`                    DateTime64(3, 'UTC') CODEC(ZSTD(1)),
    `DeviceName`                LowCardinality(String) CODEC(ZSTD(1)),
    `RemoteUrl`                 String CODEC(ZSTD(1)),
    `RemoteIP`                  String CODEC(ZSTD(1)),
    `DeviceId`                  LowCardinality(String) CODEC(ZSTD(1)),
    `ActionType`                LowCardinality(String) CODEC(ZSTD(1)),
    `RemotePort`                UInt16 CODEC(ZSTD(1)),
    `InitiatingProcessFileName` LowCardinality(String) CODEC(ZSTD(1)),
    `GroupHash`                 UInt64 CODEC(ZSTD(1)), -- of DeviceId, DeviceName, RemoteIP and RemoteUrl: it preselects groups, and decides nothing
    `Connections`               SimpleAggregateFunction(sum, Int64) CODEC(T64, LZ4),
    `SentBytes`                 SimpleAggregateFunction(sum, Int64) CODEC(T64, LZ4),
    `ReceivedBytes`             SimpleAggregateFunction(sum, Int64) CODEC(T64, LZ4),
    `FirstSeen`                 SimpleAggregateFunction(min, DateTime64(3, 'UTC')) CODEC(T64, LZ4),
    `LastSeen`                  SimpleAggregateFunction(max, DateTime64(3, 'UTC')) CODEC(T64, LZ4)
)
ENGINE = ReplicatedAggregatingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
PARTITION BY toYYYYMMDD(Bucket)
PRIMARY KEY (Bucket, DeviceName)
ORDER BY (Bucket, DeviceName, RemoteUrl, RemoteIP, DeviceId, ActionType, RemotePort, InitiatingProcessFileName, GroupHash)
TTL toDateTime(Bucket) + INTERVAL 90 DAY
SETTINGS ttl_only_drop_parts = 1;

-- The rows of all shards. An event belongs to the shard of its device, so that everything about one device lies on one
-- shard: each group of beaconing (by name or by host) and of fast flux by hour. Dynamic DNS and fast flux by host
-- look at names over all devices: their groups have parts on every shard.
CREATE TABLE IF NOT EXISTS "soc"."network_events_1d" ON CLUSTER "two_shards" AS "soc"."network_events_local_1d"
ENGINE = Distributed('two_shards', 'soc', 'network_events_local_1d', cityHash64(`DeviceId`));

-- One row is what one device did within one bucket: its events that differ in nothing but their time and bytes. In order of
-- devices and destinations the names compress: it takes half of the disk that the order of a hash took.
CREATE TABLE IF NOT EXISTS "soc"."network_events_local_1h" ON CLUSTER "two_shards"
(
    `Bucket`                    DateTime64(3, 'UTC') CODEC(ZSTD(1)),
    `DeviceName`                LowCardinality(String) CODEC(ZSTD(1)),
    `RemoteUrl`                 String CODEC(ZSTD(1)),
    `RemoteIP`                  String CODEC(ZSTD(1)),
    `DeviceId`                  LowCardinality(String) CODEC(ZSTD(1)),
    `ActionType`                LowCardinality(String) CODEC(ZSTD(1)),
    `RemotePort`                UInt16 CODEC(ZSTD(1)),
    `InitiatingProcessFileName` LowCardinality(String) CODEC(ZSTD(1)),
    `GroupHash`                 UInt64 CODEC(ZSTD(1)), -- of DeviceId, DeviceName, RemoteIP and RemoteUrl: it preselects groups, and decides nothing
    `Connections`               SimpleAggregateFunction(sum, Int64) CODEC(T64, LZ4),
    `SentBytes`                 SimpleAggregateFunction(sum, Int64) CODEC(T64, LZ4),
    `ReceivedBytes`             SimpleAggregateFunction(sum, Int64) CODEC(T64, LZ4),
    `FirstSeen`                 SimpleAggregateFunction(min, DateTime64(3, 'UTC')) CODEC(T64, LZ4),
    `LastSeen`                  SimpleAggregateFunction(max, DateTime64(3, 'UTC')) CODEC(T64, LZ4)
)
ENGINE = ReplicatedAggregatingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
PARTITION BY toYYYYMMDD(Bucket)
PRIMARY KEY (Bucket, DeviceName)
ORDER BY (Bucket, DeviceName, RemoteUrl, RemoteIP, DeviceId, ActionType, RemotePort, InitiatingProcessFileName, GroupHash)
TTL toDateTime(Bucket) + INTERVAL 90 DAY
SETTINGS ttl_only_drop_parts = 1;

-- The rows of all shards. An event belongs to the shard of its device, so that everything about one device lies on one
-- shard: each group of beaconing (by name or by host) and of fast flux by hour. Dynamic DNS and fast flux by host
-- look at names over all devices: their groups have parts on every shard.
CREATE TABLE IF NOT EXISTS "soc"."network_events_1h" ON CLUSTER "two_shards" AS "soc"."network_events_local_1h"
ENGINE = Distributed('two_shards', 'soc', 'network_events_local_1h', cityHash64(`DeviceId`));

-- One row is what one group did within one bucket, of the connections that beaconing looks at by default. Numbers alone, so
-- that a week is read and grouped at once; what a hash stands for is in the table of names.
CREATE TABLE IF NOT EXISTS "soc"."network_events_local_beacons" ON CLUSTER "two_shards"
(
    `Hours`       UInt8, -- the bucket's width: 24 or 1
    `Bucket`      DateTime64(3, 'UTC') CODEC(ZSTD(1)),
    `GroupHash`   UInt64, -- of DeviceId, DeviceName, RemoteIP and RemoteUrl
    `Connections` SimpleAggregateFunction(sum, Int64) CODEC(T64, LZ4),
    `SentBytes`   SimpleAggregateFunction(sum, Int64) CODEC(T64, LZ4),
    -- Hours from the epoch to the first and to the last event: beaconing counts the hours' boundaries between them. Half of the
    -- memory of two times, and a third of the table.
    `FirstHour`   SimpleAggregateFunction(min, Int32) CODEC(T64, LZ4),
    `LastHour`    SimpleAggregateFunction(max, Int32) CODEC(T64, LZ4)
)
ENGINE = ReplicatedAggregatingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
-- The width is part of the partition, so that a statement which wants days reads no hours.
PARTITION BY (`Hours`, toYYYYMMDD(`Bucket`))
-- By hash, so that a group is found where the day before left it in the processor's cache.
ORDER BY (`GroupHash`, `Bucket`)
TTL toDateTime(`Bucket`) + INTERVAL 90 DAY
SETTINGS ttl_only_drop_parts = 1;

-- The rows of all shards, to be read: each shard fills its own. A bucket is complete once it is on every shard.
CREATE TABLE IF NOT EXISTS "soc"."network_events_beacons" ON CLUSTER "two_shards" AS "soc"."network_events_local_beacons"
ENGINE = Distributed('two_shards', 'soc', 'network_events_local_beacons');

-- What the hashes of the beacon roll-ups stand for, week by week: one row is one group that had connections in that week.
-- Names of more than the window do no harm, and missing ones are noticed: a query in which a hash has no names, or several, is
-- asked again of the roll-ups that keep every column. In order of the names it is read in half of the time that the order of
-- the hash takes, from 40 % of the disk.
CREATE TABLE IF NOT EXISTS "soc"."network_events_local_beacons_names" ON CLUSTER "two_shards"
(
    `Week`       DateTime64(3, 'UTC') CODEC(ZSTD(1)), -- its start, a Thursday
    `DeviceName` LowCardinality(String) CODEC(ZSTD(1)),
    `RemoteUrl`  String CODEC(ZSTD(1)),
    `RemoteIP`   IPv4 CODEC(ZSTD(1)), -- only public IPv4 addresses have beacons by default
    `DeviceId`   LowCardinality(String) CODEC(ZSTD(1)),
    `GroupHash`  UInt64
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
PARTITION BY toYYYYMMDD(`Week`)
PRIMARY KEY (`Week`, `DeviceName`)
ORDER BY (`Week`, `DeviceName`, `RemoteUrl`, `RemoteIP`, `DeviceId`, `GroupHash`)
TTL toDateTime(`Week`) + INTERVAL 97 DAY
SETTINGS ttl_only_drop_parts = 1;

-- The rows of all shards, to be read: each shard fills its own. A bucket is complete once it is on every shard.
CREATE TABLE IF NOT EXISTS "soc"."network_events_beacons_names" ON CLUSTER "two_shards" AS "soc"."network_events_local_beacons_names"
ENGINE = Distributed('two_shards', 'soc', 'network_events_local_beacons_names');

CREATE MATERIALIZED VIEW IF NOT EXISTS "soc"."network_events_local_beacons_1d_mv" ON CLUSTER "two_shards" TO "soc"."network_events_local_beacons" AS
-- What a beacon roll-up holds, from the roll-up of the same width that keeps every column.
-- Rows in:  its rows, each the events of one bucket that differ in nothing but their time and bytes.
-- Row out:  one bucket and group, by its hash, of the connections that beaconing looks at by default.
SELECT
    toUInt8(24) AS Hours,
    Bucket,
    GroupHash,
    sum(Connections) AS Connections,
    sum(SentBytes) AS SentBytes,
    min(toInt32(floor(toUnixTimestamp64Milli(FirstSeen) / 3600000))) AS FirstHour,
    max(toInt32(floor(toUnixTimestamp64Milli(LastSeen) / 3600000))) AS LastHour
FROM "soc"."network_events_local_1d" AS t
WHERE ActionType IN ['ConnectionSuccess', 'ConnectionAttempt']
  AND RemotePort IN [80, 443, 8080, 8443, 4443, 4444, 1080, 3128]
  AND NOT (IPv4StringToNumOrDefault(t.RemoteIP) BETWEEN 167772160 AND 184549375)
  AND NOT (IPv4StringToNumOrDefault(t.RemoteIP) BETWEEN 2886729728 AND 2887778303)
  AND NOT (IPv4StringToNumOrDefault(t.RemoteIP) BETWEEN 3232235520 AND 3232301055)
  AND IPv4NumToString(IPv4StringToNumOrDefault(t.RemoteIP)) = t.RemoteIP
GROUP BY Bucket, GroupHash;

CREATE MATERIALIZED VIEW IF NOT EXISTS "soc"."network_events_local_beacons_1h_mv" ON CLUSTER "two_shards" TO "soc"."network_events_local_beacons" AS
-- What a beacon roll-up holds, from the roll-up of the same width that keeps every column.
-- Rows in:  its rows, each the events of one bucket that differ in nothing but their time and bytes.
-- Row out:  one bucket and group, by its hash, of the connections that beaconing looks at by default.
SELECT
    toUInt8(1) AS Hours,
    Bucket,
    GroupHash,
    sum(Connections) AS Connections,
    sum(SentBytes) AS SentBytes,
    min(toInt32(floor(toUnixTimestamp64Milli(FirstSeen) / 3600000))) AS FirstHour,
    max(toInt32(floor(toUnixTimestamp64Milli(LastSeen) / 3600000))) AS LastHour
FROM "soc"."network_events_local_1h" AS t
WHERE ActionType IN ['ConnectionSuccess', 'ConnectionAttempt']
  AND RemotePort IN [80, 443, 8080, 8443, 4443, 4444, 1080, 3128]
  AND NOT (IPv4StringToNumOrDefault(t.RemoteIP) BETWEEN 167772160 AND 184549375)
  AND NOT (IPv4StringToNumOrDefault(t.RemoteIP) BETWEEN 2886729728 AND 2887778303)
  AND NOT (IPv4StringToNumOrDefault(t.RemoteIP) BETWEEN 3232235520 AND 3232301055)
  AND IPv4NumToString(IPv4StringToNumOrDefault(t.RemoteIP)) = t.RemoteIP
GROUP BY Bucket, GroupHash;

CREATE MATERIALIZED VIEW IF NOT EXISTS "soc"."network_events_local_beacons_names_mv" ON CLUSTER "two_shards" TO "soc"."network_events_local_beacons_names" AS
-- The names of the groups in a beacon roll-up, from the roll-up of the same width that keeps every column.
-- Row out:  one group that had a connection which beaconing looks at by default, in one week.
SELECT DISTINCT
    toStartOfInterval(Bucket, toIntervalMillisecond(604800000), 'UTC') AS Week,
    DeviceName,
    RemoteUrl,
    toIPv4OrDefault(t.RemoteIP) AS RemoteIP, -- what is none is left out below
    DeviceId,
    GroupHash
FROM "soc"."network_events_local_1h" AS t
WHERE ActionType IN ['ConnectionSuccess', 'ConnectionAttempt']
  AND RemotePort IN [80, 443, 8080, 8443, 4443, 4444, 1080, 3128]
  AND NOT (IPv4StringToNumOrDefault(t.RemoteIP) BETWEEN 167772160 AND 184549375)
  AND NOT (IPv4StringToNumOrDefault(t.RemoteIP) BETWEEN 2886729728 AND 2887778303)
  AND NOT (IPv4StringToNumOrDefault(t.RemoteIP) BETWEEN 3232235520 AND 3232301055)
  AND IPv4NumToString(IPv4StringToNumOrDefault(t.RemoteIP)) = t.RemoteIP;

CREATE MATERIALIZED VIEW IF NOT EXISTS "soc"."network_events_local_1d_mv" ON CLUSTER "two_shards" TO "soc"."network_events_local_1d" AS
SELECT
    toStartOfInterval(t."Timestamp", toIntervalMillisecond(86400000), 'UTC') AS Bucket,
    t.GroupHash AS GroupHash,
    t."DeviceId" AS DeviceId,
    t."DeviceName" AS DeviceName,
    t."RemoteIP" AS RemoteIP,
    t."RemoteUrl" AS RemoteUrl,
    t."ActionType" AS ActionType,
    t."RemotePort" AS RemotePort,
    t."InitiatingProcessFileName" AS InitiatingProcessFileName,
    toInt64(count()) AS Connections,
    sum(toInt64(ifNull(t."SentBytes", 0))) AS SentBytes,
    sum(toInt64(ifNull(t."ReceivedBytes", 0))) AS ReceivedBytes,
    min(t."Timestamp") AS FirstSeen,
    max(t."Timestamp") AS LastSeen
FROM "soc"."network_events_local" AS t
GROUP BY Bucket, GroupHash, DeviceId, DeviceName, RemoteIP, RemoteUrl, ActionType, RemotePort, InitiatingProcessFileName;

CREATE MATERIALIZED VIEW IF NOT EXISTS "soc"."network_events_local_1h_mv" ON CLUSTER "two_shards" TO "soc"."network_events_local_1h" AS
SELECT
    toStartOfInterval(t."Timestamp", toIntervalMillisecond(3600000), 'UTC') AS Bucket,
    t.GroupHash AS GroupHash,
    t."DeviceId" AS DeviceId,
    t."DeviceName" AS DeviceName,
    t."RemoteIP" AS RemoteIP,
    t."RemoteUrl" AS RemoteUrl,
    t."ActionType" AS ActionType,
    t."RemotePort" AS RemotePort,
    t."InitiatingProcessFileName" AS InitiatingProcessFileName,
    toInt64(count()) AS Connections,
    sum(toInt64(ifNull(t."SentBytes", 0))) AS SentBytes,
    sum(toInt64(ifNull(t."ReceivedBytes", 0))) AS ReceivedBytes,
    min(t."Timestamp") AS FirstSeen,
    max(t."Timestamp") AS LastSeen
FROM "soc"."network_events_local" AS t
GROUP BY Bucket, GroupHash, DeviceId, DeviceName, RemoteIP, RemoteUrl, ActionType, RemotePort, InitiatingProcessFileName;
