package drill_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/drill"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/drill/drilltest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/indicators/intake/intaketest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/ledger/ledgertest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/runs"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/runs/runstest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

func TestMain(m *testing.M) { chtest.Main(m) }

// ground is an engine with all that drills write to, and events of somebody real.
func ground(t *testing.T) chtest.Server {
	t.Helper()
	engine := chtest.Database(t)
	engine.CreateTable(t, settings.DefaultTable)
	engine.Insert(t, settings.DefaultTable, chtest.Event{
		Timestamp: time.Now().Add(-time.Hour), DeviceID: "id-1", DeviceName: "WS-1", ActionType: "ConnectionSuccess", RemoteIP: "203.0.113.9", RemotePort: 443, RemoteURL: "site.example", Protocol: "Tcp",
	})
	intaketest.Make(t, engine)
	ledgertest.Fill(t, engine)
	ledgertest.FillDestinations(t, engine)
	return engine
}

// open makes a drill on the engine, with changes to the data source's settings; the steps that end are told to said.
func open(t *testing.T, engine chtest.Server, changes map[string]any, said func(step, what string)) drill.Drill {
	t.Helper()
	stored := map[string]any{}
	if err := json.Unmarshal(ledgertest.WithDestinations(t, ledgertest.With(t, intaketest.With(t, engine.JSON(settings.Native)))), &stored); err != nil {
		t.Fatal(err)
	}
	secrets := map[string]string{}
	for name, value := range changes {
		if name == "password" {
			secrets[name] = value.(string)
			continue
		}
		stored[name] = value
	}
	text, err := json.Marshal(stored)
	if err != nil {
		t.Fatal(err)
	}
	decoded, err := settings.Decode(text, secrets)
	if err != nil {
		t.Fatal(err)
	}
	client, err := clickhouse.New(decoded, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	table, err := client.EventsTable(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return drill.Drill{
		Client: client, Settings: decoded, Table: table, Wait: 5 * time.Second, Poll: 50 * time.Millisecond, Now: time.Now,
		Say: func(step string, _ time.Duration, what string) { said(step, what) },
	}
}

func quiet(string, string) {}

func TestEachDrillIsFoundAndLeavesNothingBehind(t *testing.T) {
	engine := ground(t)
	for _, k := range drill.Kinds() {
		t.Run(k.Name, func(t *testing.T) {
			var steps []string
			d := open(t, engine, nil, func(step, _ string) { steps = append(steps, step) })
			if err := d.Run(t.Context(), k); err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(steps, ", "); got != "rights, rule, write, detector, kept, data source, alert, notification, remove" {
				t.Errorf("the steps are %s", got)
			}
			drilltest.NothingIsLeft(t, engine, "afterwards")
		})
	}
}

// With kept findings the drill waits for a run to have it, and that goes as well.
func TestADrillIsKeptByARunAndRemovedFromItToo(t *testing.T) {
	engine := ground(t)
	runstest.Keep(t, engine)
	kind, _ := drill.Named("beacon")
	d := open(t, engine, nil, quiet)
	keeper, err := runs.Of(t.Context(), d.Client, d.Settings, d.Table)
	if err != nil {
		t.Fatal(err)
	}
	if err := keeper.Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
	found := false
	d.Wait = time.Minute
	d.Say = func(step string, _ time.Duration, what string) {
		switch step {
		case "detector":
			// ClickHouse's job, which runs every five minutes
			engine.Exec(t, "TRUNCATE TABLE "+statement.Qualified(engine.Database, schema.FindingsRunsName(settings.DefaultTable)))
			if err := keeper.Once(t.Context()); err != nil {
				t.Error(err)
			}
			ledgertest.FillDestinations(t, engine) // as its job does, which remembers no drill
		case "kept":
			found = strings.Contains(what, "a run has kept it")
		}
	}
	if err := d.Run(t.Context(), kind); err != nil {
		t.Fatal(err)
	}
	if !found {
		t.Error("no run has kept it")
	}
	drilltest.NothingIsLeft(t, engine, "afterwards")
}

func TestADrillThatIsKilledAtAnyStepLeavesNothingBehind(t *testing.T) {
	engine := ground(t)
	kind, _ := drill.Named("intel")
	for _, at := range []string{"rights", "rule", "write", "detector", "kept", "data source", "alert", "notification"} {
		ctx, kill := context.WithCancel(t.Context())
		d := open(t, engine, nil, func(step, _ string) {
			if step == at {
				kill()
			}
		})
		err := d.Run(ctx, kind)
		if at != "notification" && !errors.Is(err, context.Canceled) {
			t.Errorf("killed after %q: %v", at, err)
		}
		drilltest.NothingIsLeft(t, engine, "killed after "+at)
		kill()
	}
}

// One that could not clean up, as after SIGKILL, is cleaned by the next, or by hand.
func TestWhatAKilledDrillLeavesGoesWithTheNextOrByHand(t *testing.T) {
	engine := ground(t)
	leave := func() {
		engine.Insert(t, settings.DefaultTable, chtest.Event{Timestamp: time.Now(), DeviceID: "fluxhound-drill-dead", DeviceName: "fluxhound-drill-dead", ActionType: "ConnectionSuccess", RemoteIP: "203.0.113.250", RemoteURL: "fluxhound-drill-dead.x.example"})
		ledgertest.Move(t, engine, "fluxhound-drill-dead.x.example", "203.0.113.0/24")
	}
	leave()
	told := ""
	d := open(t, engine, nil, func(_, what string) { told = what })
	if err := d.Clean(t.Context()); err != nil || !strings.Contains(told, "rows of fluxhound-drill are removed") {
		t.Errorf("%v, %q", err, told)
	}
	drilltest.NothingIsLeft(t, engine, "by hand")
	leave()
	kind, _ := drill.Named("dynamicDns")
	if err := d.Run(t.Context(), kind); err != nil {
		t.Fatal(err)
	}
	drilltest.NothingIsLeft(t, engine, "with the next")
}

func TestABrokenPathFailsAndSaysWhere(t *testing.T) {
	engine := ground(t)
	for name, c := range map[string]struct {
		kind    string
		changes map[string]any
		want    []string
	}{
		"an allowlist that is too wide": {"beacon", map[string]any{"allowlist": []map[string]string{{"network": "203.0.113.0/24", "reason": "a mistake", "owner": "somebody"}}}, []string{"detector", "an entry of the allowlist hides it"}},
		"no table of indicators":        {"intel", map[string]any{"listTables": map[string]string{}}, []string{"write", "listTables.indicators"}},
		"no ledger of names":            {"repointed", map[string]any{"listTables": map[string]string{}}, []string{"write", "listTables.nameNetworks"}},
	} {
		kind, _ := drill.Named(c.kind)
		err := open(t, engine, c.changes, quiet).Run(t.Context(), kind)
		if !errors.Is(err, drill.ErrBroken) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, want := range c.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %q is not in %v", name, want, err)
			}
		}
		drilltest.NothingIsLeft(t, engine, name)
	}
	// a job that does not run any more
	runstest.Keep(t, engine)
	engine.Exec(t, "INSERT INTO "+statement.Identifier(engine.Database)+".`network_events_findings_runs` SELECT * REPLACE (Run - INTERVAL 30 MINUTE AS Run) FROM "+statement.Identifier(engine.Database)+".`network_events_findings_runs`")
	engine.Exec(t, "DELETE FROM "+statement.Identifier(engine.Database)+".`network_events_findings_runs` WHERE Run > now() - INTERVAL 20 MINUTE")
	kind, _ := drill.Named("beacon")
	if err := open(t, engine, map[string]any{"listTables": map[string]string{}}, quiet).Run(t.Context(), kind); !errors.Is(err, drill.ErrBroken) || !strings.Contains(err.Error(), "has not run since") {
		t.Errorf("a job that has stopped: %v", err)
	}
	drilltest.NothingIsLeft(t, engine, "a job that has stopped")
}

