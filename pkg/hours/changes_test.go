package hours_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/beaconing"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

func (b *bench) quoted(suffix string) string {
	return statement.Qualified(b.server.Database, eventsName+suffix)
}

// do runs statements with the events table in place of EVENTS, and in place of DAY the partition of the day before yesterday.
func (b *bench) do(t *testing.T, statements ...string) {
	t.Helper()
	day := b.now.AddDate(0, 0, -2).Format("20060102")
	for _, text := range statements {
		b.server.Exec(t, strings.NewReplacer("EVENTS", b.quoted(""), "COPY", b.quoted(" copy"), "HOURS", b.quoted("_hours"), "DAY", day).Replace(text))
	}
}

// stands asserts that the hours that are valid hold what the events of these hours are, and returns how many they are.
func (b *bench) stands(t *testing.T, when string) int {
	t.Helper()
	table, _ := b.valid(t)
	builds, starts := []string{"0"}, []string{"0"}
	for _, h := range table.Hours() {
		builds, starts = append(builds, fmt.Sprint(h.Build)), append(starts, fmt.Sprint(h.Start.Unix()))
	}
	const group = "DeviceName, DeviceId, RemoteIP, RemoteUrl, ActionType, RemotePort, Protocol, InitiatingProcessFileName"
	const sums = "SELECT toString((count(), sum(cityHash64(" + group + ", Second)), sum(cityHash64(" + group + ", Size)))) AS Sums FROM "
	inHours := sums + "(SELECT *, arrayJoin(arrayZip(Seconds, arrayResize(arrayMap(size -> toNullable(size), Sizes), length(Seconds), NULL))) AS Both, Both.1 AS Second, Both.2 AS Size FROM " +
		b.quoted("_hours") + " WHERE Build IN (" + strings.Join(builds, ", ") + "))"
	inEvents := sums + "(SELECT *, toUInt32(toUnixTimestamp(Timestamp)) AS Second, toNullable(toInt64(SentBytes)) AS Size FROM " +
		b.quoted("") + " WHERE toUnixTimestamp(toStartOfHour(Timestamp)) IN (" + strings.Join(starts, ", ") + ") AND Timestamp > '2000-01-01' AND Timestamp < '2100-01-01')"
	if hours, events := b.text(t, inHours), b.text(t, inEvents); hours != events {
		t.Fatalf("%s: %d hours hold %s, and the events of these hours are %s", when, len(starts)-1, hours, events)
	}
	return len(starts) - 1
}

// text runs a statement that answers one text.
func (b *bench) text(t *testing.T, sql string) string {
	t.Helper()
	result, err := b.client.Query(t.Context(), statement.Statement{SQL: sql, Columns: []statement.Column{{Name: "Sums", Kind: statement.Text}}, RowLimit: 1}, clickhouse.Origin{})
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return result.Data[0].([]string)[0]
}

// kept makes events of three days and their hours, and an empty table like theirs.
func (b *bench) kept(t *testing.T) {
	t.Helper()
	b.insert(t, 500, -78*time.Hour, 0)
	b.apply(t)
	b.run(t)
	b.server.Exec(t, "CREATE TABLE "+b.quoted(" copy")+" AS "+b.quoted(""))
}

