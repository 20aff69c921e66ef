-- What each run found: a row a finding, each with how many there are; a run that finds nothing has one row, of Place 0. A run is
-- believed where all of its rows are there.
CREATE TABLE IF NOT EXISTS {{.Runs}}
(
    `Question`     String CODEC(ZSTD(1)), -- what was asked, look-back and parameters included
    `QueryType`    LowCardinality(String) CODEC(ZSTD(1)),
    `Rule`         LowCardinality(String) CODEC(ZSTD(1)), -- the question's name for people
    `Run`          DateTime64(3, 'UTC') CODEC(ZSTD(1)), -- the end of the window that was looked at
    `Build`        Int64 CODEC(ZSTD(1)), -- tells runs of one time apart
    `RunEvery`     UInt32 CODEC(ZSTD(1)), -- seconds
    `Place`        UInt32 CODEC(Delta(4), ZSTD(1)),
    `RunFindings`  UInt64 CODEC(ZSTD(1)),
    `FindingKey`   String CODEC(ZSTD(1)),
    `FindingValue` Float64 CODEC(ZSTD(1)),
{{- range .Columns}}
    `{{.Name}}` {{.Type}} CODEC(ZSTD(1)),
{{- end}}
    `Finding`      String CODEC(ZSTD(1)) -- of these columns those of its detector, as JSON
)
ENGINE = MergeTree
PARTITION BY toStartOfHour(`Run`)
ORDER BY (`Question`, `Run`, `Build`, `Place`)
TTL toDateTime(`Run`) + INTERVAL {{.RunsHours}} HOUR
SETTINGS ttl_only_drop_parts = 1
