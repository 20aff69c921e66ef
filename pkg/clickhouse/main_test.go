package clickhouse_test

import (
	"testing"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

func TestMain(m *testing.M) { chtest.Main(m) }

var protocols = []settings.Protocol{settings.Native, settings.HTTP}

// overBoth runs a test once for each protocol.
func overBoth(t *testing.T, test func(t *testing.T, protocol settings.Protocol)) {
	t.Helper()
	for _, protocol := range protocols {
		t.Run(string(protocol), func(t *testing.T) { test(t, protocol) })
	}
}

// connect makes a client that is closed when the test ends.
func connect(t *testing.T, s settings.Settings) *clickhouse.Client {
	t.Helper()
	client, err := clickhouse.New(s, nil)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	t.Cleanup(func() {
		if err := client.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return client
}

// sharedClient is a client of the shared server over the protocol.
func sharedClient(t *testing.T, protocol settings.Protocol) *clickhouse.Client {
	t.Helper()
	return connect(t, chtest.Shared(t).Settings(protocol))
}

// selecting makes a statement.
func selecting(t *testing.T, sql string, values map[string]any, columns ...statement.Column) statement.Statement {
	t.Helper()
	s, err := statement.New(sql, values, columns)
	if err != nil {
		t.Fatalf("statement %s: %v", sql, err)
	}
	return s
}

func column(name string, kind statement.Kind) statement.Column {
	return statement.Column{Name: name, Kind: kind}
}

// one is the statement SELECT 1.
func one(t *testing.T) statement.Statement {
	t.Helper()
	return selecting(t, "SELECT toInt64(1) AS One", nil, column("One", statement.Integer))
}

// run runs a statement that must succeed.
func run(t *testing.T, client *clickhouse.Client, s statement.Statement) *clickhouse.Result {
	t.Helper()
	result, err := client.Query(t.Context(), s, clickhouse.Origin{})
	if err != nil {
		t.Fatalf("%s: %v", s.SQL, err)
	}
	return result
}

// eventually waits for something that another process does; the bound only ends a hang.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if is() {
			return
		}
	}
	t.Fatalf("never: %s", what)
}