// Whatever is done to the events, hours answer as they do: before the job has run again, and after it, when all are hours again.
func TestWhateverIsDoneToTheEventsHoursAnswerAsTheyDo(t *testing.T) {
	const insert = "INSERT INTO EVENTS SELECT * REPLACE (Timestamp + INTERVAL 1 SECOND AS Timestamp) FROM EVENTS WHERE toYYYYMMDD(Timestamp) = DAY LIMIT 5"
	const fill = "INSERT INTO COPY SELECT * REPLACE ('c3.example.com' AS RemoteUrl) FROM EVENTS WHERE toYYYYMMDD(Timestamp) = DAY"
	for name, statements := range map[string][]string{
		"nothing":                 {},
		"late events":             {insert},
		"the same block again":    {"INSERT INTO EVENTS SETTINGS insert_deduplicate = 0 SELECT * FROM EVENTS WHERE toYYYYMMDD(Timestamp) = DAY LIMIT 5"},
		"an insert with a token":  {"ALTER TABLE EVENTS MODIFY SETTING non_replicated_deduplication_window = 100", strings.Replace(insert, "SELECT", "SETTINGS insert_deduplication_token = 'a' SELECT", 1), strings.Replace(insert, "SELECT", "SETTINGS insert_deduplication_token = 'a' SELECT", 1)},
		"an asynchronous insert":  {"INSERT INTO EVENTS (Timestamp, DeviceName, DeviceId, ActionType, RemoteIP, RemotePort) SETTINGS async_insert = 1, wait_for_async_insert = 1 VALUES (now() - 172800, 'late', 'late', 'ConnectionSuccess', '9.9.9.9', 443)"},
		"merges":                  {insert, "OPTIMIZE TABLE EVENTS FINAL"},
		"DROP PARTITION":          {"ALTER TABLE EVENTS DROP PARTITION DAY"},
		"DETACH and ATTACH":       {"ALTER TABLE EVENTS DETACH PARTITION DAY", "ALTER TABLE EVENTS ATTACH PARTITION DAY"},
		"DETACH alone":            {"ALTER TABLE EVENTS DETACH PARTITION DAY"},
		"ATTACH of another's":     {fill, "ALTER TABLE EVENTS ATTACH PARTITION DAY FROM COPY"},
		"REPLACE by another's":    {fill, "ALTER TABLE EVENTS REPLACE PARTITION DAY FROM COPY"},
		"REPLACE, then merges":    {fill, "ALTER TABLE EVENTS REPLACE PARTITION DAY FROM COPY", "OPTIMIZE TABLE EVENTS FINAL"},
		"MOVE to another":         {"ALTER TABLE EVENTS MOVE PARTITION DAY TO TABLE COPY"},
		"TRUNCATE":                {"TRUNCATE TABLE EVENTS"},
		"TRUNCATE and reload":     {"INSERT INTO COPY SELECT * FROM EVENTS", "TRUNCATE TABLE EVENTS", "INSERT INTO EVENTS SELECT * REPLACE ('c3.example.com' AS RemoteUrl) FROM COPY"},
		"TRUNCATE and merges":     {"INSERT INTO COPY SELECT * FROM EVENTS", "TRUNCATE TABLE EVENTS", "INSERT INTO EVENTS SELECT * REPLACE ('c3.example.com' AS RemoteUrl) FROM COPY", "OPTIMIZE TABLE EVENTS FINAL"},
		"a light DELETE":          {"DELETE FROM EVENTS WHERE RemotePort = 80"},
		"DELETE as a mutation":    {"ALTER TABLE EVENTS DELETE WHERE RemotePort = 80 SETTINGS mutations_sync = 2"},
		"DELETE and merges":       {"DELETE FROM EVENTS WHERE RemotePort = 80", "OPTIMIZE TABLE EVENTS FINAL"},
		"UPDATE as a mutation":    {"ALTER TABLE EVENTS UPDATE RemoteUrl = 'c3.example.com' WHERE RemotePort = 80 SETTINGS mutations_sync = 2"},
		"UPDATE by patches":       {"ALTER TABLE EVENTS MODIFY SETTING enable_block_number_column = 1, enable_block_offset_column = 1", insert, "OPTIMIZE TABLE EVENTS FINAL", "UPDATE EVENTS SET RemoteUrl = 'c3.example.com' WHERE RemotePort = 443"},
		"patches that are merged": {"ALTER TABLE EVENTS MODIFY SETTING enable_block_number_column = 1, enable_block_offset_column = 1", insert, "OPTIMIZE TABLE EVENTS FINAL", "UPDATE EVENTS SET RemoteUrl = 'c3.example.com' WHERE RemotePort = 443", "OPTIMIZE TABLE EVENTS FINAL"},
		"another table":           {"INSERT INTO COPY SELECT * REPLACE ('c3.example.com' AS RemoteUrl) FROM EVENTS", "EXCHANGE TABLES EVENTS AND COPY"},
		"events of a wrong clock": {"INSERT INTO EVENTS SELECT * REPLACE (Timestamp + INTERVAL 136 YEAR AS Timestamp) FROM EVENTS LIMIT 5", "INSERT INTO EVENTS SELECT * REPLACE (Timestamp - INTERVAL 80 YEAR AS Timestamp) FROM EVENTS LIMIT 5"},
		// so much later that the second of an hour comes again
		"events of a later round of seconds": {"INSERT INTO EVENTS SELECT * REPLACE (Timestamp + INTERVAL 4294967296 SECOND AS Timestamp) FROM EVENTS WHERE toYYYYMMDD(Timestamp) = DAY LIMIT 50", "INSERT INTO EVENTS SELECT * REPLACE (Timestamp + INTERVAL 1 SECOND AS Timestamp) FROM EVENTS WHERE toYYYYMMDD(Timestamp) = DAY"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.kept(t)
			before := b.stands(t, "before")
			if before < 50 {
				t.Fatalf("%d hours are read, want nearly all", before)
			}
			b.do(t, statements...)
			b.stands(t, "before the job")
			b.run(t)
			b.stands(t, "after the job")
			if _, others := b.valid(t); name != "another table" && len(others) > 2 { // the hour that is now, and the one before
				t.Errorf("%v are not made", others)
			}
		})
	}
}

