// Package another adds a detector and a list to the plugin, each by a folder and its line of the catalog, and asks the plugin
// that is built of it.
package another

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/host"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

func TestMain(m *testing.M) { chtest.Main(m) }

const module = "github.com/fluxhound/fluxhound-detections-datasource"

// addition is a folder that is added to the tree, and the line after which its own stands.
type addition struct{ from, folder, catalog, after, line string }

var additions = []addition{
	{"testdata/detector", "pkg/detect/watched", "pkg/detect/catalog/catalog.go", "fastflux.Detector{Site: site},", "watched.Detector{Site: site},"},
	{"testdata/list", "pkg/lists/watched", "pkg/lists/every/every.go", "asn.List{},", "watched.List{},"},
}

// build builds the plugin from the tree with the additions, which the tree itself never gets: the compiler lays them over it.
func build(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	replace := map[string]string{}
	for i, a := range additions {
		files, err := filepath.Glob(filepath.Join(a.from, "*"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", a.from, len(files), err)
		}
		for _, file := range files {
			replace[filepath.Join(root, a.folder, filepath.Base(file))] = absolute(t, file)
		}
		catalog := filepath.Join(root, a.catalog)
		text, err := os.ReadFile(catalog)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Count(string(text), a.after) != 1 {
			t.Fatalf("%s has no place for a line: %s", a.catalog, text)
		}
		with := strings.Replace(string(text), a.after, a.after+"\n\t\t"+a.line, 1)
		with = strings.Replace(with, "import (", "import (\n\t\""+module+"/"+a.folder+"\"", 1)
		own := filepath.Join(dir, fmt.Sprintf("catalog%d.go", i))
		if err := os.WriteFile(own, []byte(with), 0o600); err != nil {
			t.Fatal(err)
		}
		replace[catalog] = own
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(path, overlay, 0o600); err != nil {
		t.Fatal(err)
	}
	executable := filepath.Join(dir, "gpx_fluxhound")
	command := exec.CommandContext(t.Context(), "go", "build", "-overlay", path, "-o", executable, module+"/pkg")
	command.Dir = root
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("build the plugin with another detector: %v\n%s", err, output)
	}
	return executable
}

func absolute(t *testing.T, path string) string {
	t.Helper()
	full, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return full
}

var noon = time.Date(2026, 3, 8, 12, 0, 0, 0, time.UTC)

type plugin struct {
	*host.Host
	source host.DataSource
}

var administrator = &backend.User{Login: "admin", Role: "Admin"}

func (p plugin) ask(t *testing.T, query string) data.Frames {
	t.Helper()
	res, err := p.QueryData(t.Context(), &backend.QueryDataRequest{
		PluginContext: p.source.PluginContext(administrator),
		Queries: []backend.DataQuery{{
			RefID: "A", JSON: []byte(query), Interval: time.Minute, MaxDataPoints: 100, TimeRange: backend.TimeRange{From: noon.Add(-time.Hour), To: noon},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := res.Responses["A"].Error; err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return res.Responses["A"].Frames
}

// column returns a field of the only frame, as texts.
func column(t *testing.T, frames data.Frames, name string) []string {
	t.Helper()
	if len(frames) != 1 {
		t.Fatalf("got %d frames", len(frames))
	}
	field, _ := frames[0].FieldByName(name)
	if field == nil {
		t.Fatalf("there is no field %s", name)
	}
	var texts []string
	for i := range field.Len() {
		if value, ok := field.ConcreteAt(i); ok {
			texts = append(texts, fmt.Sprint(value))
		}
	}
	return texts
}

func TestAnotherDetectorAndListAreAFolderAndALineEach(t *testing.T) {
	server := chtest.Database(t)
	server.CreateTable(t, settings.DefaultTable)
	server.Exec(t, "CREATE TABLE "+server.Database+".addresses (Address String) ENGINE = Memory")
	server.Exec(t, "INSERT INTO "+server.Database+".addresses VALUES ('203.0.113.7'), ('203.0.113.8'), ('nowhere')")
	var events []chtest.Event
	for i, address := range []string{"203.0.113.7", "203.0.113.7", "203.0.113.8", "198.51.100.1"} {
		events = append(events, chtest.Event{
			Timestamp: noon.Add(-time.Duration(i+1) * time.Minute), DeviceID: fmt.Sprintf("d%d", i/2), DeviceName: fmt.Sprintf("WS-%d", i/2),
			ActionType: "ConnectionSuccess", RemoteIP: address, RemotePort: 443, RemoteURL: "x.example", InitiatingProcessFileName: "p.exe",
		})
	}
	server.Insert(t, settings.DefaultTable, events...)
	stored := map[string]any{}
	if err := json.Unmarshal(server.JSON(settings.Native), &stored); err != nil {
		t.Fatal(err)
	}
	stored["listTables"] = map[string]string{"watched": "addresses", "watchd": "addresses"}
	stored["allowlist"] = []any{map[string]string{"device": "WS-1", "detector": "watched", "reason": "r", "owner": "o"}}
	text, err := json.Marshal(stored)
	if err != nil {
		t.Fatal(err)
	}
	h, err := host.Start(t.Context(), build(t), host.WithLog(t.Output()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.Close)
	p := plugin{h, host.DataSource{UID: "fluxhound", Name: "Fluxhound", JSONData: text}}

	// Its findings, with the list's addresses, the severity that it declares, and without what an entry that names it hides.
	frames := p.ask(t, `{"queryType":"watched","format":"table"}`)
	if got := column(t, frames, "RemoteIP"); fmt.Sprint(got) != "[203.0.113.7]" {
		t.Errorf("found %q", got)
	}
	if got := column(t, frames, "Severity"); fmt.Sprint(got) != "[high]" {
		t.Errorf("severity %q", got)
	}
	if got := column(t, p.ask(t, `{"queryType":"watched","format":"table","allowlist":"ignore"}`), "RemoteIP"); len(got) != 2 {
		t.Errorf("with what the allowlist hides: %q", got)
	}
	// In the union, under its name and with its parameters.
	if got := column(t, p.ask(t, `{"queryType":"alerts","format":"table"}`), "AlertType"); fmt.Sprint(got) != "[WatchedAddress]" {
		t.Errorf("the union has %q", got)
	}
	if got := column(t, p.ask(t, `{"queryType":"alerts","format":"table","params":{"watched.minConnections":3}}`), "AlertType"); len(got) != 0 {
		t.Errorf("the union with its parameter has %q", got)
	}
	// As numbers of alert rules and as series.
	numeric := p.ask(t, `{"queryType":"watched","format":"numeric"}`)
	if got := numeric[0].Fields[len(numeric[0].Fields)-1]; got.Labels["remote_ip"] != "203.0.113.7" || got.Labels["device"] != "WS-0" {
		t.Errorf("labels %v", got.Labels)
	}
	if series := p.ask(t, `{"queryType":"watched","format":"timeseries"}`); len(series) == 0 {
		t.Error("there is no series")
	}
	// The editor knows it, and so does what the events can be used for.
	res, err := p.CallResource(t.Context(), &backend.CallResourceRequest{PluginContext: p.source.PluginContext(administrator), Path: "detectors", URL: "detectors", Method: "GET"})
	if err != nil || !strings.Contains(string(res.Body), `"WatchedAddress"`) {
		t.Errorf("the editor is told %.200s, %v", res.Body, err)
	}
	if got := column(t, p.ask(t, `{"queryType":"dataQuality","format":"table"}`), "Detector"); !strings.Contains(fmt.Sprint(got), "Watched addresses") {
		t.Errorf("the profile has %q", got)
	}
	// Save & test tells of the list and its faults, and of a name that is no list's.
	health, err := p.CheckHealth(t.Context(), &backend.CheckHealthRequest{PluginContext: p.source.PluginContext(administrator)})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`\"nowhere\" is no address`, "2 addresses are watched.", "listTables.watchd: there is no list of this name"} {
		if !strings.Contains(string(health.JSONDetails), want) {
			t.Errorf("Save & test says nothing of %s: %s", want, health.JSONDetails)
		}
	}
}
