package clickhouse_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// slow is a statement that sleeps for minutes, in small blocks.
func slow(t *testing.T) statement.Statement {
	t.Helper()
	return selecting(t, "SELECT toInt64(sum(sleepEachRow(0.05))) AS N FROM numbers(10000) SETTINGS max_block_size = 1", nil, column("N", statement.Integer))
}

// busy is a statement that computes for minutes, and sets nothing.
func busy(t *testing.T) statement.Statement {
	t.Helper()
	return selecting(t, "SELECT toInt64(count()) AS N FROM numbers(100000000000000) WHERE NOT ignore(cityHash64(number))", nil, column("N", statement.Integer))
}

func TestAClickHouseThatIsDownIsFoundOnceItIsUp(t *testing.T) {
	server := chtest.Start(t)
	overBoth(t, func(t *testing.T, protocol settings.Protocol) {
		server.Kill()
		client := connect(t, server.Settings(protocol))
		_, err := client.Query(t.Context(), one(t), clickhouse.Origin{})
		wantError(t, err, clickhouse.Network, "connect to ClickHouse at "+server.Address(protocol), "refused")
		server.Restart()
		run(t, client, one(t))
	})
}

func TestAClickHouseThatDiesDuringAStatementIsANetworkErrorAndIsFoundAgain(t *testing.T) {
	server := chtest.Start(t)
	overBoth(t, func(t *testing.T, protocol settings.Protocol) {
		client := connect(t, server.Settings(protocol))
		ended := inBackground(func() error {
			_, err := client.Query(t.Context(), slow(t), clickhouse.Origin{RefID: "dies"})
			return err
		})
		eventually(t, "the statement runs", func() bool { return len(running(t, server, "dies")) == 1 })
		server.Kill()
		wantError(t, <-ended, clickhouse.Network)
		server.Restart()
		run(t, client, one(t))
	})
}

func TestARestartedClickHouseCostsNoStatement(t *testing.T) {
	server := chtest.Start(t)
	overBoth(t, func(t *testing.T, protocol settings.Protocol) {
		client := connect(t, server.Settings(protocol))
		// Several statements at once leave several connections in the pool, all of which the restart breaks.
		var all []<-chan error
		for range 5 {
			all = append(all, inBackground(func() error {
				_, err := client.Query(t.Context(), one(t), clickhouse.Origin{})
				return err
			}))
		}
		for _, ended := range all {
			if err := <-ended; err != nil {
				t.Fatal(err)
			}
		}
		server.Kill()
		server.Restart()
		for range 10 {
			run(t, client, one(t))
		}
	})
}

func TestAStatementThatIsTooSlowIsATimeout(t *testing.T) {
	server := chtest.Shared(t)
	overBoth(t, func(t *testing.T, protocol settings.Protocol) {
		s := server.Settings(protocol)
		s.QueryTimeout = time.Second
		_, err := connect(t, s).Query(t.Context(), slow(t), clickhouse.Origin{RefID: "slow " + string(protocol)})
		wantError(t, err, clickhouse.Timeout, "queryTimeout")
		eventually(t, "the statement is gone", func() bool { return len(running(t, server, "slow "+string(protocol))) == 0 })
	})
}

