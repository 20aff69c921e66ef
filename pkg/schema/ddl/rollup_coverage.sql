-- One row a span of time whose buckets were seen to be complete. It holds only for the events table and mapping in Source.
CREATE TABLE IF NOT EXISTS {{.Coverage}}{{with .Cluster}} ON CLUSTER {{.}}{{end}}
(
    `Grain`  LowCardinality(String), -- the suffix of the roll-up's name
    `From`   DateTime64(3, 'UTC'),
    `To`     DateTime64(3, 'UTC'),
    `Source` String
)
ENGINE = {{if .Cluster}}ReplicatedMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}'){{else}}MergeTree{{end}}
ORDER BY (Grain, From)
