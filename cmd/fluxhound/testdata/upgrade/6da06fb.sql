CREATE TABLE soc.network_events
(
    `Timestamp` DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
    `DeviceId` LowCardinality(String) CODEC(ZSTD(1)),
    `DeviceName` LowCardinality(String) CODEC(ZSTD(1)),
    `ActionType` LowCardinality(String) CODEC(ZSTD(1)),
    `RemoteIP` String CODEC(ZSTD(1)),
    `RemotePort` UInt16 CODEC(ZSTD(1)),
    `RemoteUrl` String CODEC(ZSTD(1)),
    `Protocol` LowCardinality(String) CODEC(ZSTD(1)),
    `LocalIP` LowCardinality(String) CODEC(ZSTD(1)),
    `InitiatingProcessFileName` LowCardinality(String) CODEC(ZSTD(1)),
    `InitiatingProcessAccountName` LowCardinality(String) CODEC(ZSTD(1)),
    `SentBytes` Nullable(UInt64) CODEC(ZSTD(1)),
    `ReceivedBytes` Nullable(UInt64) CODEC(ZSTD(1)),
    `SentPackets` Nullable(UInt64) CODEC(ZSTD(1)),
    `ReceivedPackets` Nullable(UInt64) CODEC(ZSTD(1)),
    `DurationMs` Nullable(UInt64) CODEC(ZSTD(1)),
    `InitiatingProcessFolderPath` LowCardinality(String) CODEC(ZSTD(1)),
    `NameSource` LowCardinality(String) CODEC(ZSTD(1)),
    `Source` LowCardinality(String) CODEC(ZSTD(1)),
    `GroupHash` UInt64 MATERIALIZED cityHash64(DeviceId, DeviceName, RemoteIP, RemoteUrl) CODEC(ZSTD(1)),
    INDEX Window Timestamp TYPE minmax GRANULARITY 1,
    PROJECTION Groups
    (
        SELECT
            toYYYYMMDD(Timestamp),
            DeviceName,
            RemoteUrl,
            RemoteIP,
            DeviceId,
            GroupHash,
            count()
        GROUP BY
            toYYYYMMDD(Timestamp),
            DeviceName,
            RemoteUrl,
            RemoteIP,
            DeviceId,
            GroupHash
    )
)
ENGINE = MergeTree
PARTITION BY toYYYYMMDD(Timestamp)
ORDER BY (toStartOfHour(Timestamp), DeviceName, Timestamp)
SETTINGS lightweight_mutation_projection_mode = 'rebuild', index_granularity = 8192
;

CREATE TABLE soc.network_events_rollup_coverage
(
    `Grain` LowCardinality(String),
    `From` DateTime64(3, 'UTC'),
    `To` DateTime64(3, 'UTC'),
    `Source` String
)
ENGINE = MergeTree
ORDER BY (Grain, `From`)
SETTINGS index_granularity = 8192
;

