// Package watched finds devices that connect to an address of the list of watched ones.
package watched

import (
	_ "embed"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// Detector implements detect.Detector.
type Detector struct{ Site detect.Site }

//go:embed watched.sql
var sqlText string

var sqlTemplate = statement.Parse("watched.sql", sqlText)

// Spec describes the detector.
func (Detector) Spec() detect.Spec {
	return detect.Spec{
		Name: "watched", Label: "Watched addresses", Kind: detect.KindDetector, AlertType: "WatchedAddress",
		Summary:   "A device that connects to an address of a list.",
		Technique: detect.T1584(),
		Formats:   detect.Formats(),
		Params:    []query.Param{detect.MinConnections(1, "to the address")},
		Columns: detect.Columns([]statement.Column{
			{Name: "DeviceId", Kind: statement.Text, Help: "The device's identifier."},
			{Name: "FirstSeen", Kind: statement.Time, Help: "The first connection in the window."},
			{Name: "LastSeen", Kind: statement.Time, Help: "The last connection in the window."},
		}),
		AlertValue: detect.Value{Column: "ConnectionCount"},
		Labels:     []detect.Label{{Name: "device", Column: "DeviceName"}, {Name: "device_id", Column: "DeviceId"}, {Name: "remote_ip", Column: "RemoteIP"}},
		Grades:     []detect.Grade{detect.Always(detect.High), {Condition: "ConnectionCount ≥ 10", SQL: "ConnectionCount >= 10", Severity: detect.Critical}},
		Requires:   []string{schema.Timestamp, schema.DeviceID, schema.DeviceName, schema.ActionType, schema.RemoteIP, schema.RemoteURL},
		Optional:   []string{schema.InitiatingProcessFileName},
	}
}

// Statement implements detect.Detector.
func (d Detector) Statement(q query.Query, table schema.Table) (statement.Statement, error) {
	return detect.Compose(detect.Plan{
		Spec: d.Spec(), Site: d.Site, SQL: sqlTemplate, Key: []string{"DeviceId", "RemoteIP"}, Points: "events", Unique: true,
		Values: map[string]any{"watched_minConnections": q.Params.Int("minConnections")}, Options: map[string]any{},
		Destination: "RemoteIP",
	}, q, table)
}
