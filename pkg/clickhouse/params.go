package clickhouse

import (
	"strings"
	"time"

	driver "github.com/ClickHouse/clickhouse-go/v2"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// arguments hands a statement's parameters to the driver, which sends each beside the SQL.
func arguments(params []statement.Param) []any {
	list := make([]any, len(params))
	for i, p := range params {
		list[i] = driver.Named(p.Name, value(p))
	}
	return list
}

// value is a parameter in a form that the driver sends exactly. It would send an instant as seconds since the epoch,
// and ClickHouse takes the -0.001 of 23:59:59.999 on the last day of 1969 for 0.001: a date and time have no such gap,
// and the type of the parameter tells their zone.
func value(p statement.Param) any {
	if at, ok := p.Value.(time.Time); ok && strings.HasSuffix(p.Type, "'UTC')") {
		return at.UTC().Format("2006-01-02 15:04:05.000")
	}
	return p.Value
}
