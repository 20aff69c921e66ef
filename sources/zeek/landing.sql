-- What Zeek writes, as it writes it: a table a log, a column a field, every value a text. Nothing that a sensor writes is refused
-- here; what it means is for events.sql and dns.sql. A field that is added with ALTER TABLE … ADD COLUMN … String is filled
-- from then on.
CREATE TABLE IF NOT EXISTS {{table "conn"}}
(
    `ts`            String,
    `uid`           String,
    `id`            String,
    `id.orig_h`     String,
    `id.orig_p`     String,
    `id.resp_h`     String,
    `id.resp_p`     String,
    `proto`         LowCardinality(String),
    `service`       LowCardinality(String),
    `duration`      String,
    `orig_bytes`    String,
    `resp_bytes`    String,
    `conn_state`    LowCardinality(String),
    `local_orig`    LowCardinality(String),
    `local_resp`    LowCardinality(String),
    `missed_bytes`  String,
    `history`       LowCardinality(String),
    `orig_pkts`     String,
    `orig_ip_bytes` String,
    `resp_pkts`     String,
    `resp_ip_bytes` String,
    {{provenance (time "ts")}}
)
ENGINE = {{engine}}
ORDER BY (toStartOfHour(EventTime), `uid`)
{{keeping}};

CREATE TABLE IF NOT EXISTS {{table "dns"}}
(
    `ts`         String,
    `uid`        String,
    `id`         String,
    `id.orig_h`  String,
    `id.orig_p`  String,
    `id.resp_h`  String,
    `id.resp_p`  String,
    `proto`      LowCardinality(String),
    `trans_id`   String,
    `rtt`        String,
    `query`      String,
    `qclass`     LowCardinality(String),
    `qtype`      LowCardinality(String),
    `qtype_name` LowCardinality(String),
    `rcode`      LowCardinality(String),
    `rcode_name` LowCardinality(String),
    `answers`    String,
    `TTLs`       String,
    `rejected`   LowCardinality(String),
    {{provenance (time "ts")}}
)
ENGINE = {{engine}}
ORDER BY (toStartOfHour(EventTime), `uid`)
{{keeping}};

CREATE TABLE IF NOT EXISTS {{table "http"}}
(
    `ts`          String,
    `uid`         String,
    `id.orig_h`   String,
    `id.orig_p`   String,
    `id.resp_h`   String,
    `id.resp_p`   String,
    `trans_depth` String,
    `method`      LowCardinality(String),
    `host`        String,
    `uri`         String,
    `user_agent`  String,
    `status_code` LowCardinality(String),
    {{provenance (time "ts")}}
)
ENGINE = {{engine}}
ORDER BY (toStartOfHour(EventTime), `uid`)
{{keeping}};

CREATE TABLE IF NOT EXISTS {{table "ssl"}}
(
    `ts`          String,
    `uid`         String,
    `id.orig_h`   String,
    `id.orig_p`   String,
    `id.resp_h`   String,
    `id.resp_p`   String,
    `version`     LowCardinality(String),
    `server_name` String,
    `established` LowCardinality(String),
    `ja3`         String,
    `ja4`         String,
    {{provenance (time "ts")}}
)
ENGINE = {{engine}}
ORDER BY (toStartOfHour(EventTime), `uid`)
{{keeping}}
