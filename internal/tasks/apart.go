package tasks

import "context"

// Names of the tasks that run apart.
const (
	Test        = "test"
	Grafana     = "grafana"
	EndToEnd    = "e2e"
	Screenshots = "screenshots"
)

// Apart does a task in a process of its own (see the command runner). When ctx ends that process is told so, and cleans
// up even if this one is gone by then.
func (p Project) Apart(ctx context.Context, task string) error {
	runner := p.path(toolFolder, "tasks")
	if err := p.run(ctx, line("go", "build", "-o", runner, "./internal/tasks/runner")); err != nil {
		return err
	}
	return p.run(ctx, line(runner, task))
}
