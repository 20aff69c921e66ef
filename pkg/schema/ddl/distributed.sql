-- The rows of all shards. An event belongs to the shard of its device, so that everything about one device lies on one
-- shard: each group of beaconing (by name or by host) and of fast flux by hour. Dynamic DNS and fast flux by host
-- look at names over all devices: their groups have parts on every shard.
CREATE TABLE IF NOT EXISTS {{.Table}} ON CLUSTER {{.Cluster}} AS {{.Local}}
ENGINE = Distributed({{.ClusterText}}, {{.DatabaseText}}, {{.LocalText}}, cityHash64(`DeviceId`))
