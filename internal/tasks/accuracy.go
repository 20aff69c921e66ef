package tasks

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/accuracy"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/ingest/captures"
)

// Accuracy measures the alert rules on labelled captures, those beside the project where no others are named, and writes
// docs/accuracy.md.
func (p Project) Accuracy(ctx context.Context) error {
	folders := []string{captures.Beside(p.Root)}
	if named := takenFolders(); len(named) > 0 {
		folders = named
	} else if folders[0] == "" {
		return errors.New("there is no ../shared/captures beside the project: name a folder of captures")
	}
	found, err := accuracy.Find(folders, p.path("internal", "accuracy", "truth"))
	if err != nil {
		return err
	}
	if err := p.InstallEngine(ctx); err != nil {
		return err
	}
	if err := p.Tools(ctx); err != nil {
		return err
	}
	p.step("Measuring on %d captures", len(found))
	report, err := accuracy.Embedded(ctx, accuracy.Options{
		Captures: found, Weights: true, Rules: p.path("provisioning", "alerting"), Say: func(format string, args ...any) { fmt.Fprintf(p.Out, format+"\n", args...) },
	}, accuracy.Tools{
		Engine: p.path(toolFolder, engineName), Root: p.Root, Plugin: p.path("dist", "gpx_fluxhound_"+runtime.GOOS+"_"+runtime.GOARCH),
	})
	if err != nil {
		return err
	}
	page := p.path("docs", "accuracy.md")
	if err := os.WriteFile(page, []byte(report.Page()), 0o644); err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.Out, "\n%s\nThis is %s.\n", report.Page(), page)
	return err
}
