-- Flows as goflow2 writes them: every value a text. Version 2 names fields as in its protobuf, with times in nanoseconds; version 1
-- in another spelling, with times in seconds, and the protocol as a number. Some exporters count from their own start: a flow whose start
-- lies before 2000 in its field's unit has no time.
{{- $start := `multiIf(time_flow_start_ns NOT IN ('', '0'), time_flow_start_ns, time_received_ns NOT IN ('', '0'), time_received_ns, '')`}}
{{- $milliseconds := `if(TimeFlowStartMs NOT IN ('', '0'), TimeFlowStartMs, '')`}}
{{- $seconds := `if(TimeFlowStart NOT IN ('', '0'), TimeFlowStart, TimeReceived)`}}
CREATE TABLE IF NOT EXISTS {{table "flow"}}
(
    `type`               LowCardinality(String),
    `time_received_ns`   String,
    `time_flow_start_ns` String,
    `time_flow_end_ns`   String,
    `sequence_num`       String,
    `sampling_rate`      LowCardinality(String),
    `sampler_address`    LowCardinality(String),
    `bytes`              String,
    `packets`            String,
    `src_addr`           String,
    `dst_addr`           String,
    `src_port`           String,
    `dst_port`           String,
    `proto`              LowCardinality(String),
    `tcp_flags`          LowCardinality(String),
    `Type`               LowCardinality(String),
    `TimeReceived`       String,
    `TimeFlowStart`      String,
    `TimeFlowEnd`        String,
    `TimeFlowStartMs`    String,
    `TimeFlowEndMs`      String,
    `SequenceNum`        String,
    `SamplingRate`       LowCardinality(String),
    `SamplerAddress`     LowCardinality(String),
    `Bytes`              String,
    `Packets`            String,
    `SrcAddr`            String,
    `DstAddr`            String,
    `SrcPort`            String,
    `DstPort`            String,
    `Proto`              LowCardinality(String),
    `TCPFlags`           LowCardinality(String),
    {{provenance (time (printf "multiIf(%[1]s != '', if(toFloat64OrZero(%[1]s) BETWEEN 1 AND 946684799e9, '', %[1]s), %[2]s != '', if(toFloat64OrZero(%[2]s) BETWEEN 1 AND 946684799e3, '', %[2]s), %[3]s)" $start $milliseconds $seconds))}}
)
ENGINE = {{engine}}
ORDER BY (toStartOfHour(EventTime), `src_addr`, `SrcAddr`)
{{keeping}}
