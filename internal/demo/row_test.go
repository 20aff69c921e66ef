package demo

import (
	"testing"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/scenario"
	"github.com/google/go-cmp/cmp"
)

func TestAnEventIsOneLineOfTabSeparatedValuesInTheOrderOfTheColumns(t *testing.T) {
	event := scenario.Event{
		Timestamp: time.Date(2026, 1, 2, 3, 4, 5, 6e6, time.UTC), DeviceID: "id", DeviceName: "a\tb", ActionType: "c\nd", RemoteIP: `e\f`,
		RemotePort: 65535, RemoteURL: "", Protocol: "Tcp", LocalIP: "10.0.0.1", Process: "p.exe", Account: "u", Sent: scenario.Unknown, Received: 0,
	}
	want := "2026-01-02 03:04:05.006\tid\ta\\tb\tc\\nd\te\\\\f\t65535\t\tTcp\t10.0.0.1\tp.exe\tu\t\\N\t0\n"
	if diff := cmp.Diff(want, string(appendRow(nil, event))); diff != "" {
		t.Errorf("row (-want +got):\n%s", diff)
	}
}