func TestWithoutARightTheGrantIsNamed(t *testing.T) {
	grants := []string{"SELECT ON *.*", "SHOW ON *.*"}
	engine := chtest.Start(t, chtest.WithUsers(
		chtest.User{Name: "reader", Password: "x", Grants: grants},
		chtest.User{Name: "deletes", Password: "x", Grants: append(grants[:2:2], "ALTER DELETE ON default.network_events")},
	))
	engine.CreateTable(t, settings.DefaultTable)
	kind, _ := drill.Named("beacon")
	for user, want := range map[string]string{"reader": "ALTER DELETE", "deletes": "INSERT"} {
		err := open(t, engine, map[string]any{"username": user, "password": "x", "listTables": map[string]string{}}, quiet).Run(t.Context(), kind)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "network_events") {
			t.Errorf("%s: %v, want an error that names %s", user, err, want)
		}
	}
}

func TestAtomicTestsAreWhole(t *testing.T) {
	all, err := drill.Atomics()
	if err != nil {
		t.Fatal(err)
	}
	techniques := map[string]bool{}
	for _, a := range all {
		techniques[a.Technique] = true
		given, examples := map[string]string{}, map[string]string{}
		for _, test := range a.Tests {
			if test.Name == "" || test.Description == "" || len(test.GUID) != 36 || test.Executor.Name != "sh" || test.Executor.Command == "" || len(test.Platforms) == 0 {
				t.Errorf("%s: %+v", a.File, test)
			}
			for name, of := range test.Arguments {
				given[name], examples[name] = "own.test", of.Default
				if of.Description == "" || of.Default == "" || of.Type == "" || !strings.Contains(test.Executor.Command, "#{"+name+"}") {
					t.Errorf("%s: the argument %s: %+v", a.File, name, of)
				}
			}
		}
		text, err := a.Commands(given)
		if err != nil || strings.Contains(text, "#{") || !strings.Contains(text, "own.test") {
			t.Errorf("%s: %v\n%s", a.File, err, text)
		}
		if _, err := a.Commands(nil); !errors.Is(err, drill.ErrArgument) {
			t.Errorf("%s without arguments: %v", a.File, err)
		}
		for name := range given {
			given[name] = `x"; rm -rf /; "`
			if _, err := a.Commands(given); !errors.Is(err, drill.ErrArgument) {
				t.Errorf("%s: a hostile %s: %v", a.File, name, err)
			}
			given[name] = "own.test"
		}
	}
	for _, want := range []string{"T1071.001", "T1071.004", "T1568.001", "T1568.002", "T1572"} {
		if !techniques[want] {
			t.Errorf("no test is of %s", want)
		}
	}
}
