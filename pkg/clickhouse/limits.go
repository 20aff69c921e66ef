package clickhouse

import (
	"maps"
	"strconv"
	"time"

	driver "github.com/ClickHouse/clickhouse-go/v2"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// Limits that the data source's customSettings may change, in bytes.
const (
	maxResultBytes = 256 << 20 // what the plugin would hold in memory
	maxMemory      = 1 << 30   // in ClickHouse
)

// maxQuerySize is ClickHouse's own limit on a statement's text, in bytes: lists of names and networks may go beyond it.
const maxQuerySize = 256 << 10

// limits are the settings that a statement runs with, beside those that go with everything. A user with readonly=1 may set
// none: for them the pins must be what they are already.
func (c *Client) limits(server Server, s statement.Statement, o Origin, limit time.Duration) driver.Settings {
	set := c.newer(server)
	if server.Readonly == 1 {
		return set
	}
	set["max_result_bytes"] = maxResultBytes
	maps.Copy(set, c.bounds())
	set["fallback_to_stale_replicas_for_distributed_queries"] = 0 // events that a replica lacks are no answer, unless that is asked for
	if most := 2 * len(s.SQL); most > maxQuerySize {
		set["max_query_size"] = most
	}
	for name, value := range c.settings.Custom {
		set[name] = value
	}
	set["readonly"] = 2 // reads only, and the settings beside it may still be set
	set["max_execution_time"] = int(limit.Seconds())
	set["max_result_rows"] = c.mostRows(s)
	set["log_comment"] = o.comment()
	if c.settings.Protocol == settings.HTTP {
		set["cancel_http_readonly_queries_on_client_close"] = 1
	}
	return set
}

// bounds are a statement's limits on memory. Groups and sorting go on on disk before it ends: a week of millions of connections, few
// of which go to the same place, does not fit otherwise. ClickHouse advises a half of the memory, but groups on disk are dear: those
// of a week of 100 million connections take beaconing up to 0.85 GB, and on disk twice the time.
func (c *Client) bounds() driver.Settings {
	return driver.Settings{
		"max_memory_usage":                   maxMemory,
		"max_bytes_before_external_group_by": c.memory() / 3 * 2,
		"max_bytes_before_external_sort":     c.memory() / 2,
		// Of few rows that are left of many each block pays anew for its patterns: larger blocks than ClickHouse's megabyte cost
		// dynamic DNS half as much. They stay bounded, for a URL may be long.
		"preferred_block_size_bytes": 16 << 20,
	}
}

// mostRows bounds a statement's result: the settings' row limit, whatever the statement says, for it may return several
// rows for each thing that its own limit counts; and the one row more that shows a cut.
func (c *Client) mostRows(s statement.Statement) int {
	return max(c.settings.RowLimit, s.RowLimit) + 1
}

// memory is what a statement may use in ClickHouse, in bytes; 0 means all.
func (c *Client) memory() uint64 {
	own, err := strconv.ParseUint(c.settings.Custom["max_memory_usage"], 10, 64)
	if err != nil { // none, or with a unit
		return maxMemory
	}
	return own
}