CREATE TABLE soc.network_events_1d
(
    `Bucket` DateTime64(3, 'UTC') CODEC(ZSTD(1)),
    `DeviceName` LowCardinality(String) CODEC(ZSTD(1)),
    `RemoteUrl` String CODEC(ZSTD(1)),
    `RemoteIP` String CODEC(ZSTD(1)),
    `DeviceId` LowCardinality(String) CODEC(ZSTD(1)),
    `ActionType` LowCardinality(String) CODEC(ZSTD(1)),
    `RemotePort` UInt16 CODEC(ZSTD(1)),
    `InitiatingProcessFileName` LowCardinality(String) CODEC(ZSTD(1)),
    `GroupHash` UInt64 CODEC(ZSTD(1)),
    `Connections` SimpleAggregateFunction(sum, Int64) CODEC(T64, LZ4),
    `SentBytes` SimpleAggregateFunction(sum, Nullable(Int64)) CODEC(T64, LZ4),
    `ReceivedBytes` SimpleAggregateFunction(sum, Nullable(Int64)) CODEC(T64, LZ4),
    `FirstSeen` SimpleAggregateFunction(min, DateTime64(3, 'UTC')) CODEC(T64, LZ4),
    `LastSeen` SimpleAggregateFunction(max, DateTime64(3, 'UTC')) CODEC(T64, LZ4)
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMMDD(Bucket)
PRIMARY KEY (Bucket, DeviceName)
ORDER BY (Bucket, DeviceName, RemoteUrl, RemoteIP, DeviceId, ActionType, RemotePort, InitiatingProcessFileName, GroupHash)
TTL toDateTime(Bucket) + toIntervalDay(90)
SETTINGS ttl_only_drop_parts = 1, index_granularity = 8192
;

CREATE TABLE soc.network_events_1h
(
    `Bucket` DateTime64(3, 'UTC') CODEC(ZSTD(1)),
    `DeviceName` LowCardinality(String) CODEC(ZSTD(1)),
    `RemoteUrl` String CODEC(ZSTD(1)),
    `RemoteIP` String CODEC(ZSTD(1)),
    `DeviceId` LowCardinality(String) CODEC(ZSTD(1)),
    `ActionType` LowCardinality(String) CODEC(ZSTD(1)),
    `RemotePort` UInt16 CODEC(ZSTD(1)),
    `InitiatingProcessFileName` LowCardinality(String) CODEC(ZSTD(1)),
    `GroupHash` UInt64 CODEC(ZSTD(1)),
    `Connections` SimpleAggregateFunction(sum, Int64) CODEC(T64, LZ4),
    `SentBytes` SimpleAggregateFunction(sum, Nullable(Int64)) CODEC(T64, LZ4),
    `ReceivedBytes` SimpleAggregateFunction(sum, Nullable(Int64)) CODEC(T64, LZ4),
    `FirstSeen` SimpleAggregateFunction(min, DateTime64(3, 'UTC')) CODEC(T64, LZ4),
    `LastSeen` SimpleAggregateFunction(max, DateTime64(3, 'UTC')) CODEC(T64, LZ4)
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMMDD(Bucket)
PRIMARY KEY (Bucket, DeviceName)
ORDER BY (Bucket, DeviceName, RemoteUrl, RemoteIP, DeviceId, ActionType, RemotePort, InitiatingProcessFileName, GroupHash)
TTL toDateTime(Bucket) + toIntervalDay(90)
SETTINGS ttl_only_drop_parts = 1, index_granularity = 8192
;

CREATE TABLE soc.network_events_beacons
(
    `Hours` UInt8,
    `Bucket` DateTime64(3, 'UTC') CODEC(ZSTD(1)),
    `GroupHash` UInt64,
    `Connections` SimpleAggregateFunction(sum, Int64) CODEC(T64, LZ4),
    `SentBytes` SimpleAggregateFunction(sum, Nullable(Int64)) CODEC(T64, LZ4),
    `FirstHour` SimpleAggregateFunction(min, Int32) CODEC(T64, LZ4),
    `LastHour` SimpleAggregateFunction(max, Int32) CODEC(T64, LZ4)
)
ENGINE = AggregatingMergeTree
PARTITION BY (Hours, toYYYYMMDD(Bucket))
ORDER BY (GroupHash, Bucket)
TTL toDateTime(Bucket) + toIntervalDay(90)
SETTINGS ttl_only_drop_parts = 1, index_granularity = 8192
;

CREATE TABLE soc.network_events_beacons_names
(
    `Week` DateTime64(3, 'UTC') CODEC(ZSTD(1)),
    `DeviceName` LowCardinality(String) CODEC(ZSTD(1)),
    `RemoteUrl` String CODEC(ZSTD(1)),
    `RemoteIP` IPv4 CODEC(ZSTD(1)),
    `DeviceId` LowCardinality(String) CODEC(ZSTD(1)),
    `GroupHash` UInt64
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMMDD(Week)
PRIMARY KEY (Week, DeviceName)
ORDER BY (Week, DeviceName, RemoteUrl, RemoteIP, DeviceId, GroupHash)
TTL toDateTime(Week) + toIntervalDay(97)
SETTINGS ttl_only_drop_parts = 1, index_granularity = 8192
;

CREATE MATERIALIZED VIEW soc.network_events_beacons_1d_mv TO soc.network_events_beacons
(
    `Hours` UInt8,
    `Bucket` DateTime64(3, 'UTC'),
    `GroupHash` UInt64,
    `Connections` Int64,
    `SentBytes` Nullable(Int64),
    `FirstHour` Int32,
    `LastHour` Int32
)
AS SELECT
    toUInt8(24) AS Hours,
    Bucket,
    GroupHash,
    sum(Connections) AS Connections,
    sum(SentBytes) AS SentBytes,
    min(toInt32(floor(toUnixTimestamp64Milli(FirstSeen) / 3600000))) AS FirstHour,
    max(toInt32(floor(toUnixTimestamp64Milli(LastSeen) / 3600000))) AS LastHour
FROM
(
    SELECT
        *,
        multiIf(IPv4NumToString(IPv4StringToNumOrDefault(RemoteIP)) = RemoteIP, RemoteIP, RemoteIP = '', '', match(RemoteIP, '^[0-9A-Fa-f:]+$'), if(position(ifNull(toString(toIPv6OrNull(RemoteIP)), ''), '.') = 0, ifNull(toString(toIPv6OrNull(RemoteIP)), ''), replaceOne(ifNull(toString(toIPv6OrNull(RemoteIP)), ''), '::ffff:', '')), replaceRegexpOne(ifNull(toString(toIPv6OrNull(extract(toValidUTF8(RemoteIP), '^[\\pZ\\pC"\']*\\[?((?:[0-9A-Fa-f:]*:)?(?:0|[1-9][0-9]*)[.](?:0|[1-9][0-9]*)[.](?:0|[1-9][0-9]*)[.](?:0|[1-9][0-9]*)|[0-9A-Fa-f:]+)(?:%[^]]*)?\\]?(?::[0-9]*)?[\\pZ\\pC"\']*$'))), ''), '^::ffff:([0-9]+[.])', '\\1')) AS RemoteAddress,
        IPv4StringToNumOrDefault(RemoteAddress) AS RemoteIPv4Number
    FROM soc.network_events_1d
) AS t
WHERE (ActionType IN ['ConnectionSuccess', 'ConnectionAttempt']) AND (RemotePort IN [80, 443, 8080, 8443, 4443, 4444, 1080, 3128]) AND (NOT ((RemoteIPv4Number >= 167772160) AND (RemoteIPv4Number <= 184549375))) AND (NOT ((RemoteIPv4Number >= 2886729728) AND (RemoteIPv4Number <= 2887778303))) AND (NOT ((RemoteIPv4Number >= 3232235520) AND (RemoteIPv4Number <= 3232301055))) AND ((RemoteIPv4Number != 0) OR (RemoteAddress = '0.0.0.0'))
GROUP BY
    Bucket,
    GroupHash
;

CREATE MATERIALIZED VIEW soc.network_events_beacons_1h_mv TO soc.network_events_beacons
(
    `Hours` UInt8,
    `Bucket` DateTime64(3, 'UTC'),
    `GroupHash` UInt64,
    `Connections` Int64,
    `SentBytes` Nullable(Int64),
    `FirstHour` Int32,
    `LastHour` Int32
)
AS SELECT
    toUInt8(1) AS Hours,
    Bucket,
    GroupHash,
    sum(Connections) AS Connections,
    sum(SentBytes) AS SentBytes,
    min(toInt32(floor(toUnixTimestamp64Milli(FirstSeen) / 3600000))) AS FirstHour,
    max(toInt32(floor(toUnixTimestamp64Milli(LastSeen) / 3600000))) AS LastHour
FROM
(
    SELECT
        *,
        multiIf(IPv4NumToString(IPv4StringToNumOrDefault(RemoteIP)) = RemoteIP, RemoteIP, RemoteIP = '', '', match(RemoteIP, '^[0-9A-Fa-f:]+$'), if(position(ifNull(toString(toIPv6OrNull(RemoteIP)), ''), '.') = 0, ifNull(toString(toIPv6OrNull(RemoteIP)), ''), replaceOne(ifNull(toString(toIPv6OrNull(RemoteIP)), ''), '::ffff:', '')), replaceRegexpOne(ifNull(toString(toIPv6OrNull(extract(toValidUTF8(RemoteIP), '^[\\pZ\\pC"\']*\\[?((?:[0-9A-Fa-f:]*:)?(?:0|[1-9][0-9]*)[.](?:0|[1-9][0-9]*)[.](?:0|[1-9][0-9]*)[.](?:0|[1-9][0-9]*)|[0-9A-Fa-f:]+)(?:%[^]]*)?\\]?(?::[0-9]*)?[\\pZ\\pC"\']*$'))), ''), '^::ffff:([0-9]+[.])', '\\1')) AS RemoteAddress,
        IPv4StringToNumOrDefault(RemoteAddress) AS RemoteIPv4Number
    FROM soc.network_events_1h
) AS t
WHERE (ActionType IN ['ConnectionSuccess', 'ConnectionAttempt']) AND (RemotePort IN [80, 443, 8080, 8443, 4443, 4444, 1080, 3128]) AND (NOT ((RemoteIPv4Number >= 167772160) AND (RemoteIPv4Number <= 184549375))) AND (NOT ((RemoteIPv4Number >= 2886729728) AND (RemoteIPv4Number <= 2887778303))) AND (NOT ((RemoteIPv4Number >= 3232235520) AND (RemoteIPv4Number <= 3232301055))) AND ((RemoteIPv4Number != 0) OR (RemoteAddress = '0.0.0.0'))
GROUP BY
    Bucket,
    GroupHash
;

CREATE MATERIALIZED VIEW soc.network_events_beacons_names_mv TO soc.network_events_beacons_names
(
    `Week` DateTime64(3, 'UTC'),
    `DeviceName` LowCardinality(String),
    `RemoteUrl` String,
    `RemoteIP` IPv4,
    `DeviceId` LowCardinality(String),
    `GroupHash` UInt64
)
AS SELECT DISTINCT
    toStartOfInterval(Bucket, toIntervalMillisecond(604800000), 'UTC') AS Week,
    DeviceName,
    RemoteUrl,
    toIPv4(RemoteIPv4Number) AS RemoteIP,
    DeviceId,
    GroupHash
FROM
(
    SELECT
        *,
        multiIf(IPv4NumToString(IPv4StringToNumOrDefault(RemoteIP)) = RemoteIP, RemoteIP, RemoteIP = '', '', match(RemoteIP, '^[0-9A-Fa-f:]+$'), if(position(ifNull(toString(toIPv6OrNull(RemoteIP)), ''), '.') = 0, ifNull(toString(toIPv6OrNull(RemoteIP)), ''), replaceOne(ifNull(toString(toIPv6OrNull(RemoteIP)), ''), '::ffff:', '')), replaceRegexpOne(ifNull(toString(toIPv6OrNull(extract(toValidUTF8(RemoteIP), '^[\\pZ\\pC"\']*\\[?((?:[0-9A-Fa-f:]*:)?(?:0|[1-9][0-9]*)[.](?:0|[1-9][0-9]*)[.](?:0|[1-9][0-9]*)[.](?:0|[1-9][0-9]*)|[0-9A-Fa-f:]+)(?:%[^]]*)?\\]?(?::[0-9]*)?[\\pZ\\pC"\']*$'))), ''), '^::ffff:([0-9]+[.])', '\\1')) AS RemoteAddress,
        IPv4StringToNumOrDefault(RemoteAddress) AS RemoteIPv4Number
    FROM soc.network_events_1h
) AS t
WHERE (ActionType IN ['ConnectionSuccess', 'ConnectionAttempt']) AND (RemotePort IN [80, 443, 8080, 8443, 4443, 4444, 1080, 3128]) AND (NOT ((RemoteIPv4Number >= 167772160) AND (RemoteIPv4Number <= 184549375))) AND (NOT ((RemoteIPv4Number >= 2886729728) AND (RemoteIPv4Number <= 2887778303))) AND (NOT ((RemoteIPv4Number >= 3232235520) AND (RemoteIPv4Number <= 3232301055))) AND ((RemoteIPv4Number != 0) OR (RemoteAddress = '0.0.0.0'))
;

CREATE MATERIALIZED VIEW soc.network_events_1d_mv TO soc.network_events_1d
(
    `Bucket` DateTime64(3, 'UTC'),
    `GroupHash` UInt64,
    `DeviceId` LowCardinality(String),
    `DeviceName` LowCardinality(String),
    `RemoteIP` String,
    `RemoteUrl` String,
    `ActionType` LowCardinality(String),
    `RemotePort` UInt16,
    `InitiatingProcessFileName` LowCardinality(String),
    `Connections` Int64,
    `SentBytes` Nullable(Int64),
    `ReceivedBytes` Nullable(Int64),
    `FirstSeen` DateTime64(3, 'UTC'),
    `LastSeen` DateTime64(3, 'UTC')
)
AS SELECT
    toStartOfInterval(t.Timestamp, toIntervalMillisecond(86400000), 'UTC') AS Bucket,
    if(isIPv4String(t.RemoteIP), t.GroupHash, cityHash64(t.DeviceId, t.DeviceName, multiIf(IPv4NumToString(IPv4StringToNumOrDefault(t.RemoteIP)) = t.RemoteIP, t.RemoteIP, t.RemoteIP = '', '', match(t.RemoteIP, '^[0-9A-Fa-f:]+$'), if(position(ifNull(toString(toIPv6OrNull(t.RemoteIP)), ''), '.') = 0, ifNull(toString(toIPv6OrNull(t.RemoteIP)), ''), replaceOne(ifNull(toString(toIPv6OrNull(t.RemoteIP)), ''), '::ffff:', '')), replaceRegexpOne(ifNull(toString(toIPv6OrNull(extract(toValidUTF8(t.RemoteIP), '^[\\pZ\\pC"\']*\\[?((?:[0-9A-Fa-f:]*:)?(?:0|[1-9][0-9]*)[.](?:0|[1-9][0-9]*)[.](?:0|[1-9][0-9]*)[.](?:0|[1-9][0-9]*)|[0-9A-Fa-f:]+)(?:%[^]]*)?\\]?(?::[0-9]*)?[\\pZ\\pC"\']*$'))), ''), '^::ffff:([0-9]+[.])', '\\1')), t.RemoteUrl)) AS GroupHash,
    t.DeviceId AS DeviceId,
    t.DeviceName AS DeviceName,
    t.RemoteIP AS RemoteIP,
    t.RemoteUrl AS RemoteUrl,
    t.ActionType AS ActionType,
    t.RemotePort AS RemotePort,
    t.InitiatingProcessFileName AS InitiatingProcessFileName,
    toInt64(count()) AS Connections,
    CAST(if(sum(CAST(t.SentBytes, 'Nullable(Int128)')) > 9007199254740992, 9007199254740992, sum(CAST(t.SentBytes, 'Nullable(Int128)'))), 'Nullable(Int64)') AS SentBytes,
    CAST(if(sum(CAST(t.ReceivedBytes, 'Nullable(Int128)')) > 9007199254740992, 9007199254740992, sum(CAST(t.ReceivedBytes, 'Nullable(Int128)'))), 'Nullable(Int64)') AS ReceivedBytes,
    min(t.Timestamp) AS FirstSeen,
    max(t.Timestamp) AS LastSeen
FROM soc.network_events AS t
GROUP BY
    Bucket,
    GroupHash,
    DeviceId,
    DeviceName,
    RemoteIP,
    RemoteUrl,
    ActionType,
    RemotePort,
    InitiatingProcessFileName
;

CREATE MATERIALIZED VIEW soc.network_events_1h_mv TO soc.network_events_1h
(
    `Bucket` DateTime64(3, 'UTC'),
    `GroupHash` UInt64,
    `DeviceId` LowCardinality(String),
    `DeviceName` LowCardinality(String),
    `RemoteIP` String,
    `RemoteUrl` String,
    `ActionType` LowCardinality(String),
    `RemotePort` UInt16,
    `InitiatingProcessFileName` LowCardinality(String),
    `Connections` Int64,
    `SentBytes` Nullable(Int64),
    `ReceivedBytes` Nullable(Int64),
    `FirstSeen` DateTime64(3, 'UTC'),
    `LastSeen` DateTime64(3, 'UTC')
)
AS SELECT
    toStartOfInterval(t.Timestamp, toIntervalMillisecond(3600000), 'UTC') AS Bucket,
    if(isIPv4String(t.RemoteIP), t.GroupHash, cityHash64(t.DeviceId, t.DeviceName, multiIf(IPv4NumToString(IPv4StringToNumOrDefault(t.RemoteIP)) = t.RemoteIP, t.RemoteIP, t.RemoteIP = '', '', match(t.RemoteIP, '^[0-9A-Fa-f:]+$'), if(position(ifNull(toString(toIPv6OrNull(t.RemoteIP)), ''), '.') = 0, ifNull(toString(toIPv6OrNull(t.RemoteIP)), ''), replaceOne(ifNull(toString(toIPv6OrNull(t.RemoteIP)), ''), '::ffff:', '')), replaceRegexpOne(ifNull(toString(toIPv6OrNull(extract(toValidUTF8(t.RemoteIP), '^[\\pZ\\pC"\']*\\[?((?:[0-9A-Fa-f:]*:)?(?:0|[1-9][0-9]*)[.](?:0|[1-9][0-9]*)[.](?:0|[1-9][0-9]*)[.](?:0|[1-9][0-9]*)|[0-9A-Fa-f:]+)(?:%[^]]*)?\\]?(?::[0-9]*)?[\\pZ\\pC"\']*$'))), ''), '^::ffff:([0-9]+[.])', '\\1')), t.RemoteUrl)) AS GroupHash,
    t.DeviceId AS DeviceId,
    t.DeviceName AS DeviceName,
    t.RemoteIP AS RemoteIP,
    t.RemoteUrl AS RemoteUrl,
    t.ActionType AS ActionType,
    t.RemotePort AS RemotePort,
    t.InitiatingProcessFileName AS InitiatingProcessFileName,
    toInt64(count()) AS Connections,
    CAST(if(sum(CAST(t.SentBytes, 'Nullable(Int128)')) > 9007199254740992, 9007199254740992, sum(CAST(t.SentBytes, 'Nullable(Int128)'))), 'Nullable(Int64)') AS SentBytes,
    CAST(if(sum(CAST(t.ReceivedBytes, 'Nullable(Int128)')) > 9007199254740992, 9007199254740992, sum(CAST(t.ReceivedBytes, 'Nullable(Int128)'))), 'Nullable(Int64)') AS ReceivedBytes,
    min(t.Timestamp) AS FirstSeen,
    max(t.Timestamp) AS LastSeen
FROM soc.network_events AS t
GROUP BY
    Bucket,
    GroupHash,
    DeviceId,
    DeviceName,
    RemoteIP,
    RemoteUrl,
    ActionType,
    RemotePort,
    InitiatingProcessFileName
;

