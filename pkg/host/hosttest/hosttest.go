// Package hosttest runs the plugin's real executable, built from this tree, for tests.
package hosttest

import (
	"testing"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/host"
)

// Start runs the plugin until the test ends. Its log goes to the test's.
func Start(t testing.TB, opts ...host.Option) *host.Host {
	t.Helper()
	h, err := host.Start(t.Context(), Plugin(t), append([]host.Option{host.WithLog(t.Output())}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.Close)
	return h
}

// Plugin returns the path of the plugin's executable.
func Plugin(t testing.TB) string {
	t.Helper()
	return Build(t, "gpx_fluxhound", "", module+"/pkg")
}

const module = "github.com/fluxhound/fluxhound-detections-datasource"
