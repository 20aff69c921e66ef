-- Flows as goflow2 writes them: every value a text. Version 2 names fields as in its protobuf, with times in nanoseconds; version 1
-- in another spelling, with times in seconds, and the protocol as a number.
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
    {{provenance (time "multiIf(time_flow_start_ns NOT IN ('', '0'), time_flow_start_ns, time_received_ns NOT IN ('', '0'), time_received_ns, TimeFlowStartMs NOT IN ('', '0'), TimeFlowStartMs, TimeFlowStart NOT IN ('', '0'), TimeFlowStart, TimeReceived)")}}
)
ENGINE = {{engine}}
ORDER BY (toStartOfHour(EventTime), `src_addr`, `SrcAddr`)
{{keeping}}
