package clickhouse

import (
	"errors"
	"strconv"

	driver "github.com/ClickHouse/clickhouse-go/v2"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// Limits that the data source's customSettings may change, in bytes.
const (
	maxResultBytes = 256 << 20 // what the plugin would hold in memory
	maxMemory      = 1 << 30   // in ClickHouse
)

// skipsShards is the setting that lets a cluster answer from the shards that can be reached.
const skipsShards = "skip_unavailable_shards"

// limits are the settings that a statement runs with: nil for a user with readonly=1, who may set none.
func (c *Client) limits(server Server, s statement.Statement, o Origin) driver.Settings {
	if server.Readonly == 1 {
		return nil
	}
	set := driver.Settings{"max_result_bytes": maxResultBytes, "max_memory_usage": maxMemory}
	// Groups and sorting go on on disk before the memory ends: a week of millions of connections, few of which go to the same
	// place, does not fit otherwise. ClickHouse advises a half of the memory, but groups on disk are dear: those of a week of
	// 100 million connections take beaconing up to 0.85 GB, and on disk twice the time.
	set["max_bytes_before_external_group_by"], set["max_bytes_before_external_sort"] = c.memory()/3*2, c.memory()/2
	if s.Numbers {
		set["max_bytes_before_external_group_by"] = c.memory() / 5 * 4
	}
	set["fallback_to_stale_replicas_for_distributed_queries"] = 0 // events that a replica lacks are no answer, unless that is asked for
	for name, value := range c.settings.Custom {
		set[name] = value
	}
	set["readonly"] = 2  // reads only, and the settings beside it may still be set
	set[skipsShards] = 0 // what some of the shards answer is no answer
	set["max_execution_time"] = int(c.settings.QueryTimeout.Seconds())
	set["max_result_rows"] = c.mostRows(s)
	set["result_overflow_mode"] = "throw"
	set["log_comment"] = o.comment()
	if c.settings.Protocol == settings.HTTP {
		set["cancel_http_readonly_queries_on_client_close"] = 1
	}
	return set
}

// partial is the error of a user who would be answered from some of the shards without being told, and may not change it.
func (s Server) partial(op string) error {
	if s.Readonly != 1 || !s.skipsShards {
		return nil
	}
	return &Error{
		Category: Permission, Op: op, Err: errors.New("the user's profile sets " + skipsShards + ", and readonly=1 does not let a statement unset it"),
		Hint: "Answers may silently lack the events of whole shards: remove " + skipsShards + " from the user's profile, or use readonly=2.",
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