// Histories of many such operations, with the job's steps anywhere between them, and cut off anywhere.
func TestHoursAnswerAsTheEventsDoAfterAnyHistory(t *testing.T) {
	const histories, operations = 2, 10
	for history := range uint64(histories) {
		t.Run(fmt.Sprint(history), func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.Rand = newRand(history)
			b.kept(t)
			var did []string
			used := 0
			for range operations {
				name, statements := b.operation()
				did = append(did, name)
				b.do(t, statements...)
				if step := b.IntN(5); step < 3 {
					did = append(did, fmt.Sprintf("step %d", step))
					if err := b.keeper.Step(t.Context(), step); err != nil {
						t.Fatal(did, err)
					}
				} else if step == 3 {
					did = append(did, "the job")
					b.run(t)
				}
				used += min(1, b.stands(t, strings.Join(did, ", ")))
			}
			t.Log(strings.Join(did, ", "))
			if used < operations/3 {
				t.Errorf("hours were read %d times: too few to prove anything", used)
			}
		})
	}
}

// operation is something that may be done to the events of a random day.
func (b *bench) operation() (name string, statements []string) {
	day := b.now.AddDate(0, 0, -b.IntN(4)).Format("20060102")
	all := [][]string{
		{"late events", "INSERT INTO EVENTS SELECT * REPLACE (Timestamp + INTERVAL 1 SECOND AS Timestamp) FROM EVENTS WHERE toYYYYMMDD(Timestamp) = " + day + " LIMIT 7"},
		{"events again", "INSERT INTO EVENTS SETTINGS insert_deduplicate = 0 SELECT * FROM EVENTS WHERE toYYYYMMDD(Timestamp) = " + day + " LIMIT 7"},
		{"merges", "OPTIMIZE TABLE EVENTS FINAL"},
		{"a light DELETE", fmt.Sprintf("DELETE FROM EVENTS WHERE toYYYYMMDD(Timestamp) = %s AND cityHash64(Timestamp, RemoteIP) %% 9 = %d", day, b.IntN(9))},
		{"an UPDATE", fmt.Sprintf("ALTER TABLE EVENTS UPDATE DeviceId = 'd%d' WHERE toYYYYMMDD(Timestamp) = %s AND RemotePort = 443 SETTINGS mutations_sync = 2", b.IntN(5), day)},
		{"DETACH", "ALTER TABLE EVENTS DETACH PARTITION " + day},
		{"DETACH and ATTACH", "ALTER TABLE EVENTS DETACH PARTITION " + day, "ALTER TABLE EVENTS ATTACH PARTITION " + day},
		{"a reload", "TRUNCATE TABLE COPY", "INSERT INTO COPY SELECT * REPLACE (concat(RemoteUrl, '.example.com') AS RemoteUrl) FROM EVENTS WHERE toYYYYMMDD(Timestamp) = " + day, "ALTER TABLE EVENTS DROP PARTITION " + day, "INSERT INTO EVENTS SELECT * FROM COPY"},
		{"REPLACE", "TRUNCATE TABLE COPY", "INSERT INTO COPY SELECT * REPLACE (concat(DeviceName, 'x') AS DeviceName) FROM EVENTS WHERE toYYYYMMDD(Timestamp) = " + day, "ALTER TABLE EVENTS REPLACE PARTITION " + day + " FROM COPY"},
	}
	chosen := all[b.IntN(len(all))]
	return chosen[0], chosen[1:]
}

