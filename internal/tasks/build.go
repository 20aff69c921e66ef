package tasks

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/build"
)

// Plugin builds the plugin's executable for a platform into dist, with the SDK's own build.
func (p Project) Plugin(goos, goarch string) error {
	if err := configure(); err != nil {
		return err
	}
	return build.Build{}.Custom(goos, goarch)
}

// DebugPlugin builds the plugin's executable for this platform with what a debugger needs.
func (p Project) DebugPlugin() error {
	if err := configure(); err != nil {
		return err
	}
	return build.Build{}.Debug()
}

// configure tells the SDK's build where the manifest is.
func configure() error {
	return build.SetBeforeBuildCallback(func(c build.Config) (build.Config, error) {
		c.PluginJSONPath = "."
		return c, nil
	})
}

// Where the tools of this machine go. They are no part of the plugin.
const (
	toolFolder = "bin"
	cliName    = "fluxhound"
	engineName = "clickhouse-devserver"
)

// Tools builds the plugin's executable, the command line and the embedded ClickHouse for this machine.
func (p Project) Tools(ctx context.Context) error {
	p.step("Building the plugin's executable, the command line and the embedded ClickHouse")
	if err := p.Plugin(runtime.GOOS, runtime.GOARCH); err != nil {
		return err
	}
	if err := p.run(ctx, line("go", "build", "-o", p.path(toolFolder, cliName), "./cmd/fluxhound")); err != nil {
		return err
	}
	return p.run(ctx, command{dir: "devenv/clickhouse", line: []string{"go", "build", "-o", p.path(toolFolder, engineName), "."}})
}

// FrontEnd builds the front end into dist, unless it is newer than everything that it is made of.
func (p Project) FrontEnd(ctx context.Context) error {
	if built, err := os.Stat(p.path("dist", "module.js")); err == nil && built.ModTime().After(p.newest("src", "dashboards", "plugin.json", "package.json", "README.md", "CHANGELOG.md")) {
		return nil
	}
	return p.all(ctx, line("npm", "run", "build"))
}

// newest returns when the newest of the files, or the files in the folders, was written.
func (p Project) newest(names ...string) time.Time {
	var newest time.Time
	for _, name := range names {
		_ = filepath.WalkDir(p.path(name), func(_ string, entry fs.DirEntry, err error) error {
			if err != nil {
				return nil // what is not there is not newer
			}
			if info, err := entry.Info(); err == nil && info.ModTime().After(newest) {
				newest = info.ModTime()
			}
			return nil
		})
	}
	return newest
}
