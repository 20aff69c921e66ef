package tasks

import (
	"context"
	"fmt"
	"slices"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/grafana"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/ingest/captures"
)

// Test installs what is missing, and checks, builds and tests everything. Go's own tests come last, so that a reader
// of the log finds them at its end.
func (p Project) Test(ctx context.Context) error {
	for _, task := range []func(context.Context) error{
		p.Install, p.LintFrontEnd, p.testFrontEnd, p.Lint, p.Tools, p.endToEndIfPossible, p.testGo,
	} {
		if err := task(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (p Project) testFrontEnd(ctx context.Context) error {
	return p.all(ctx, line("npm", "run", "test:ci"), line("npm", "run", "build"))
}

func (p Project) testGo(ctx context.Context) error {
	if captures.Beside(p.Root) == "" {
		p.step("The tests on captures of real traffic do not run: there is no folder shared/captures beside the project")
	}
	with, without, err := p.concurrent(ctx)
	if err != nil {
		return err
	}
	// Lint has vetted all of it. Without tables for debuggers the programs are linked in half the time.
	test := []string{"go", "test", "-vet=off", "-ldflags=-s -w", "-timeout", "40m"}
	return p.all(ctx,
		command{dir: engineModule, line: []string{"go", "test", "-vet=off", "./..."}},
		line(slices.Concat(test, without)...),
		line(slices.Concat(test, []string{"-race"}, with)...),
	)
}

func (p Project) endToEndIfPossible(ctx context.Context) error {
	if !grafana.Available() {
		p.step("The end-to-end tests did not run: neither GRAFANA_HOME nor GRAFANA_URL is set")
		return nil
	}
	if err := p.EndToEnd(ctx); err != nil {
		return fmt.Errorf("end-to-end tests: %w", err)
	}
	return nil
}
