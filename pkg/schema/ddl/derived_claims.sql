-- Who makes which hours: one row is one hour that a run has begun to make, and ended to make where Ended is 1. Runs that make the same
-- hour at the same time find each other here; and an hour that a run has begun and not ended is looked at again.
CREATE TABLE IF NOT EXISTS {{.Table}}{{with .Cluster}} ON CLUSTER {{.}}{{end}}
(
    `Source` LowCardinality(String),
    `Kind`   LowCardinality(String), -- events or dns
    `Hour`   DateTime('UTC'),
    `Run`    String,
    `Ended`  UInt8 DEFAULT 0,
    `At`     DateTime64(3, 'UTC') DEFAULT now64(3) -- when it began
)
ENGINE = {{if .Cluster}}ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}', `Ended`){{else}}ReplacingMergeTree(`Ended`){{end}}
ORDER BY (`Source`, `Kind`, `Hour`, `Run`)
-- What has not ended stays until it is settled: it says that the hour may be wrong.
TTL toDateTime(`At`) + INTERVAL 7 DAY DELETE WHERE `Ended` = 1
