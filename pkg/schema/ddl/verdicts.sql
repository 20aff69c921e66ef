-- What analysts say of findings: each word is a row, the newest of a finding counts, and none is ever changed.
CREATE TABLE IF NOT EXISTS {{.Table}}
(
    `At`          DateTime64(3, 'UTC') DEFAULT now64(3) CODEC(ZSTD(1)),
    `FindingKey`  String CODEC(ZSTD(1)),
    `Verdict`     Enum8('none' = 0, 'investigating' = 1, 'benign' = 2, 'malicious' = 3) CODEC(ZSTD(1)), -- none takes back what was said
    `Note`        String CODEC(ZSTD(1)),
    `Who`         String CODEC(ZSTD(1)), -- Grafana's user
    `Until`       DateTime('UTC') CODEC(ZSTD(1)), -- when it runs out; 1970 for never
    -- what it was about, for people
    `QueryType`   LowCardinality(String) CODEC(ZSTD(1)),
    `DeviceName`  String CODEC(ZSTD(1)),
    `Destination` String CODEC(ZSTD(1)),
    `Severity`    LowCardinality(String) CODEC(ZSTD(1)) -- of the finding then: one that has become graver is not muted any more
)
ENGINE = MergeTree
ORDER BY (`FindingKey`, `At`)
