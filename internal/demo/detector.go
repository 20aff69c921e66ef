package demo

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/scenario"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/thousands"
	"github.com/grafana/grafana-plugin-sdk-go/data"
)

// detector prints a detector's findings: each that belongs to an attack or to nobody, and how many belong to benign programs.
func (r report) detector(name string, list []scenario.Finding) {
	a := r.found.answers[name]
	r.heading("%s: %d findings in %s", strings.ToUpper(headings[name]), len(list), seconds(a.took))
	columns := tables[name]
	var rows [][]string
	benign := 0
	for i, f := range list {
		owner := r.scenario.Owner(f)
		if owner.Benign {
			benign++
			continue
		}
		row := make([]string, 0, len(columns)+1)
		for _, c := range columns {
			row = append(row, text(a.frame, c.field, i))
		}
		rows = append(rows, append(row, owner.Name))
	}
	head := make([]column, 0, len(columns)+1)
	for _, c := range columns {
		head = append(head, c.column)
	}
	r.table(append(head, column{"Attack", false, 18}), rows)
	if benign > 0 {
		r.line("  … and %d of benign programs, listed below", benign)
	}
}

var headings = map[string]string{
	scenario.Beaconing: "Beaconing", scenario.DynamicDNS: "Dynamic DNS", scenario.FastFlux: "Fast flux",
}

// tableColumn is a column and the frame's field that fills it.
type tableColumn struct {
	column
	field string
}

var tables = map[string][]tableColumn{
	scenario.Beaconing: {
		{column{"Last seen (UTC)", false, 16}, "LastSeen"}, {column{"Device", false, 12}, "DeviceName"}, {column{"Address", false, 15}, "RemoteIP"},
		{column{"Name", false, 28}, "RemoteUrl"}, {column{"Conn.", true, 7}, "ConnectionCount"}, {column{"Per hour", true, 8}, "BeaconRate"},
		{column{"Hours", true, 5}, "DurationHours"},
	},
	scenario.DynamicDNS: {
		{column{"Last seen (UTC)", false, 16}, "LastSeen"}, {column{"Name", false, 36}, "RemoteUrl"}, {column{"Address", false, 15}, "RemoteIP"},
		{column{"Conn.", true, 7}, "ConnectionCount"}, {column{"Devices", true, 7}, "UniqueDevices"}, {column{"Process", false, 14}, "SampleProcesses"},
	},
	scenario.FastFlux: {
		{column{"Hour (UTC)", false, 16}, "Timestamp"}, {column{"Device", false, 12}, "DeviceName"}, {column{"Addresses", true, 9}, "UniqueIPs"},
		{column{"Names", true, 5}, "UniqueDomains"}, {column{"Conn.", true, 7}, "ConnectionCount"}, {column{"First of the names", false, 44}, "DomainList"},
	},
}

// text writes one value of a frame for a person.
func text(frame *data.Frame, name string, row int) string {
	field, _ := frame.FieldByName(name)
	if field == nil {
		return "?"
	}
	switch v := field.At(row).(type) {
	case time.Time:
		return v.UTC().Format(minute)
	case string:
		if v == "" {
			return "(none)"
		}
		return v
	case int64:
		return thousands.Apart(v)
	case float64:
		return fmt.Sprintf("%.1f", v)
	case json.RawMessage:
		var list []string
		if json.Unmarshal(v, &list) == nil {
			return strings.Join(list, ", ")
		}
		return string(v)
	default:
		return fmt.Sprint(v)
	}
}
