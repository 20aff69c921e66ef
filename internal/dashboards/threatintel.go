package dashboards

const (
	intelMatches = 9 // the panel that the others take their data from
	intelToday   = 10
	intelBack    = 11
)

// threatIntel is the triage of what lists of threat intelligence name.
func threatIntel() Dashboard {
	filters := []Filter{among("DeviceName", "device"), among("RemoteUrl", "remote_url"), ofSeverity()}
	found := ask("threatIntel", "table", tableRows).with(paramValues("minRisk")).where(filters...).allowing()
	variables := []Variable{
		valuesVariable("device", "Device", "DeviceName").several(),
		valuesVariable("remote_url", "Destination", "RemoteUrl").several(),
		severityVariable(),
		paramVariable("threatIntel", "minRisk"),
	}
	panels := counts(found,
		count{"Matches", "Devices and hosts that lists of threat intelligence name. Blue is a zero that was counted; grey is no answer, or no indicator to look for.", "Findings", Field{NoValue: noIntel, Color: byThreshold(), Thresholds: judged(blue, from(1, colorOf("threatIntel")))}},
		count{"Critical", "Matches with a risk of 80 or more.", "Critical", Field{NoValue: noIntel, Color: byThreshold(), Thresholds: judged(blue, from(1, red))}},
		count{"High", "Matches with a risk of 60 to 79.", "High", Field{NoValue: noIntel, Color: byThreshold(), Thresholds: judged(blue, from(1, amber))}},
		count{"Devices", "Devices with at least one match.", "Devices", Field{NoValue: noIntel}},
	)
	over := lines(5, "Connections to what lists name over time", "Connections in each interval to the hosts of the gravest matches.", place(0, 4, 24, 8)).
		asking(ask("threatIntel", "timeseries", topSeries).with(paramValues("minRisk")).where(filters...).allowing()).
		fields(Field{Unit: unitExact, Min: number(0.0), NoValue: noRows, Color: byPalette(), Custom: bars(), Links: []Link{deviceLink("__field.labels.device")}})
	over.Interval, over.MaxDataPoints = "1h", 168
	list := intelTable(intelMatches, "By risk", "One device at one host that an indicator names, with what the lists say and what speaks against. Click a cell for its events in Explore or for the device.",
		place(0, 12, 24, 12), found)
	today := intelTable(intelToday, "Of the last day, high or critical", "What the rule Threat intelligence match finds, whatever the lowest risk above is: within the last day, a risk of 60 or more. Of a fixed time range it looks at all.",
		place(0, 24, 24, 9), ask("threatIntel", "table", tableRows).with(map[string]any{"minRisk": 60}).where(filters...).allowing())
	today.TimeFrom = riskNow
	back := intelTable(intelBack, "Looking back: indicators of the last day", "What the rule Threat intelligence, looking back finds: within the last 30 days, what was imported within the last day names, at a risk of 60 or more. Of a fixed time range it looks at all.",
		place(0, 33, 24, 9), ask("threatIntel", "table", tableRows).with(map[string]any{"minRisk": 60, "newIndicatorHours": 25}).where(filters...).allowing())
	back.TimeFrom = "30d"
	return dashboard(IntelUID, "Connections to what lists of threat intelligence name (ThreatIntelMatch, MITRE ATT&CK T1584).",
		append(variables, allowlistVariable(), filtersVariable()), append(panels, over, list, today, back)...)
}

// intelTable lists matches, the gravest first.
func intelTable(id int, title, description string, at GridPos, t Target) Panel {
	p := findingsTable(id, title, description, at, t,
		[]string{"AlertType", "SuspiciousASN"},
		[]string{"Risk", "DeviceName", "RemoteUrl", "Why", "Threats", "Sources", "Indicators", "ConnectionCount", "SampleProcesses", "UniqueDevices", "RemoteIP", "ASName", "Timestamp", "FirstSeen", "LastSeen", "BytesSent", "BytesReceived", "SampleIPs", "SampleUrls", "Reference", "DeviceId"},
		override("Risk", append(gaugeCell(colorOf("threatIntel")), property("max", 100), property("fieldMinMax", false))...),
		override("Why", reasons()...))
	p.Transformations = append(p.Transformations, sortDown("Risk"), listAsText("Why"))
	return p
}
