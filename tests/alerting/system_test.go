//go:build e2e

package alerting_test

import (
	"context"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/asn"
	"github.com/fluxhound/fluxhound-detections-datasource/internal/grafana"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

const root = "../.."

// externalURL is where users find this Grafana; notifications link there.
const externalURL = "https://grafana.example"

// The user that the data source connects as: one who may only read the events.
const (
	user     = "grafana"
	password = "right"
)

// stopped ends when somebody stops the program. It is one for all tests, so that none begins after that.
var stopped, _ = signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)

// system is a ClickHouse, a Grafana that is provisioned from the project's files, and the receiver of its notifications.
type system struct {
	ctx        context.Context // ends with the test, and when somebody stops it: then it fails and takes all parts down
	clickhouse chtest.Server
	inbox      *inbox
	options    grafana.Options
	grafana    *grafana.Server
	stops      []span // when it was being stopped
}

// span is from its first instant to its last.
type span struct{ from, to time.Time }

// start starts all parts on an empty events table. They stop with the test.
func start(t *testing.T, change ...func(*grafana.Options)) *system {
	t.Helper()
	s := prepare(t)
	for _, c := range change {
		c(&s.options)
	}
	s.run(t)
	return s
}

// prepare starts ClickHouse and says how Grafana is to start.
func prepare(t *testing.T) *system {
	t.Helper()
	if err := stopped.Err(); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	t.Cleanup(stop)
	context.AfterFunc(stopped, stop)
	s := &system{
		ctx: ctx,
		clickhouse: chtest.Start(t, chtest.WithUsers(chtest.User{
			Name: user, Password: password, Grants: []string{
				"SELECT ON default.network_events", "dictGet ON default." + asn.Dictionary,
				"SELECT ON default." + schema.IndicatorsTable, "dictGet ON default.indicators_networks", "dictGet ON default.indicators_names", "SELECT ON default." + schema.LedgerName(settings.DefaultTable),
				"SELECT ON default." + schema.FindingsRunsName(settings.DefaultTable), "SELECT ON default." + schema.FindingsName(settings.DefaultTable),
			},
		})),
		inbox: newInbox(t),
	}
	s.clickhouse.CreateTable(t, settings.DefaultTable)
	home, err := grafana.Find()
	if err != nil {
		t.Fatal(err)
	}
	s.options = grafana.Options{
		Home: home, Folder: t.TempDir(), Plugin: builtPlugin(t), Provisioning: provisioningFor(t),
		Environment: []string{
			"GF_SERVER_ROOT_URL=" + externalURL + "/",
			"GF_LOG_MODE=file", "GF_LOG_LEVEL=warn",
			// Grafana takes up a policy tree that was provisioned with the next poll; until then its own default is in force.
			"GF_UNIFIED_ALERTING_ALERTMANAGER_CONFIG_POLL_INTERVAL=1s",
			"FLUXHOUND_CLICKHOUSE_HOST=" + s.clickhouse.Address(settings.Native), "FLUXHOUND_CLICKHOUSE_PROTOCOL=native",
			"FLUXHOUND_CLICKHOUSE_USER=" + user, "FLUXHOUND_CLICKHOUSE_PASSWORD=" + password, "FLUXHOUND_CLICKHOUSE_DATABASE=default",
			"FLUXHOUND_WEBHOOK_URL=" + s.inbox.url + "/webhook", "FLUXHOUND_SLACK_URL=" + s.inbox.url + "/slack",
			"FLUXHOUND_EMAIL=soc@example.org",
		},
	}
	return s
}

// run runs Grafana until the test ends.
func (s *system) run(t *testing.T) {
	t.Helper()
	s.startGrafana(t)
	t.Cleanup(func() {
		s.stopGrafana(t)
		if t.Failed() {
			t.Logf("Grafana's log:\n%s", s.log(t))
		}
	})
}

func (s *system) startGrafana(t *testing.T) {
	t.Helper()
	var err error
	if s.grafana, err = grafana.Start(s.ctx, s.options); err != nil {
		t.Fatal(err)
	}
}

func (s *system) stopGrafana(t *testing.T) {
	t.Helper()
	from := time.Now()
	if err := s.grafana.Stop(); err != nil {
		t.Error(err)
	}
	s.stops = append(s.stops, span{from, time.Now()})
}

// log is everything that Grafana has logged.
func (s *system) log(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(s.options.Folder, "logs", "grafana.log"))
	if err != nil {
		t.Error(err)
	}
	return string(text)
}

// insert adds events; empty empties the table first.
func (s *system) insert(t *testing.T, events ...chtest.Event) {
	t.Helper()
	s.clickhouse.Insert(t, settings.DefaultTable, events...)
}

func (s *system) empty(t *testing.T) {
	t.Helper()
	s.clickhouse.Exec(t, "TRUNCATE TABLE "+settings.DefaultTable)
}

// builtPlugin is the plugin's folder as it ships.
func builtPlugin(t *testing.T) string {
	t.Helper()
	dist, err := filepath.Abs(filepath.Join(root, "dist"))
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"module.js", "plugin.json", filepath.Join("dashboards", "wall.json"), "gpx_fluxhound_" + runtime.GOOS + "_" + runtime.GOARCH} {
		if _, err := os.Stat(filepath.Join(dist, part)); err != nil {
			t.Fatalf("the plugin is not built: %v; `go tool mage e2e` builds it", err)
		}
	}
	// Grafana follows a link to the plugin's folder, and refuses a plugin with a link in it that leads elsewhere.
	if err := filepath.WalkDir(dist, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type()&fs.ModeSymlink != 0 {
			t.Errorf("%s is a link: what ships must be files", path)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return dist
}

// hang only ends a test that waits for what will not come; it measures nothing.
const hang = 5 * time.Minute

// eventually waits until check returns nil.
func (s *system) eventually(t *testing.T, check func() error) {
	t.Helper()
	deadline := time.Now().Add(hang)
	for {
		err := check()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("after %s: %v", hang, err)
		}
		select {
		case <-s.ctx.Done():
			t.Fatalf("%v: %v", s.ctx.Err(), err)
		case <-time.After(time.Second):
		}
	}
}
