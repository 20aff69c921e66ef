-- What is to be made of each hour of events, and what was made: the newest of each step counts.
CREATE TABLE IF NOT EXISTS {{.Made}}{{with .Cluster}} ON CLUSTER {{.}}{{end}}
(
    `Source`   UInt64, -- of the events table, the columns that are read and the rules
    `Step`     Enum8('planned' = 1, 'made' = 2),
    `Hour`     DateTime('UTC'),
    `Build`    Int64, -- which rows stand for the hour; 0 for none
    `HourRows` UInt64, -- how many rows these are
    `Events`   UInt64,
    `Times`    UInt64, -- the sum of the events' times, in seconds
    -- what the hour's partition was made of
    `Day`      LowCardinality(String),
    `Parts`    UInt64,
    `MinBlock` Int64,
    `MaxBlock` Int64,
    `Rows`     UInt64,
    `Mutation` Int64,
    `Started`  Int64, -- when the server started, in seconds; 0 where its blocks' numbers are never given again
    `At`       DateTime64(3, 'UTC')
)
ENGINE = {{if .Cluster}}ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}', `At`){{else}}ReplacingMergeTree(`At`){{end}}
ORDER BY (`Source`, `Step`, `Hour`)
TTL `Hour` + INTERVAL {{.RetentionDays}} DAY
