-- Records of imported files that could not be read, as they stood there.
CREATE TABLE IF NOT EXISTS {{.Table}}{{with .Cluster}} ON CLUSTER {{.}}{{end}}
(
    `Source`    LowCardinality(String),
    `File`      String,
    `Line`      UInt64, -- where the record begins, from 1
    `Reason`    String,
    `Text`      String, -- the record, or its first 64 kB where it is too long
    `ArrivedAt` DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = {{if .Cluster}}ReplicatedMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}'){{else}}MergeTree{{end}}
ORDER BY (`Source`, `File`, `Line`)
SETTINGS non_replicated_deduplication_window = 10000
