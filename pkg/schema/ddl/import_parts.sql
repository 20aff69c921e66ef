-- What was imported: one row is one part of a file, told by what it holds and what stood before it, so that the same text never
-- counts twice, whatever the file is called and however it is packed.
CREATE TABLE IF NOT EXISTS {{.Table}}{{with .Cluster}} ON CLUSTER {{.}}{{end}}
(
    `Start`     String, -- of everything up to the part
    `End`       String, -- and with it
    `Bytes`     UInt64, -- of the part's records, a byte more for each
    `Source`    LowCardinality(String),
    `File`      String,
    `FirstLine` UInt64,
    `Records`   UInt64,
    `Rows`      UInt64, -- in landing tables
    `Rejected`  UInt64, -- in import_rejects
    `At`        DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = {{if .Cluster}}ReplicatedMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}'){{else}}MergeTree{{end}}
ORDER BY `Start`
