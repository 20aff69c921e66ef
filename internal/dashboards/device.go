package dashboards

import "github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/catalog"

// Panels that others take their data from.
const (
	deviceCounts   = 1
	deviceFindings = 4
	deviceTotals   = 5
)

// device is everything about one device in the time range.
func device() Dashboard {
	here := is("DeviceName", "device")
	panels := []Panel{}
	for i, d := range catalog.Detectors() {
		s := d.Spec()
		target := dataOf(deviceCounts)
		if i == 0 {
			target = summed("alerts").where(here)
		}
		panels = append(panels, stat(deviceCounts+i, s.Label, "Findings of "+s.Label+" on this device.", place(i*4, 0, 4, 4), "lastNotNull").
			counting("Findings").
			asking(target).
			transformed(keepOnly("AlertType", s.AlertType)).
			fields(Field{Unit: unitExact, NoValue: noAnswer, Color: byThreshold(), Thresholds: judged(blue, from(1, amber))}))
	}
	findings := findingsTable(deviceFindings, "Findings", "Every detector's findings on this device. A Dynamic DNS finding counts only what this device did.",
		place(0, 4, 24, 7), ask("alerts", "table", tableRows).where(here),
		[]string{"DeviceName"}, []string{"Timestamp", "AlertType", "RemoteIP", "RemoteUrl", "ConnectionCount", "BytesSent", "BytesReceived", "SampleProcesses"})
	destinationTable := groupTable(8, "Destinations", "Where the device connected to, most events first.", place(0, 19, 14, 9), "RemoteIP", "RemoteUrl").
		asking(grouped(tableRows, "RemoteIP", "RemoteUrl").where(here))
	processes := groupTable(9, "Processes", "The processes that connected, most events first.", place(14, 19, 10, 9), "InitiatingProcessFileName").
		asking(grouped(tableRows, "InitiatingProcessFileName").where(here))
	panels = append(panels,
		deviceFreshness(10, place(12, 0, 4, 4), here),
		bytesOf(deviceTotals, "Bytes sent", "Bytes that the device sent, to all destinations together.", "BytesSent", place(16, 0, 4, 4), grouped(tableRows, "DeviceName").where(here)),
		bytesOf(6, "Bytes received", "Bytes that the device received, from all destinations together.", "BytesReceived", place(20, 0, 4, 4), dataOf(deviceTotals)),
		findings,
		deviceActivity(7, place(0, 11, 24, 8), here),
		destinationTable, processes,
		eventLog(11, "Events", "The device's events as log lines, newest first. Open a line for its fields and its context.", place(0, 28, 24, 12)).
			asking(ask("events", "logs", logLines).where(here)).
			fields(Field{NoValue: noRows}),
	)
	d := dashboard(DeviceUID, "Everything about one device in the time range: findings, destinations, processes, bytes and events.",
		[]Variable{valuesVariable("device", "Device", "DeviceName"), filtersVariable()}, panels...)
	d.Annotations.List = append(d.Annotations.List, Annotation{
		Name: "Findings", Enable: true, IconColor: red, Datasource: source(),
		Target: ask("alerts", "table", topSeries*10).where(here),
	})
	return d
}

// grouped counts events by columns.
func grouped(limit int, by ...string) Target {
	return ask("events", "table", limit).with(map[string]any{"groupBy": by})
}

// groupTable lists groups of events. The data source adds links to the events of each group.
func groupTable(id int, title, description string, at GridPos, by ...string) Panel {
	overrides := append(tableOverrides(), override("Events", gaugeCell(blue)...))
	return table(id, title, description, at).
		transformed(columns([]string{"Devices"}, append(by, "Events", "BytesSent", "BytesReceived", "FirstSeen", "LastSeen")...)).
		fields(Field{NoValue: noRows, Custom: object{"filterable": true, "align": "auto", "cellOptions": object{"type": "auto"}}}, overrides...)
}

// bytesOf shows a sum over all events of the device. The first such panel runs the query.
func bytesOf(id int, title, description, field string, at GridPos, t Target) Panel {
	return stat(id, title, description, at, "sum").of(field).
		asking(t).
		fields(Field{Unit: unitBytes, NoValue: noneKnown, Color: fixed("text")})
}

func deviceFreshness(id int, at GridPos, of Filter) Panel {
	return stat(id, "Last seen", "How long ago the device's newest event was, in hours, minutes and seconds.", at, "lastNotNull").
		counting("SecondsSinceNewestEvent").
		asking(summed("events").where(of)).
		fields(Field{Decimals: number(0), NoValue: noAnswer, Color: byThreshold(), Thresholds: judged(green, from(3600, amber), from(86400, red))}, newestOf()...)
}

func deviceActivity(id int, at GridPos, of Filter) Panel {
	p := lines(id, "Activity", "The device's events in each interval by what happened, with its findings as marks. Even activity at night is what a machine does.", at).
		asking(ask("events", "timeseries", topSeries).where(of)).
		fields(Field{Unit: unitExact, Min: number(0.0), NoValue: noRows, Color: byPalette(), Custom: bars()})
	p.MaxDataPoints = 200
	return p
}
