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
ORDER BY (toStartOfHour(`Timestamp`), `DeviceName`, `Timestamp`);

-- The rows of all shards. An event belongs to the shard of its device, so that everything about one device lies on one
-- shard: each group of beaconing (by name or by host) and of fast flux by hour. Dynamic DNS and fast flux by host
-- look at names over all devices: their groups have parts on every shard.
CREATE TABLE IF NOT EXISTS "soc"."network_events" ON CLUSTER "two_shards" AS "soc"."network_events_local"
ENGINE = Distributed('two_shards', 'soc', 'network_events_local', cityHash64(`DeviceId`));

-- One row is the events of one hour that differ in nothing but their time, bytes and duration: a group's connections, with
-- their times. Rows are written by whole hours and never changed; those that a note in hours_made names stand for the
-- events, and no others.
CREATE TABLE IF NOT EXISTS "soc"."network_events_local_hours" ON CLUSTER "two_shards"
(
    `Hour`          DateTime('UTC') CODEC(ZSTD(1)),
    `Build`         Int64 CODEC(ZSTD(1)), -- the hour, and a number of the run that made it
    `MadeAt`        DateTime64(3, 'UTC') CODEC(ZSTD(1)),
    `DeviceName` LowCardinality(String) CODEC(ZSTD(1)),
    `RemoteUrl` String CODEC(ZSTD(1)),
    `RemoteIP` String CODEC(ZSTD(1)),
    `DeviceId` LowCardinality(String) CODEC(ZSTD(1)),
    `ActionType` LowCardinality(String) CODEC(ZSTD(1)),
    `RemotePort` UInt16 CODEC(ZSTD(1)),
    `Protocol` LowCardinality(String) CODEC(ZSTD(1)),
    `InitiatingProcessFileName` LowCardinality(String) CODEC(ZSTD(1)),
    `InitiatingProcessFolderPath` LowCardinality(String) CODEC(ZSTD(1)),
    `NameSource` LowCardinality(String) CODEC(ZSTD(1)),
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
ENGINE = ReplicatedMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
PARTITION BY toYYYYMMDD(`Hour`)
-- By device and destination, so that names compress and the hours of a group lie side by side.
PRIMARY KEY (`DeviceName`, `RemoteUrl`)
ORDER BY (`DeviceName`, `RemoteUrl`, `RemoteIP`, `DeviceId`, `GroupKey`, `Build`)
TTL `Hour` + INTERVAL 90 DAY
SETTINGS ttl_only_drop_parts = 1;

-- What is to be made of each hour of events, and what was made: the newest of each step counts.
CREATE TABLE IF NOT EXISTS "soc"."network_events_local_hours_made" ON CLUSTER "two_shards"
(
    `Source`   UInt64, -- of the events table, the columns that are read and the rules
    `Step`     Enum8('planned' = 1, 'made' = 2),
    `Hour`     DateTime('UTC'),
    `Build`    Int64, -- which rows stand for the hour; 0 for none
    `HourRows` UInt64, -- how many rows these are
    `Events`   UInt64,
    `Times`    UInt64, -- the sum of the events' times, in seconds
    -- what the hour's partition was made of
    `Day`      LowCardinality(String),
    `Parts`    UInt64,
    `MinBlock` Int64,
    `MaxBlock` Int64,
    `Rows`     UInt64,
    `Mutation` Int64,
    `Started`  Int64, -- when the server started, in seconds; 0 where its blocks' numbers are never given again
    `At`       DateTime64(3, 'UTC')
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}', `At`)
ORDER BY (`Source`, `Step`, `Hour`)
TTL `Hour` + INTERVAL 90 DAY;

CREATE VIEW IF NOT EXISTS "soc"."network_events_local_hours_valid" ON CLUSTER "two_shards" AS
-- Which hours of the derived table stand for the events as they are now. It reads the times of those days alone whose parts
-- are others than were noted.
-- Row out:  one hour that has events, with the Build that stands for them; 0 where none does, and the events have to be read.
-- What each day of events is made of now, and what was noted of its hours. Nothing of the events is read for it.
-- Row out:  prints: one day; merging changes of its columns nothing but Parts, and whatever else is done to a day changes some.
--           standing: one noted hour. Same: nothing has happened to its day since. Kin: rows may have come, none was changed.
--           changed: the days of which some hour is not noted as they are now.
WITH
prints AS
(
    SELECT
        Day,
        sumIf(cityHash64(name, hash_of_all_files), NOT Patch) AS Parts,
        minIf(min_block_number, NOT Patch) AS MinBlock, -- an insert, ATTACH and REPLACE take higher numbers
        maxIf(max_block_number, NOT Patch) AS MaxBlock,
        sumIf(rows, NOT Patch) AS Rows,
        -- what an UPDATE or DELETE counts up: the fifth number in a part's name
        max(if(Patch, toInt64(data_version), toInt64OrZero(arrayElement(splitByChar('_', name), 5)))) AS Mutation,
        -- a server that starts anew may give a number again
        toInt64(0) AS Started
    FROM
    (
        -- a patch belongs to the day that it patches, which ends its partition's name
        SELECT *, arrayElement(splitByChar('-', partition_id), -1) AS Day, startsWith(partition_id, 'patch-') AS Patch
        FROM system.parts
        WHERE database = 'soc' AND table = 'network_events_local' AND active
    )
    -- younger than the hours' retention by a day, and no day that a wrong clock wrote
    WHERE toUInt32OrZero(Day) BETWEEN toYYYYMMDD(now('UTC') - INTERVAL 90 DAY + INTERVAL 1 DAY) AND toYYYYMMDD(now('UTC') + INTERVAL 1 DAY)
    GROUP BY Day
),
-- The rows that are kept of each day's hours: fewer than were noted means that somebody took some away.
kept AS
(
    SELECT partition_id AS Day, sum(rows) AS Rows
    FROM system.parts
    WHERE database = 'soc' AND table = 'network_events_local_hours' AND active
    GROUP BY Day
),
noted AS
(
    SELECT
        Hour,
        argMax((Build, Events, Times, Day, Parts, MinBlock, MaxBlock, Rows, Mutation, Started, HourRows), (At, Build)) AS Newest
    FROM "soc"."network_events_local_hours_made"
    WHERE Source = cityHash64(602472641761485498, toString((SELECT any(uuid) FROM system.tables WHERE database = 'soc' AND name = 'network_events_local'))) AND Step = 'made'
    GROUP BY Hour
),
standing AS
(
    SELECT
        noted.Hour AS Hour,
        noted.Newest.1 AS Build,
        noted.Newest.2 AS Events,
        noted.Newest.3 AS Times,
        noted.Newest.4 AS Day,
        sum(if(Build = 0, 0, noted.Newest.11)) OVER (PARTITION BY noted.Newest.4) <= kept.Rows AS Whole,
        Whole AND abs(noted.Newest.10 - prints.Started) <= 5 AND noted.Newest.6 = prints.MinBlock AND noted.Newest.9 = prints.Mutation AND prints.Rows > 0 AS Kin,
        Whole AND noted.Newest.5 = prints.Parts AND noted.Newest.9 = prints.Mutation OR Kin AND noted.Newest.7 = prints.MaxBlock AND noted.Newest.8 = prints.Rows AS Same
    FROM noted
    LEFT JOIN prints ON prints.Day = noted.Newest.4
    LEFT JOIN kept ON kept.Day = noted.Newest.4
),
changed AS
(
    SELECT toUInt32OrZero(Day) AS Date
    FROM prints
    WHERE Day NOT IN (SELECT Day FROM standing GROUP BY Day HAVING min(Same))
),
dates AS (SELECT Date FROM changed),
-- What the hours of some days are now, by the times of their events.
-- Rows in:  dates: days to look at.
-- Row out:  counted: one hour that has events. Stands: Build is what they are.
counted AS
(
    SELECT
        seen.Hour AS Hour,
        seen.Events AS Events,
        seen.Times AS Times,
        standing.Build AS Build,
        standing.Build > 0 AND standing.Kin AND standing.Events = seen.Events AND standing.Times = seen.Times AS Stands
    FROM
    (
        SELECT toStartOfHour(t."Timestamp") AS Hour, count() AS Events, sum(toUInt64(toUnixTimestamp(t."Timestamp"))) AS Times
        FROM "soc"."network_events_local" AS t
        WHERE toYYYYMMDD(t."Timestamp") IN (SELECT Date FROM dates)
        GROUP BY Hour
    ) AS seen
    LEFT JOIN standing ON standing.Hour = seen.Hour
)
SELECT Hour, Build, toUInt64(602472641761485498) AS Rules
FROM standing
WHERE Day NOT IN (SELECT toString(Date) FROM changed) AND Day IN (SELECT Day FROM prints)
UNION ALL
SELECT Hour, if(Stands, Build, toInt64(0)), toUInt64(602472641761485498)
FROM counted
SETTINGS join_use_nulls = 0;

-- The rows of all shards, to be read: each shard fills its own. A bucket is complete once it is on every shard.
CREATE TABLE IF NOT EXISTS "soc"."network_events_hours" ON CLUSTER "two_shards" AS "soc"."network_events_local_hours"
ENGINE = Distributed('two_shards', 'soc', 'network_events_local_hours');

-- The rows of all shards, to be read: each shard fills its own. A bucket is complete once it is on every shard.
CREATE TABLE IF NOT EXISTS "soc"."network_events_hours_valid" ON CLUSTER "two_shards" AS "soc"."network_events_local_hours_valid"
ENGINE = Distributed('two_shards', 'soc', 'network_events_local_hours_valid');
