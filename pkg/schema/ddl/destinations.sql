-- Where devices connected to, and since when. Rows say what was seen and are put together by minima, maxima and sets, so that what is
-- written twice counts once; running this again changes nothing. The row of the empty host tells which times were looked at, and how many
-- devices there are.
CREATE TABLE IF NOT EXISTS {{.Table}}
(
    `Host`       String COMMENT 'a name or an address, as cases show it',
    `FirstSeen`  SimpleAggregateFunction(min, DateTime64(3, 'UTC')),
    `LastSeen`   SimpleAggregateFunction(max, DateTime64(3, 'UTC')),
    `Days`       AggregateFunction(groupBitmap, UInt16) COMMENT 'on which it was connected to, from the epoch',
    `Devices`    AggregateFunction(uniqCombined(12), UInt64) COMMENT 'hashes of those that connected',
    `FirstPlace` AggregateFunction(argMin, Tuple(String, String), Tuple(DateTime64(3, 'UTC'), String)) COMMENT 'the address of the first connection, and its /24, of IPv6 its /48',
    `Filled`     SimpleAggregateFunction(max, DateTime('UTC')) COMMENT 'when it was written last'
)
ENGINE = AggregatingMergeTree
ORDER BY `Host`
-- A year: what comes back after more than that is new again.
TTL toDateTime(`LastSeen`) + INTERVAL {{.RetentionDays}} DAY
