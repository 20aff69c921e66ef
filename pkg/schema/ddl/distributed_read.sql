-- The rows of all shards, to be read: each shard fills its own. A bucket is complete once it is on every shard.
CREATE TABLE IF NOT EXISTS {{.Table}} ON CLUSTER {{.Cluster}} AS {{.Local}}
ENGINE = Distributed({{.ClusterText}}, {{.DatabaseText}}, {{.LocalText}})
