package clickhouse

import (
	driver "github.com/ClickHouse/clickhouse-go/v2"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// Limits that the data source's customSettings may change.
const (
	maxResultBytes = 256 << 20 // bytes: what the plugin would hold in memory
	maxMemory      = 1 << 30   // bytes in ClickHouse
)

// limits are the settings that a statement runs with: nil for a user with readonly=1, who may set none.
func (c *Client) limits(server Server, s statement.Statement, o Origin) driver.Settings {
	if server.Readonly == 1 {
		return nil
	}
	set := driver.Settings{"max_result_bytes": maxResultBytes, "max_memory_usage": maxMemory}
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
