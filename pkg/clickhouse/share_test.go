package clickhouse_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// draw is a statement that takes a while and answers a number that no other run answers.
func draw(t *testing.T, marker string, blocks int64) statement.Statement {
	t.Helper()
	return selecting(t, "SELECT toInt64(any(drawn) + max(slept)) AS Drawn FROM (SELECT rand64() AS drawn, '"+marker+"' AS m, sleepEachRow(0.1) AS slept FROM numbers({blocks:Int64})) SETTINGS max_block_size = 1",
		map[string]any{"blocks": blocks}, column("Drawn", statement.Integer))
}

func sharedOf(t *testing.T, keep time.Duration) (*clickhouse.Shared, *clickhouse.Client) {
	t.Helper()
	return sharedUntil(t, clickhouse.Keep{For: keep, Bytes: 1 << 20, Now: time.Now})
}

func sharedUntil(t *testing.T, keep clickhouse.Keep) (*clickhouse.Shared, *clickhouse.Client) {
	t.Helper()
	client := connect(t, chtest.Shared(t).Settings(settings.Native))
	shared := client.Share(keep)
	t.Cleanup(shared.Close)
	return shared, client
}

func drawn(t *testing.T, shared *clickhouse.Shared, s statement.Statement) int64 {
	t.Helper()
	result, err := shared.Query(t.Context(), s, clickhouse.Origin{})
	if err != nil {
		t.Fatal(err)
	}
	return result.Data[0].([]int64)[0]
}

func TestAHundredViewersOfOneStatementRunItOnce(t *testing.T) {
	shared, _ := sharedOf(t, 0)
	answers := make([]int64, 100)
	var viewers sync.WaitGroup
	for i := range answers {
		viewers.Go(func() { answers[i] = drawn(t, shared, draw(t, "hundred", 10)) })
	}
	viewers.Wait()
	for i, answer := range answers {
		if answer != answers[0] {
			t.Fatalf("viewer %d got %d, viewer 0 got %d: it ran more than once", i, answer, answers[0])
		}
	}
	if again := drawn(t, shared, draw(t, "hundred", 10)); again == answers[0] {
		t.Error("an answer was kept for 0 s")
	}
}

func TestAnAnswerIsKeptForAWhile(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	shared, _ := sharedUntil(t, clickhouse.Keep{For: time.Second, Bytes: 1 << 20, Now: func() time.Time { return now }})
	first := drawn(t, shared, draw(t, "kept", 1))
	if again := drawn(t, shared, draw(t, "kept", 1)); again != first {
		t.Error("the answer was not kept")
	}
	if other := drawn(t, shared, draw(t, "kept too", 1)); other == first {
		t.Error("another parameter got the same answer")
	}
	now = now.Add(time.Second)
	if again := drawn(t, shared, draw(t, "kept", 1)); again == first {
		t.Error("the answer was kept for longer")
	}
}

func TestAnAnswerThatWasGotAloneIsKept(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	shared, client := sharedUntil(t, clickhouse.Keep{For: time.Second, Bytes: 1 << 20, Now: func() time.Time { return now }})
	asked := draw(t, "alone", 1)
	if _, ok := shared.Kept(asked); ok {
		t.Error("it is kept before it was got")
	}
	for range 2 { // the newest is
		result, err := client.Query(t.Context(), asked, clickhouse.Origin{})
		if err != nil {
			t.Fatal(err)
		}
		shared.Put(asked, clickhouse.Origin{}, result)
		if kept, ok := shared.Kept(asked); !ok || kept != result {
			t.Errorf("kept: %v", ok)
		}
	}
	if _, ok := shared.Kept(draw(t, "another", 1)); ok {
		t.Error("another statement got the same answer")
	}
	now = now.Add(time.Second)
	if _, ok := shared.Kept(asked); ok {
		t.Error("it is kept for longer")
	}
}

func TestAViewerWhoLeavesDoesNotStopTheOthers(t *testing.T) {
	shared, client := sharedOf(t, 0)
	s := draw(t, "leaver", 20)
	ctx, leave := context.WithCancel(t.Context())
	left := make(chan error, 1)
	go func() {
		_, err := shared.Query(ctx, s, clickhouse.Origin{})
		left <- err
	}()
	eventually(t, "the statement runs", func() bool { return sharedRuns(t, client, "leaver") == 1 })
	stays := make(chan error, 1)
	go func() {
		_, err := shared.Query(t.Context(), s, clickhouse.Origin{})
		stays <- err
	}()
	time.Sleep(200 * time.Millisecond) // the second viewer has joined; if not, it runs the statement itself
	leave()
	if err := <-left; !errors.Is(err, context.Canceled) {
		t.Errorf("the viewer who left got %v", err)
	}
	if err := <-stays; err != nil {
		t.Errorf("the viewer who stayed got %v", err)
	}
}

func TestTheLastViewerWhoLeavesStopsTheStatement(t *testing.T) {
	shared, client := sharedOf(t, time.Minute)
	ctx, leave := context.WithCancel(t.Context())
	var viewers sync.WaitGroup
	for range 3 {
		viewers.Go(func() {
			if _, err := shared.Query(ctx, draw(t, "stopped", 10_000), clickhouse.Origin{}); !errors.Is(err, context.Canceled) {
				t.Errorf("got %v, want a cancellation", err)
			}
		})
	}
	eventually(t, "the statement runs", func() bool { return sharedRuns(t, client, "stopped") == 1 })
	leave()
	viewers.Wait()
	eventually(t, "the statement has stopped", func() bool { return sharedRuns(t, client, "stopped") == 0 })
}

func TestAnErrorIsNotKept(t *testing.T) {
	shared, client := sharedOf(t, time.Minute)
	s := selecting(t, "SELECT toInt64(N) AS N FROM "+chtest.Shared(t).Database+".share_late", nil, column("N", statement.Integer))
	if _, err := shared.Query(t.Context(), s, clickhouse.Origin{}); err == nil {
		t.Fatal("a missing table gave no error")
	}
	if err := client.Exec(t.Context(), "CREATE TABLE "+chtest.Shared(t).Database+".share_late ENGINE = Memory AS SELECT 1 AS N"); err != nil {
		t.Fatal(err)
	}
	if _, err := shared.Query(t.Context(), s, clickhouse.Origin{}); err != nil {
		t.Errorf("the error was kept: %v", err)
	}
}

// sharedRuns counts the statements in flight that draw under the marker.
func sharedRuns(t *testing.T, client *clickhouse.Client, marker string) int64 {
	t.Helper()
	return run(t, client, selecting(t, "SELECT toInt64(count()) AS N FROM system.processes WHERE query LIKE '%AS drawn, _' || {marker:String} || '_ AS m%' AND query NOT LIKE '%system.processes%'",
		map[string]any{"marker": marker}, column("N", statement.Integer))).Data[0].([]int64)[0]
}