func TestTheServersOwnErrorsHaveTheirCategories(t *testing.T) {
	server := chtest.Database(t)
	server.CreateTable(t, "network_events")
	table := server.Database + ".network_events"
	cases := []struct {
		name     string
		sql      string
		category clickhouse.Category
		says     string
	}{
		{"missing table", "SELECT toInt64(count()) AS N FROM " + server.Database + ".nothing", clickhouse.Schema, "fluxhound schema apply"},
		{"missing database", "SELECT toInt64(count()) AS N FROM nowhere.nothing", clickhouse.Schema, "fluxhound schema apply"},
		{"missing column", "SELECT toInt64(count(nothing)) AS N FROM " + table, clickhouse.Schema, "column mapping"},
		{"syntax", "SELECT FROM WHERE", clickhouse.Query, "code 62"},
		{"division", "SELECT toInt64(intDiv(1, 0)) AS N", clickhouse.Query, "code 153"},
		{"writing", "INSERT INTO " + table + " (Timestamp) VALUES (now())", clickhouse.Permission, "only read"},
		{"dropping", "DROP TABLE " + table, clickhouse.Permission, "only read"},
		{"memory", "SELECT toInt64(length(groupArray(number))) AS N FROM numbers(1000000000)", clickhouse.Limit, "max_memory_usage"},
		{"too many rows", "SELECT toInt64(number) AS N FROM numbers(100002)", clickhouse.Limit, "rowLimit"},
	}
	overBoth(t, func(t *testing.T, protocol settings.Protocol) {
		client := sharedClient(t, protocol)
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				_, err := client.Query(t.Context(), selecting(t, c.sql, nil, column("N", statement.Integer)), clickhouse.Origin{})
				wantError(t, err, c.category, c.says)
			})
		}
		t.Run("many groups go to disk instead", func(t *testing.T) {
			sql := "SELECT toInt64(sum(length(A))) AS N FROM (SELECT toString(number) AS S, groupUniqArray(S) AS A FROM numbers(5000000) GROUP BY S)"
			if got := run(t, client, selecting(t, sql, nil, column("N", statement.Integer))).Data[0].([]int64)[0]; got != 5_000_000 {
				t.Errorf("%d groups", got)
			}
		})
		t.Run("too many bytes", func(t *testing.T) {
			_, err := client.Query(t.Context(), selecting(t, "SELECT concat(repeat('x', 100000), toString(number)) AS S FROM numbers(3000)", nil, column("S", statement.Text)), clickhouse.Origin{})
			wantError(t, err, clickhouse.Limit, "rowLimit")
		})
		t.Run("as many rows as may be", func(t *testing.T) {
			if result := run(t, client, selecting(t, "SELECT toInt64(number) AS N FROM numbers(100001)", nil, column("N", statement.Integer))); result.Rows != 100_001 {
				t.Errorf("%d rows", result.Rows)
			}
		})
		t.Run("an error leaves the connection fit for the next statement", func(t *testing.T) { run(t, client, one(t)) })
	})
}

func TestAnExceptionAfterTheFirstRowsIsTheStatementsError(t *testing.T) {
	// 15 MB come before it: more than any buffer that would turn it into an error before the first row.
	sql := "SELECT concat(repeat('x', 1000), toString(throwIf(number = 15000, 'halfway'))) AS S FROM numbers(20000) SETTINGS max_block_size = 1000"
	overBoth(t, func(t *testing.T, protocol settings.Protocol) {
		_, err := sharedClient(t, protocol).Query(t.Context(), selecting(t, sql, nil, column("S", statement.Text)), clickhouse.Origin{})
		wantError(t, err, clickhouse.Query, "halfway")
	})
}

func TestACancelledStatementIsStoppedAndIsNoTimeout(t *testing.T) {
	server := chtest.Shared(t)
	overBoth(t, func(t *testing.T, protocol settings.Protocol) {
		client := sharedClient(t, protocol)
		ctx, cancel := context.WithCancel(t.Context())
		comment := "cancelled " + string(protocol)
		ended := inBackground(func() error {
			_, err := client.Query(ctx, slow(t), clickhouse.Origin{RefID: comment})
			return err
		})
		eventually(t, "the statement runs", func() bool { return len(running(t, server, comment)) == 1 })
		cancel()
		wantCancelled(t, <-ended)
		eventually(t, "the statement is gone", func() bool { return len(running(t, server, comment)) == 0 })
		run(t, client, one(t))
	})
}

