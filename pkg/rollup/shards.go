package rollup

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
)

// Engines of tables that are more than one server's.
const (
	distributed = "Distributed"
	replicated  = "ReplicatedMergeTree"
)

// overShards are the tables beside a Distributed events table that are Distributed as well, each over what has its suffix
// on the shards.
func overShards(table string) []string {
	names := []string{schema.CoverageName(table)}
	for _, g := range schema.RollupTables() {
		names = append(names, g.Table(table))
	}
	return names
}

// missingTables are those that a Distributed events table lacks: the views that fill roll-ups are on the shards.
func missingTables(table string, s state) []string {
	var missing []string
	for _, name := range append(overShards(table), schema.RollupTablesName(table)) {
		if _, there := s.full[name]; !there {
			missing = append(missing, name)
		}
	}
	return missing
}

// completeOnShards reads which spans are complete on every shard. One replica of each is asked.
func (k Keeper) completeOnShards(ctx context.Context, s state) (spans map[schema.Grain][]schema.Span, why string, err error) {
	if why := k.astray(s); why != "" {
		return nil, why, nil
	}
	shards, why, err := k.shards(ctx)
	if why != "" || err != nil {
		return nil, why, err
	}
	rows, err := k.texts(ctx, "SELECT toString(_shard_num) AS Shard, Source, toString(Grain) AS Grain, toString(toUnixTimestamp64Milli(From)) AS From, toString(toUnixTimestamp64Milli(To)) AS To FROM "+k.coverage(),
		nil, "Shard", "Source", "Grain", "From", "To")
	if err != nil {
		return nil, "", err
	}
	first := true
	for shard, local := range shards {
		var own [][]string
		for _, row := range rows {
			if row[0] == shard && row[1] == local.source {
				own = append(own, row[2:])
			}
		}
		covered, err := spansOf(own)
		if err != nil {
			return nil, "", err
		}
		if len(covered) == 0 {
			return nil, fmt.Sprintf("no bucket of shard %s is complete for this table and column mapping; run `fluxhound schema apply --rollups` on each shard, with %s as the table", shard, schema.LocalName(k.table.Name)), nil
		}
		if first {
			spans, first = covered, false
			continue
		}
		for _, g := range schema.AllGrains() {
			spans[g] = schema.CommonSpans(spans[g], covered[g])
		}
	}
	return spans, "", nil
}

// astray says which table is Distributed over something else than the shards' own: what is complete there says nothing
// about the events here. Nothing where all are in order.
func (k Keeper) astray(s state) string {
	cluster := ""
	for _, name := range append([]string{k.table.Name}, overShards(k.table.Name)...) {
		local := schema.LocalName(k.table.Name) + strings.TrimPrefix(name, k.table.Name)
		head, _, found := strings.Cut(s.full[name], ", "+text(k.table.Database)+", "+text(local))
		if !found || !strings.HasPrefix(head, distributed+"(") || cluster != "" && head != cluster {
			return fmt.Sprintf("%s is not Distributed over %s on the events' cluster", name, local)
		}
		cluster = head
	}
	return ""
}

// shards returns by number what system.tables of each shard says; why tells what is wrong on one of them.
func (k Keeper) shards(ctx context.Context) (shards map[string]state, why string, err error) {
	local := schema.LocalName(k.table.Name)
	rows, err := k.texts(ctx, "SELECT toString(_shard_num) AS Shard, toString(shardCount()) AS Shards, name AS Name, engine AS Engine, toString(uuid) AS Id FROM "+
		k.quoted(schema.RollupTablesName(k.table.Name))+" WHERE database = {database:String} AND name IN {names:Array(String)}",
		map[string]any{"database": k.table.Database, "names": append(companions(local), local)}, "Shard", "Shards", "Name", "Engine", "Id")
	if err != nil {
		return nil, "", err
	}
	if len(rows) == 0 {
		return nil, fmt.Sprintf("no shard has %s, or the user may not see it", local), nil
	}
	tables := map[string][][]string{}
	for _, row := range rows {
		tables[row[0]] = append(tables[row[0]], append(row[2:], ""))
	}
	count, err := strconv.Atoi(rows[0][1])
	if err != nil {
		return nil, "", err
	}
	if len(tables) < count {
		return nil, fmt.Sprintf("%d of %d shards have no %s, or the user may not see it", count-len(tables), count, local), nil
	}
	shards = map[string]state{}
	for shard, of := range tables {
		s, err := k.read(local, of)
		if err != nil {
			return nil, "", err
		}
		if s.source == "" {
			s.absent = append(s.absent, local)
		}
		if why := s.unusable(); why != "" {
			return nil, fmt.Sprintf("on shard %s, %s", shard, why), nil
		}
		shards[shard] = s
	}
	return shards, "", nil
}
