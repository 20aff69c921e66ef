package hours_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/hours"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
)

func TestATableWithoutHoursHasNone(t *testing.T) {
	b := newBench(t)
	if state, err := b.keeper.Look(t.Context()); err != nil || !cmp.Equal(state, hours.State{}) {
		t.Errorf("got %v and %v", state, err)
	}
}

func TestATableThatCannotHaveHoursIsRefused(t *testing.T) {
	const byDay = "ENGINE = MergeTree PARTITION BY toYYYYMMDD(Timestamp) ORDER BY Timestamp"
	for name, c := range map[string]struct{ create, why string }{
		"a nullable port":   {byDay + " AS SELECT * REPLACE (toNullable(RemotePort) AS RemotePort) FROM %s", "may be NULL"},
		"another engine":    {"ENGINE = ReplacingMergeTree PARTITION BY toYYYYMMDD(Timestamp) ORDER BY Timestamp AS SELECT * FROM %s", "ReplacingMergeTree"},
		"partitions":        {"ENGINE = MergeTree PARTITION BY toYYYYMM(Timestamp) ORDER BY Timestamp AS SELECT * FROM %s", "toYYYYMM"},
		"no partitions":     {"ENGINE = MergeTree ORDER BY Timestamp AS SELECT * FROM %s", `partitioned by ""`},
		"another time zone": {byDay + " AS SELECT * REPLACE (toDateTime64(Timestamp, 3, 'Asia/Kolkata') AS Timestamp) FROM %s", "UTC"},
		"Distributed":       {"AS %[1]s ENGINE = Distributed(" + clusterName + ", system, one)", eventsName + "_local"},
		"replicated":        {"ENGINE = ReplicatedMergeTree('/hours/" + "%[2]s" + "/{shard}', '{replica}') PARTITION BY toYYYYMMDD(Timestamp) ORDER BY tuple() AS SELECT * FROM %[1]s LIMIT 0", "on all replicas at once"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.server.Exec(t, "RENAME TABLE "+b.quoted("")+" TO "+b.quoted(" of old"))
			text := c.create
			if strings.Contains(text, "[2]") {
				text = fmt.Sprintf(text, b.quoted(" of old"), b.server.Database)
			} else {
				text = fmt.Sprintf(text, b.quoted(" of old"))
			}
			b.server.Exec(t, "CREATE TABLE "+b.quoted("")+" "+text)
			b.resolve(t, nil)
			if err := b.keeper.Apply(t.Context()); !errors.Is(err, hours.ErrUnfit) || !strings.Contains(err.Error(), c.why) {
				t.Errorf("got %v, want ErrUnfit with %q", err, c.why)
			}
		})
	}
}

func TestHoursOfAnotherKindAreNotUsed(t *testing.T) {
	for name, c := range map[string]struct{ harm, why string }{
		"the view is gone":          {"DROP TABLE " + "%s_valid", "_hours_valid is not there"},
		"a column has another type": {"ALTER TABLE " + "%s MODIFY COLUMN ReceivedBytes Nullable(UInt64)", "no column ReceivedBytes"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.apply(t)
			table := b.quoted(schema.HoursName(""))
			harm := strings.Replace(c.harm, "%s_valid", b.quoted(schema.HoursValidName("")), 1)
			b.server.Exec(t, strings.Replace(harm, "%s", table, 1))
			if state, err := b.keeper.Look(t.Context()); err != nil || state.There || !strings.Contains(state.Why, c.why) {
				t.Errorf("got %v and %v, want a word on %q", state, err, c.why)
			}
		})
	}
}