// A job that is cut off behind any of its steps, and two at once, leave rows that nobody reads.
func TestAJobThatIsCutOffOrRunsTwiceHarmsNothing(t *testing.T) {
	for name, steps := range map[string][]int{
		"after the plan":              {0},
		"after the making":            {0, 1},
		"before the note of a change": {0, 1, 2, 0, 1},
		"made twice":                  {0, 1, 1, 2},
		"two at once":                 {0, 0, 1, 1, 2, 2},
		"noted without being made":    {0, 2},
		"without a plan":              {1, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.insert(t, 300, -60*time.Hour, -20*time.Hour)
			b.apply(t)
			for _, step := range steps {
				if err := b.keeper.Step(t.Context(), step); err != nil {
					t.Fatal(err)
				}
				b.stands(t, fmt.Sprint("after step ", step))
			}
			b.run(t)
			if n := b.stands(t, "after the job"); n < 30 {
				t.Errorf("%d hours are read", n)
			}
		})
	}
}

// An hour of which only some rows were written is not noted.
func TestAnHourThatIsHalfWrittenIsNotNoted(t *testing.T) {
	b := newBench(t)
	b.insert(t, 300, -60*time.Hour, -20*time.Hour)
	b.apply(t)
	for step := range 3 {
		if err := b.keeper.Step(t.Context(), step); err != nil {
			t.Fatal(err)
		}
		if step == 1 {
			b.do(t, "ALTER TABLE HOURS DELETE WHERE RemotePort = 443 SETTINGS mutations_sync = 2")
		}
	}
	half := b.stands(t, "half written")
	b.run(t)
	if all := b.stands(t, "after the job"); half >= all {
		t.Errorf("%d hours were read when half of their rows were there, and %d after the job", half, all)
	}
}

// Between the plan and the note, and between the making and the note, the events may change.
func TestEventsThatChangeWhileTheJobRunsAreNotMissed(t *testing.T) {
	for name, change := range map[string]string{
		"an insert":            "INSERT INTO EVENTS SELECT * REPLACE (Timestamp + INTERVAL 1 SECOND AS Timestamp) FROM EVENTS LIMIT 5",
		"an UPDATE":            "ALTER TABLE EVENTS UPDATE RemoteUrl = 'c3.example.com' WHERE 1 SETTINGS mutations_sync = 2",
		"a DELETE":             "DELETE FROM EVENTS WHERE RemotePort = 443",
		"DROP of a partition":  "ALTER TABLE EVENTS DROP PARTITION DAY",
		"REPLACE by another's": "ALTER TABLE EVENTS REPLACE PARTITION DAY FROM COPY",
	} {
		for behind := range 2 {
			t.Run(fmt.Sprintf("%s, behind step %d", name, behind), func(t *testing.T) {
				t.Parallel()
				b := newBench(t)
				b.insert(t, 300, -60*time.Hour, -20*time.Hour)
				b.server.Exec(t, "CREATE TABLE "+b.quoted(" copy")+" AS "+b.quoted(""))
				b.do(t, "INSERT INTO COPY SELECT * REPLACE ('c3.example.com' AS RemoteUrl) FROM EVENTS")
				b.apply(t)
				for step := range 3 {
					if err := b.keeper.Step(t.Context(), step); err != nil {
						t.Fatal(err)
					}
					if step == behind {
						b.do(t, change)
					}
					b.stands(t, fmt.Sprint("after step ", step))
				}
				b.run(t)
				b.stands(t, "after the job")
			})
		}
	}
}

