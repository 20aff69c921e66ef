-- Events as they are written: every value a text, the objects as JSON. A connection happened when it started, where that is told:
-- times are milliseconds since 1970, or texts (…_dt).
CREATE TABLE IF NOT EXISTS {{table "event"}}
(
    `class_uid`       LowCardinality(String),
    `activity_id`     LowCardinality(String),
    `category_uid`    LowCardinality(String),
    `type_uid`        LowCardinality(String),
    `status_id`       LowCardinality(String),
    `status`          LowCardinality(String),
    `action_id`       LowCardinality(String),
    `action`          LowCardinality(String),
    `disposition_id`  LowCardinality(String),
    `disposition`     LowCardinality(String),
    `time`            String,
    `time_dt`         String,
    `start_time`      String,
    `start_time_dt`   String,
    `end_time`        String,
    `end_time_dt`     String,
    `duration`        String,
    `src_endpoint`    String,
    `dst_endpoint`    String,
    `connection_info` String,
    `traffic`         String,
    `device`          String,
    `actor`           String,
    `tls`             String,
    `url`             String,
    `query`           String,
    `answers`         String,
    `rcode`           LowCardinality(String),
    `rcode_id`        LowCardinality(String),
    `metadata`        String,
    {{provenance (time "multiIf(start_time NOT IN ('', '0'), start_time, start_time_dt != '', start_time_dt, time NOT IN ('', '0'), time, time_dt)")}}
)
ENGINE = {{engine}}
ORDER BY (toStartOfHour(EventTime), `class_uid`)
{{keeping}}
