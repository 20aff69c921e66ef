//go:build mage

package main

import (
	"context"
	"os"
	"runtime"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/tasks"
	"github.com/grafana/grafana-plugin-sdk-go/build"
	"github.com/magefile/mage/mg"
)

// Default is what a bare `go tool mage` does.
var Default = BuildAll

// Demo shows the detectors at work on an embedded ClickHouse.
func Demo(ctx context.Context) error { return with(ctx, tasks.Project.Demo) }

// Hunt looks through folders of logs, and writes a report beside the data in .hunt as well: go tool mage hunt FOLDER [--asn FILE].
func Hunt(ctx context.Context) error { return with(ctx, tasks.Project.Hunt) }

// Accuracy measures the alert rules on labelled captures and writes docs/accuracy.md; folders of others may stand behind it.
func Accuracy(ctx context.Context) error { return with(ctx, tasks.Project.Accuracy) }

// mage would take what stands behind the target for targets.
func init() { os.Args = tasks.TakeArguments(os.Args) }

// Grafana runs a Grafana with the plugin and the demo's ClickHouse, or with logs: go tool mage grafana --data FOLDER.
func Grafana(ctx context.Context) error { return apart(ctx, tasks.Grafana) }

// Test installs what is missing, and checks, builds and tests everything.
func Test(ctx context.Context) error { return apart(ctx, tasks.Test) }

// Lint checks the Go code: gofmt, vet, staticcheck and the import direction.
func Lint(ctx context.Context) error { return with(ctx, tasks.Project.Lint) }

// Bench measures what evaluations cost and writes docs/performance.md (BENCH_EVENTS=200000 for a quick look, into .bench).
func Bench(ctx context.Context) error { return with(ctx, tasks.Project.Bench) }

// E2e runs the end-to-end tests against a real Grafana (GRAFANA_HOME or GRAFANA_URL).
func E2e(ctx context.Context) error { return apart(ctx, tasks.EndToEnd) }

// Screenshots takes the documentation's screenshots from a real Grafana (GRAFANA_HOME or GRAFANA_URL).
func Screenshots(ctx context.Context) error { return apart(ctx, tasks.Screenshots) }

// Release makes what a publisher needs of the commit that is checked out, in .release.
func Release(ctx context.Context) error { return with(ctx, tasks.Project.Release) }

// Coverage runs the back end's tests and reports what they cover.
func Coverage() error { return build.Coverage() }

// Clean removes what was built.
func Clean() error { return build.Clean() }

// BuildAll builds the plugin's executable for every platform that Grafana runs on.
func BuildAll() {
	b := Build{}
	mg.Deps(b.Linux, b.LinuxARM, b.LinuxARM64, b.Windows, b.Darwin, b.DarwinARM64)
}

// Build holds the targets that Grafana's plugin tools expect, and Tools.
type Build mg.Namespace

// Backend builds the plugin's executable for this machine.
func (Build) Backend(ctx context.Context) error { return plugin(ctx, runtime.GOOS, runtime.GOARCH) }

// Debug builds the plugin's executable for this machine and a debugger.
func (Build) Debug(ctx context.Context) error {
	return with(ctx, func(p tasks.Project, _ context.Context) error { return p.DebugPlugin() })
}

// Tools builds the plugin's executable, the command line and the embedded ClickHouse for this machine.
func (Build) Tools(ctx context.Context) error { return with(ctx, tasks.Project.Tools) }

// Linux builds for Linux on AMD64.
func (Build) Linux(ctx context.Context) error { return plugin(ctx, "linux", "amd64") }

// LinuxARM builds for Linux on ARM.
func (Build) LinuxARM(ctx context.Context) error { return plugin(ctx, "linux", "arm") }

// LinuxARM64 builds for Linux on ARM64.
func (Build) LinuxARM64(ctx context.Context) error { return plugin(ctx, "linux", "arm64") }

// Windows builds for Windows on AMD64.
func (Build) Windows(ctx context.Context) error { return plugin(ctx, "windows", "amd64") }

// Darwin builds for macOS on AMD64.
func (Build) Darwin(ctx context.Context) error { return plugin(ctx, "darwin", "amd64") }

// DarwinARM64 builds for macOS on ARM64.
func (Build) DarwinARM64(ctx context.Context) error { return plugin(ctx, "darwin", "arm64") }

func with(ctx context.Context, task func(tasks.Project, context.Context) error) error {
	project, err := tasks.Find()
	if err != nil {
		return err
	}
	return task(project, ctx)
}

func plugin(ctx context.Context, goos, goarch string) error {
	return with(ctx, func(p tasks.Project, _ context.Context) error { return p.Plugin(goos, goarch) })
}

func apart(ctx context.Context, task string) error {
	return with(ctx, func(p tasks.Project, ctx context.Context) error { return p.Apart(ctx, task) })
}