// Rows that somebody takes away, and hours of other columns or another table, are not read.
func TestHoursThatAreNotWholeAreNotRead(t *testing.T) {
	for name, statements := range map[string][]string{
		"truncated":        {"TRUNCATE TABLE HOURS"},
		"a partition gone": {"ALTER TABLE HOURS DROP PARTITION DAY"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.kept(t)
			all := b.stands(t, "before")
			b.do(t, statements...)
			if n := b.stands(t, "without rows"); n >= all {
				t.Errorf("%d of %d hours are read", n, all)
			}
			b.run(t)
			if n := b.stands(t, "made again"); n != all {
				t.Errorf("%d of %d hours are read", n, all)
			}
		})
	}
	t.Run("a column is mapped to another", func(t *testing.T) {
		b := newBench(t)
		b.kept(t)
		b.resolve(t, map[string]string{schema.DeviceName: "DeviceId"})
		if table, others := b.valid(t); len(table.Hours()) > 0 || len(others) < 60 {
			t.Errorf("%d hours are read, and %d are not", len(table.Hours()), len(others))
		}
		b.apply(t)
		b.run(t)
		table, _ := b.valid(t)
		if b.same(t, beaconing.Detector{}, b.question(beaconing.Detector{}.Spec()), table); len(table.Hours()) < 60 {
			t.Errorf("made again, %d hours are read", len(table.Hours()))
		}
	})
}

// What was planned for other columns, and cannot be made any more, keeps nobody waiting.
func TestAnEarlierMappingsPlansAreForgotten(t *testing.T) {
	b := newBench(t)
	b.kept(t)
	b.do(t, "INSERT INTO EVENTS SELECT * REPLACE (Timestamp + INTERVAL 1 SECOND AS Timestamp) FROM EVENTS WHERE toYYYYMMDD(Timestamp) = DAY LIMIT 5")
	if err := b.keeper.Step(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	b.do(t, "ALTER TABLE EVENTS DROP PARTITION DAY")
	b.resolve(t, map[string]string{schema.DeviceName: "DeviceId"})
	b.apply(t)
	b.run(t)
	if table, _ := b.valid(t); len(table.Hours()) < 30 {
		t.Errorf("%d hours are read", len(table.Hours()))
	}
}

// A round makes as much as fits into memory; the next goes on.
func TestHoursAreMadeInSeveralRounds(t *testing.T) {
	b := newBench(t)
	b.insert(t, 1000, -78*time.Hour, 0)
	b.apply(t)
	rounds := 0
	if err := b.keeper.Taking(400).Run(t.Context(), func(int) { rounds++ }); err != nil {
		t.Fatal(err)
	}
	if n := b.stands(t, "after the rounds"); rounds < 2 || n < 60 {
		t.Errorf("%d hours in %d rounds", n, rounds)
	}
}

// An hour into which events keep coming is not made at each run: until then its events are read.
func TestAnHourThatKeepsChangingIsNotMadeAtEachRun(t *testing.T) {
	b := newBench(t)
	b.insert(t, 300, -60*time.Hour, -20*time.Hour)
	b.apply(t)
	b.run(t)
	all := b.stands(t, "before")
	for range 3 {
		b.do(t, "INSERT INTO EVENTS SELECT * REPLACE (Timestamp + INTERVAL 1 MILLISECOND AS Timestamp) FROM EVENTS ORDER BY Timestamp LIMIT 1")
		noted, err := b.keeper.Once(t.Context())
		if err != nil || noted > 0 {
			t.Fatalf("%d hours are made anew, %v", noted, err)
		}
		if n := b.stands(t, "after the run"); n != all-1 {
			t.Errorf("%d hours are read, want %d", n, all-1)
		}
	}
	if noted := b.run(t); noted != 1 {
		t.Errorf("%d hours are made when that is asked for", noted)
	}
}
