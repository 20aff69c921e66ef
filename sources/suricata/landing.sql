-- What Suricata writes, as it writes it: every value a text, the parts of an event as JSON. A flow happened when it started,
-- whenever it was written.
CREATE TABLE IF NOT EXISTS {{table "eve"}}
(
    `timestamp`    String,
    `flow_id`      String,
    `event_type`   LowCardinality(String),
    `src_ip`       String,
    `src_port`     String,
    `dest_ip`      String,
    `dest_port`    String,
    `proto`        LowCardinality(String),
    `app_proto`    LowCardinality(String),
    `host`         LowCardinality(String),
    `in_iface`     LowCardinality(String),
    `community_id` String,
    `tx_id`        String,
    `flow`         String,
    `tcp`          String,
    `dns`          String,
    `tls`          String,
    `quic`         String,
    `http`         String,
    {{provenance (time "if(event_type = 'flow' AND JSONExtractString(flow, 'start') != '', JSONExtractString(flow, 'start'), timestamp)")}}
)
ENGINE = {{engine}}
ORDER BY (toStartOfHour(EventTime), `event_type`, `flow_id`)
{{keeping}}
