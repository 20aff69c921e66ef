package clickhouse

import (
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

// limits are the settings that a statement runs with: nil for a user with readonly=1, who may set none.
func (c *Client) limits(server Server, s statement.Statement, o Origin) driver.Settings {
	if server.Readonly == 1 {
		return nil
	}
	set := driver.Settings{"max_result_bytes": maxResultBytes, "max_memory_usage": maxMemory}
	// Half of the memory is for groups and sorting before they go on on disk: a week of millions of connections, few
	// of which go to the same place, does not fit otherwise.
	spill := c.memory() / 2
	set["max_bytes_before_external_group_by"], set["max_bytes_before_external_sort"] = spill, spill
	for name, value := range c.settings.Custom {
		set[name] = value
	}
	set["readonly"] = 2 // reads only, and the settings beside it may still be set
	set["max_execution_time"] = int(c.settings.QueryTimeout.Seconds())
	set["max_result_rows"] = c.mostRows(s)
	set["result_overflow_mode"] = "throw"
	set["log_comment"] = o.comment()
	if c.settings.Protocol == settings.HTTP {
		set["cancel_http_readonly_queries_on_client_close"] = 1
	}
	return set
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
