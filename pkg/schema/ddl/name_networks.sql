-- Which networks each name led to, and since when. Rows say what was seen and are put together by minima, maxima and sets, so that what is
-- written twice counts once; running this again changes nothing. The row of the empty name tells which times were looked at.
CREATE TABLE IF NOT EXISTS {{.Table}}
(
    `Name`        String COMMENT 'a host, as findings show it',
    `Network`     String COMMENT '/24 of IPv4, /48 of IPv6',
    `FirstSeen`   SimpleAggregateFunction(min, DateTime64(3, 'UTC')),
    `LastSeen`    SimpleAggregateFunction(max, DateTime64(3, 'UTC')),
    `Days`        SimpleAggregateFunction(groupUniqArrayArray, Array(UInt16)) COMMENT 'on which it was seen, from the epoch',
    `LowAddress`  SimpleAggregateFunction(min, String) COMMENT 'of its addresses in the network the first by text',
    `HighAddress` SimpleAggregateFunction(max, String) COMMENT 'and the last',
    `Devices`     AggregateFunction(groupUniqArray(100), Tuple(String, String, String)) COMMENT 'that connected or asked: identity, DeviceId, DeviceName',
    `Connections` AggregateFunction(uniqCombined(12), UInt64) COMMENT 'hashes of connections; none where it was only asked for',
    `ShortestTTL` SimpleAggregateFunction(min, Nullable(UInt32)) COMMENT 's, of DNS answers; NULL where none was seen',
    `Filled`      SimpleAggregateFunction(max, DateTime('UTC')) COMMENT 'when it was written last'
)
ENGINE = AggregatingMergeTree
ORDER BY (`Name`, `Network`)
-- More than a year, so that a name of last year's is not new.
TTL toDateTime(`LastSeen`) + INTERVAL {{.RetentionDays}} DAY
