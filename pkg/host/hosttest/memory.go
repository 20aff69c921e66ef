package hosttest

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/host"
)

// Memory returns the most memory that the plugin's process had, in bytes, as Linux counts it.
func Memory(t testing.TB, h *host.Host) int64 {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%s/status", h.Pid()))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		var kilobytes int64
		if n, _ := fmt.Sscanf(line, "VmHWM: %d kB", &kilobytes); n == 1 {
			return kilobytes << 10
		}
	}
	t.Fatal("Linux does not tell the process's memory")
	return 0
}
