package main

import (
	"context"
	"os"
	"path/filepath"
	"runtime"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/host"
)

const pluginFlagHelp = "`file` of the plugin's executable (default: beside fluxhound, or in dist)"

// startPlugin starts the plugin's executable; its log goes to standard error when asked for.
func (p program) startPlugin(ctx context.Context, path string, verbose bool) (*host.Host, error) {
	executable, err := findPlugin(path)
	if err != nil {
		return nil, err
	}
	var opts []host.Option
	if verbose {
		opts = append(opts, host.WithLog(p.stderr))
	}
	return host.Start(ctx, executable, opts...)
}

// findPlugin returns the path that was given, or else looks beside this program, in dist above it, and in dist here.
func findPlugin(path string) (string, error) {
	if path != "" {
		return path, nil
	}
	name := "gpx_fluxhound_" + runtime.GOOS + "_" + runtime.GOARCH
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	beside := besideProgram()
	return firstFile("the plugin's executable",
		filepath.Join(beside, name), filepath.Join(beside, "gpx_fluxhound"), filepath.Join(beside, "..", "dist", name), filepath.Join("dist", name))
}

// findEngine does the same for the embedded ClickHouse.
func findEngine(path string) (string, error) {
	if path != "" {
		return path, nil
	}
	const name = "clickhouse-devserver"
	return firstFile("the embedded ClickHouse", filepath.Join(besideProgram(), name), filepath.Join("bin", name))
}

func besideProgram() string {
	self, err := os.Executable()
	if err != nil {
		return "."
	}
	return filepath.Dir(self)
}
