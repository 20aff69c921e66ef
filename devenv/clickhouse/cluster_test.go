package main

import (
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// A Distributed table asks both shards, which tell themselves apart.
func TestADistributedTableHasTwoShards(t *testing.T) {
	conn := connect(t, startServer(t).options(clickhouse.Native))
	exec1(t, conn, "CREATE TABLE own ENGINE = MergeTree ORDER BY number AS SELECT * FROM numbers(10)")
	exec1(t, conn, "CREATE VIEW shard AS SELECT number FROM own WHERE number % 3 + 1 = shardNum()")
	exec1(t, conn, "CREATE TABLE both (number UInt64) ENGINE = Distributed(two_shards, default, shard)")
	if got := scalar[string](t, conn, t.Context(), "SELECT toString(groupArray((s, n))) FROM (SELECT _shard_num AS s, count() AS n FROM both GROUP BY s ORDER BY s)"); got != "[(1,4),(2,3)]" {
		t.Errorf("rows by shard are %s", got)
	}
}

// It stays empty: the Keeper in memory is there for the definition alone.
func TestATableThatReplicatesCanBeCreated(t *testing.T) {
	conn := connect(t, startServer(t).options(clickhouse.Native))
	exec1(t, conn, "CREATE TABLE r (n Int64) ENGINE = ReplicatedMergeTree('/tables/{database}/{table}/{shard}', '{replica}') ORDER BY n")
	if got := scalar[uint64](t, conn, t.Context(), "SELECT count() FROM r"); got != 0 {
		t.Errorf("%d rows", got)
	}
	wantException(t, conn.Exec(t.Context(), "CREATE DATABASE c ON CLUSTER two_shards"), 392)
}
