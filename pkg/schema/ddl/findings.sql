-- Each finding, however often it was found: minima and maxima, which no run can harm that comes twice, late or in two parts.
CREATE TABLE IF NOT EXISTS {{.Findings}}
(
    `Question`      String CODEC(ZSTD(1)),
    `QueryType`     LowCardinality(String) CODEC(ZSTD(1)),
    `FindingKey`    String CODEC(ZSTD(1)),
    `FirstDetected` SimpleAggregateFunction(min, DateTime64(3, 'UTC')) CODEC(ZSTD(1)),
    `LastDetected`  SimpleAggregateFunction(max, DateTime64(3, 'UTC')) CODEC(ZSTD(1)),
    -- all of its columns as JSON, when it was found last and when its value was highest
    `Latest`        AggregateFunction(argMax, String, Tuple(DateTime64(3, 'UTC'), DateTime64(3, 'UTC'))) CODEC(ZSTD(1)),
    `Worst`         AggregateFunction(argMax, String, Tuple(Float64, DateTime64(3, 'UTC'))) CODEC(ZSTD(1))
)
ENGINE = AggregatingMergeTree
ORDER BY (`QueryType`, `Question`, `FindingKey`)
TTL toDateTime(`LastDetected`) + INTERVAL {{.RetentionDays}} DAY
