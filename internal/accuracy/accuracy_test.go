package accuracy_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/accuracy"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/host/hosttest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/ingest/captures"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

func TestMain(m *testing.M) { chtest.Main(m) }

const root = "../.."

// labelled are the captures beside the project that have labels.
func labelled(t *testing.T) []accuracy.Capture {
	t.Helper()
	found, err := accuracy.Find([]string{captures.Folder(t)}, "truth")
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
		Captures: labelled(t), Plugin: hosttest.Start(t), JSONData: chtest.Database(t).JSON(settings.Native), Prefix: "accuracy_",
		Rules: filepath.Join(root, "provisioning", "alerting"), Sets: []string{accuracy.Stricter}, Weights: true, Say: t.Logf,
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
		if x.Set == accuracy.Stricter && x.Rank != 1 {
			t.Errorf("%s, %s: the channel's risk is %.0f, rank %d of %d", x.Capture, x.Data, x.Value, x.Rank, x.Of)
		}
	}
	for _, w := range report.Weights {
		t.Logf("%-18s %3d to %3d: %d channels found, %d of the gravest risk, at most %.1f benign findings a device and day", w.Name, w.Before, w.Points, w.Found, w.First, w.Benign)
		if channels := len(captured(report)); w.Found < channels || w.First < channels || w.Benign > 1 {
			t.Errorf("%s at %d in place of %d: of %d channels %d are found, %d have the gravest risk, and there are %.1f benign findings a device and day", w.Name, w.Points, w.Before, channels, w.Found, w.First, w.Benign)
		}
	}
}

// captured are the channels of all captures.
func captured(r *accuracy.Report) map[string]bool {
	list := map[string]bool{}
	for _, x := range r.Outcomes {
		list[x.Capture+x.Channel] = true
	}
	return list
}
