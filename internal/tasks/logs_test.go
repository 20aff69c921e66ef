package tasks

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/dashboards"
)

// Dashboards of logs open on the logs' own span, and no rule asks about now.
func TestLogsAreProvisionedOverTheirOwnSpan(t *testing.T) {
	p := Project{Root: filepath.Join("..", ".."), Out: io.Discard}
	from := time.Date(2015, 3, 4, 12, 0, 0, 0, time.UTC)
	folder := t.TempDir()
	provisioning, err := p.provisionLogs(folder, from, from.Add(36*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range dashboards.Files() {
		text, err := os.ReadFile(filepath.Join(folder, "dashboards", file.Name))
		if err != nil {
			t.Fatal(err)
		}
		var board dashboards.Dashboard
		if err := json.Unmarshal(text, &board); err != nil {
			t.Fatal(err)
		}
		if want := (dashboards.TimeRange{From: "2015-03-04T12:00:00.000Z", To: "2015-03-06T00:00:00.000Z"}); board.Time != want || board.Refresh != "" || board.UID != file.Dashboard.UID {
			t.Errorf("%s: %s over %v, refreshed %q; want %s over %v, never", file.Name, board.UID, board.Time, board.Refresh, file.Dashboard.UID, want)
		}
	}
	entries, err := os.ReadDir(provisioning)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 2 || entries[0].Name() != "dashboards" || entries[1].Name() != "datasources" {
		t.Errorf("got %v; want dashboards and datasources", entries)
	}
}
