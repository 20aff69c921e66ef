-- The tables and views of every shard, so that a roll-up whose view is gone somewhere is noticed. It reads one replica a shard.
CREATE TABLE IF NOT EXISTS {{.Table}} ON CLUSTER {{.Cluster}}
(
    `database` String,
    `name`     String,
    `engine`   String,
    `uuid`     UUID
)
ENGINE = Distributed({{.ClusterText}}, 'system', 'tables')
