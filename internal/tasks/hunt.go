package tasks

import (
	"context"
	"path/filepath"
)

// huntFolder holds the data of hunts, and the newest report.
const huntFolder = ".hunt"

// Hunt installs and builds what a hunt needs, and looks through a folder of logs.
func (p Project) Hunt(ctx context.Context, folder string) error {
	logs, err := filepath.Abs(folder)
	if err != nil {
		return err
	}
	if err := p.InstallEngine(ctx); err != nil {
		return err
	}
	if err := p.Tools(ctx); err != nil {
		return err
	}
	p.step("fluxhound hunt")
	return p.run(ctx, line(p.path(toolFolder, cliName), "hunt", "--data", p.path(huntFolder), "--html", p.path(huntFolder, "report.html"), logs))
}
