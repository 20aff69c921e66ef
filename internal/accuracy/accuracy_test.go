package accuracy_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/accuracy"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/host/hosttest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

func TestMain(m *testing.M) { chtest.Main(m) }

const root = "../.."

// captures are the labelled ones beside the project.
func captures(t *testing.T) []accuracy.Capture {
	t.Helper()
	folder := accuracy.Beside(root)
	if folder == "" {
		t.Skip("NOT RUN: ../shared/captures, the real traffic, is not beside the project")
	}
	found, err := accuracy.Find([]string{folder}, "truth")
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// The rules that wake people are held to the page. The analytic and RITA's score do not change.
func TestNothingIsWorseThanThePage(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(root, "docs", "accuracy.md"))
	if err != nil {
		t.Fatal(err)
	}
	report, err := accuracy.Run(t.Context(), accuracy.Options{
		Captures: captures(t), Plugin: hosttest.Start(t), JSONData: chtest.Database(t).JSON(settings.Native), Prefix: "accuracy_",
		Rules: filepath.Join(root, "provisioning", "alerting"), Sets: []string{accuracy.HighRisk, accuracy.Stricter}, Say: t.Logf,
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, worse := range report.Worse(string(page)) {
		t.Errorf("worse than docs/accuracy.md, which `go tool mage accuracy` writes: %s", worse)
	}
	for _, x := range report.Results {
		if x.Found < x.Channels || x.Rate > 1 {
			t.Errorf("%s, %s, %s: %d of %d channels, %.1f benign findings a device and day, want all and at most 1", x.Capture, x.Data, x.Set, x.Found, x.Channels, x.Rate)
		}
	}
	for _, x := range report.Outcomes {
		if x.Set == accuracy.HighRisk && x.Rank != 1 {
			t.Errorf("%s, %s: the channel's risk is %.0f, rank %d of %d", x.Capture, x.Data, x.Value, x.Rank, x.Of)
		}
	}
}
