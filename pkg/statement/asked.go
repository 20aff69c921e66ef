package statement

import (
	"fmt"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
)

// fromAsked returns the source that asks, when it is read, which hours stand for their events: that of a statement which is kept and
// runs again and again.
func (s Source) fromAsked(by schema.AskedHours) Source {
	builds := standing(by)
	ceiling := "toStartOfHour({from:DateTime64(3, 'UTC')} + INTERVAL 3599999 MILLISECOND)"
	hours := "SELECT toDateTime(bitShiftRight(arrayJoin(" + builds + "), 32) * 3600, 'UTC')"
	// Whatever no hour stands for lies before the first whole hour or from here on, so that days before are not read at all.
	first := "(SELECT min(Start) FROM (SELECT toDateTime(arrayJoin(range(toUInt32(toUnixTimestamp(" + ceiling + ")), toUInt32(toUnixTimestamp({to:DateTime64(3, 'UTC')})) + 3600, 3600)), 'UTC') AS Start) WHERE Start NOT IN (" + hours + "))"
	at := s.raw(schema.Timestamp)
	s.parts = []part{
		{
			table: s.table.HoursTable(), asked: true, builds: []int64{},
			where: "t." + schema.HourStart + " >= {from:DateTime64(3, 'UTC')}\n  AND t." + schema.HourStart + " < {to:DateTime64(3, 'UTC')}\n  AND t." + schema.Build + " GLOBAL IN (SELECT arrayJoin(" + builds + "))",
		},
		{
			table: s.table, asked: true,
			where: fmt.Sprintf("%[1]s >= {from:DateTime64(3, 'UTC')}\n  AND %[1]s < {to:DateTime64(3, 'UTC')}\n  AND (%[1]s < %[2]s OR %[1]s >= %[3]s)\n  AND toStartOfHour(%[1]s) GLOBAL NOT IN (%[4]s)", at, ceiling, first, hours),
		},
	}
	return s
}

// standing renders the builds of the hours within the window that stand for their events on every shard. Each is the number of
// its hour and, in its lower half, of the run that made it. ClickHouse evaluates the same scalar subquery once in a statement.
func standing(by schema.AskedHours) string {
	return fmt.Sprintf("(SELECT groupArrayArray(Builds) FROM (SELECT Hour, groupArray(Build) AS Builds FROM %s.%s WHERE Hour >= {from:DateTime64(3, 'UTC')} AND Hour + INTERVAL 1 HOUR <= {to:DateTime64(3, 'UTC')} GROUP BY Hour HAVING min(Build) > 0 AND min(Rules = toUInt64(%d))))",
		Identifier(by.Database), Identifier(by.Valid), by.Rules)
}
