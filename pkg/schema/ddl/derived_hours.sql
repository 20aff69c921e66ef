-- Which hours of events were made, and of what: one row is one hour of one source. An hour whose landing rows or rules are others
-- by now is made anew.
CREATE TABLE IF NOT EXISTS {{.Table}}{{with .Cluster}} ON CLUSTER {{.}}{{end}}
(
    `Source`  LowCardinality(String),
    `Kind`    LowCardinality(String), -- events or dns
    `Hour`    DateTime('UTC'),
    `Landed`  UInt64, -- landing rows of the hour itself
    `Version` String, -- of all rows that the hour is made of, and of the rules
    `At`      DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = {{if .Cluster}}ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}', `At`){{else}}ReplacingMergeTree(`At`){{end}}
ORDER BY (`Source`, `Kind`, `Hour`)
