// Package hosttest runs the plugin's real executable, built from this tree, for tests.
package hosttest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/host"
)

// Start runs the plugin until the test ends. Its log goes to the test's.
func Start(t testing.TB, opts ...host.Option) *host.Host {
	t.Helper()
	executable, err := build()
	if err != nil {
		t.Fatal(err)
	}
	h, err := host.Start(t.Context(), executable, append([]host.Option{host.WithLog(t.Output())}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.Close)
	return h
}

// build compiles the executable once a process, into the user's cache. Test processes of several packages may do so at
// the same time: each renames its own file into place, so that nobody starts half a file.
var build = sync.OnceValues(func() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("find a folder for the plugin's executable: %w", err)
	}
	folder := filepath.Join(cache, "fluxhound-devenv")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return "", fmt.Errorf("make a folder for the plugin's executable: %w", err)
	}
	path := filepath.Join(folder, "gpx_fluxhound")
	own := fmt.Sprintf("%s.%d", path, os.Getpid())
	command := exec.Command("go", "build", "-o", own, "github.com/fluxhound/fluxhound-detections-datasource/pkg")
	if output, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the plugin: %w\n%s", err, output)
	}
	return path, os.Rename(own, path)
})