func TestAStatementThatIsCancelledWhileItsRowsComeIsStopped(t *testing.T) {
	server := chtest.Shared(t)
	overBoth(t, func(t *testing.T, protocol settings.Protocol) {
		s := server.Settings(protocol)
		s.RowLimit = 1_000_000
		client := connect(t, s)
		ctx, cancel := context.WithCancel(t.Context())
		comment := "streams " + string(protocol)
		// Each row is large, so that the first ones come long before the last.
		sql := "SELECT concat(repeat('x', 100000), toString(sleepEachRow(0.02))) AS S FROM numbers(2500) SETTINGS max_block_size = 1"
		ended := inBackground(func() error {
			_, err := client.Query(ctx, selecting(t, sql, nil, column("S", statement.Text)), clickhouse.Origin{RefID: comment})
			return err
		})
		eventually(t, "some rows were read", func() bool {
			rows := running(t, server, comment)
			return len(rows) == 1 && rows[0] > 30
		})
		cancel()
		wantCancelled(t, <-ended)
		eventually(t, "the statement is gone", func() bool { return len(running(t, server, comment)) == 0 })
		run(t, client, one(t))
	})
}

func TestACallersDeadlineIsATimeoutAndStopsTheStatement(t *testing.T) {
	server := chtest.Shared(t)
	overBoth(t, func(t *testing.T, protocol settings.Protocol) {
		ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		defer cancel()
		comment := "deadline " + string(protocol)
		_, err := sharedClient(t, protocol).Query(ctx, slow(t), clickhouse.Origin{RefID: comment})
		wantError(t, err, clickhouse.Timeout, "caller's own time limit")
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("want context.DeadlineExceeded in the chain of %v", err)
		}
		eventually(t, "the statement is gone", func() bool { return len(running(t, server, comment)) == 0 })
	})
}

func TestClosingAClientStopsItsStatements(t *testing.T) {
	server := chtest.Shared(t)
	overBoth(t, func(t *testing.T, protocol settings.Protocol) {
		client, err := clickhouse.New(server.Settings(protocol), nil)
		if err != nil {
			t.Fatal(err)
		}
		comment := "closed " + string(protocol)
		ended := inBackground(func() error {
			_, err := client.Query(t.Context(), slow(t), clickhouse.Origin{RefID: comment})
			return err
		})
		eventually(t, "the statement runs", func() bool { return len(running(t, server, comment)) == 1 })
		if err := client.Close(); err != nil {
			t.Error(err)
		}
		wantError(t, <-ended, clickhouse.Network, "changed or removed")
		eventually(t, "the statement is gone", func() bool { return len(running(t, server, comment)) == 0 })
		_, err = client.Query(t.Context(), one(t), clickhouse.Origin{})
		wantError(t, err, clickhouse.Network, "changed or removed")
	})
}

// inBackground runs something and sends how it ended.
func inBackground(run func() error) <-chan error {
	ended := make(chan error, 1)
	go func() { ended <- run() }()
	return ended
}

// running returns, for each statement with the refId that runs on the server, how many rows it has read.
func running(t *testing.T, server chtest.Server, refID string) []int64 {
	t.Helper()
	client := connect(t, server.Settings(settings.Native))
	sql := "SELECT toInt64(read_rows) AS N FROM system.processes WHERE JSONExtractString(Settings['log_comment'], 'refId') = {refId:String}"
	return run(t, client, selecting(t, sql, map[string]any{"refId": refID}, column("N", statement.Integer))).Data[0].([]int64)
}

func wantCancelled(t *testing.T, err error) {
	t.Helper()
	if !errors.Is(err, context.Canceled) {
		t.Errorf("want context.Canceled, got %v", err)
	}
	if fault := new(clickhouse.Error); errors.As(err, &fault) {
		t.Errorf("a cancellation is nobody's fault, got category %s: %v", fault.Category, err)
	}
}

// wantNoSecret looks for the secret in all that an error can be made to say.
func wantNoSecret(t *testing.T, err error, secret string) {
	t.Helper()
	for e := err; e != nil; e = errors.Unwrap(e) {
		if said := fmt.Sprintf("%v %+v %s", e, e, e.Error()); strings.Contains(said, secret) {
			t.Errorf("the secret is in %T: %s", e, said)
		}
	}
}
