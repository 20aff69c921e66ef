-- Squid's lines, as it writes them. A request happened when it began: the time in the line is when it had ended, and the
-- milliseconds behind it are how long it took.
CREATE TABLE IF NOT EXISTS {{table "squid"}}
(
    `line` String,
    {{provenance (dated (printf "%s - toIntervalMillisecond(least(greatest(toInt64OrZero(splitByWhitespace(line)[2]), 0), 604800000))" (time "splitByWhitespace(line)[1]")))}}
)
ENGINE = {{engine}}
ORDER BY toStartOfHour(EventTime)
{{keeping}};

-- A CSV's columns, every value a text: in plain names, or in those of W3C's extended log format.
CREATE TABLE IF NOT EXISTS {{table "csv"}}
(
    `timestamp`      String,
    `client_ip`      String,
    `client_name`    LowCardinality(String),
    `user`           LowCardinality(String),
    `method`         LowCardinality(String),
    `url`            String,
    `host`           String,
    `port`           String,
    `server_ip`      String,
    `status`         LowCardinality(String),
    `action`         LowCardinality(String),
    `bytes_sent`     String,
    `bytes_received` String,
    `duration_ms`    String,
    `date`           String,
    `time`           String,
    `c-ip`           String,
    `cs-username`    LowCardinality(String),
    `cs-method`      LowCardinality(String),
    `cs-host`        String,
    `cs-uri-port`    String,
    `r-ip`           String,
    `sc-status`      LowCardinality(String),
    `s-action`       LowCardinality(String),
    `cs-bytes`       String,
    `sc-bytes`       String,
    `time-taken`     String,
    {{provenance (time "if(timestamp != '', timestamp, concat(date, ' ', time))")}}
)
ENGINE = {{engine}}
ORDER BY toStartOfHour(EventTime)
{{keeping}}
