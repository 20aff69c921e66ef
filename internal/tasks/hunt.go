package tasks

import (
	"context"
	"slices"
)

// huntFolder holds the data of hunts, and the newest report.
const huntFolder = ".hunt"

// Hunt installs and builds what a hunt needs, and looks through the logs that TakeArguments took.
func (p Project) Hunt(ctx context.Context) error {
	logs, _ := takenLogs()
	if err := logs.check(); err != nil {
		return err
	}
	if err := p.InstallEngine(ctx); err != nil {
		return err
	}
	if err := p.Tools(ctx); err != nil {
		return err
	}
	p.step("fluxhound hunt")
	hunt := []string{p.path(toolFolder, cliName), "hunt", "--data", p.path(huntFolder), "--html", p.path(huntFolder, "report.html")}
	return p.run(ctx, line(slices.Concat(hunt, logs.flags(), logs.Folders)...))
}
