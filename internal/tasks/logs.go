package tasks

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/dashboards"
	"github.com/fluxhound/fluxhound-detections-datasource/internal/hunt"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/ingest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/sources"
)

// openLogs starts a ClickHouse with the logs of some folders, as a hunt does: one reads the other's data.
func (p Project) openLogs(ctx context.Context, logs Logs) (*hunt.Data, error) {
	known, err := ingest.Load(sources.Files)
	if err != nil {
		return nil, err
	}
	inside, err := settings.NetworksOf(logs.Internal, settings.PrivateNetworks())
	if err != nil {
		return nil, fmt.Errorf("read --internal: %w", err)
	}
	say := func(format string, args ...any) { fmt.Fprintf(p.Out, format+"\n", args...) }
	data, err := hunt.OpenData(ctx, hunt.Options{
		Paths: logs.Folders, Sources: known, Internal: inside, ASN: logs.ASN, Engine: p.path(toolFolder, engineName), Root: p.Root,
		Folder: p.path(huntFolder), Say: say, Progress: nowAndThen(say),
	})
	if data != nil {
		for _, gap := range data.Gaps() {
			say("            %s", gap)
		}
	}
	if err != nil && data != nil {
		return nil, errors.Join(fmt.Errorf("import %s: %w", strings.Join(logs.Folders, ", "), err), data.Close())
	}
	return data, err
}

// nowAndThen tells how far an import is, every ten seconds.
func nowAndThen(say func(format string, args ...any)) func(ingest.Progress) {
	last := time.Now()
	return func(p ingest.Progress) { // an import tells one at a time
		if time.Since(last) < 10*time.Second {
			return
		}
		last = time.Now()
		if p.Making {
			say("            making events: %d of %d hours", p.Made, p.Hours)
			return
		}
		say("            %d records read", p.Records)
	}
}

// provisionLogs writes a folder for Grafana to be provisioned from: the data source as it ships, and the dashboards over the logs' own
// span. Alert rules ask about now, and stay out. It returns the folder.
func (p Project) provisionLogs(folder string, from, to time.Time) (string, error) {
	provisioning, boards := filepath.Join(folder, "provisioning"), filepath.Join(folder, "dashboards")
	source, err := os.ReadFile(p.path("provisioning", "datasources", "fluxhound.yaml"))
	if err != nil {
		return "", err
	}
	provider, err := json.Marshal(map[string]any{"apiVersion": 1, "providers": []any{map[string]any{ // JSON is YAML as well
		"name": "Fluxhound", "folder": "Fluxhound", "type": "file", "options": map[string]any{"path": boards},
	}}})
	if err != nil {
		return "", err
	}
	files := map[string][]byte{
		filepath.Join(provisioning, "datasources", "fluxhound.yaml"): source,
		filepath.Join(provisioning, "dashboards", "fluxhound.yaml"):  provider,
	}
	for _, file := range dashboards.Files() {
		file.Dashboard.Time = dashboards.TimeRange{From: instant(from), To: instant(to)}
		file.Dashboard.Refresh = "" // the logs do not change
		text, err := file.JSON()
		if err != nil {
			return "", err
		}
		files[filepath.Join(boards, file.Name)] = text
	}
	for path, text := range files {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return "", err
		}
		if err := os.WriteFile(path, text, 0o600); err != nil {
			return "", err
		}
	}
	return provisioning, nil
}

func instant(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05.000Z") }
