package dashboards

const (
	repointedNames = 9 // the panel that the others take their data from
	repointedHigh  = 10
)

// repointed is the triage of names that lead elsewhere.
func repointed() Dashboard {
	filters := []Filter{among("DeviceName", "device"), among("RemoteUrl", "remote_url"), ofSeverity()}
	found := ask("repointed", "table", tableRows).with(paramValues("minRisk", "stableDays", "maxNetworks")).where(filters...).allowing()
	variables := []Variable{
		valuesVariable("device", "Device", "DeviceName").several(),
		valuesVariable("remote_url", "Destination", "RemoteUrl").several(),
		severityVariable(),
		paramVariable("repointed", "minRisk"), paramVariable("repointed", "stableDays"), paramVariable("repointed", "maxNetworks"),
	}
	panels := counts(found,
		count{"Names", "Names that came to another network within the time range. Blue is a zero that was counted; grey is no answer, or no ledger to read.", "Findings", Field{NoValue: noLedger, Color: byThreshold(), Thresholds: judged(blue, from(1, colorOf("repointed")))}},
		count{"Critical", "Names with a risk of 80 or more.", "Critical", Field{NoValue: noLedger, Color: byThreshold(), Thresholds: judged(blue, from(1, red))}},
		count{"High", "Names with a risk of 60 to 79.", "High", Field{NoValue: noLedger, Color: byThreshold(), Thresholds: judged(blue, from(1, amber))}},
		count{"Medium", "Names with a risk of 30 to 59: a move, and little else.", "Medium", Field{NoValue: noLedger}},
	)
	over := lines(5, "Names that moved over time", "When names came to another network; the height is the risk.", place(0, 4, 24, 8)).
		asking(ask("repointed", "timeseries", topSeries).with(paramValues("minRisk", "stableDays", "maxNetworks")).where(filters...).allowing()).
		fields(Field{Unit: unitExact, Min: number(0.0), NoValue: noRows, Color: byPalette(), Custom: bars()})
	over.Interval, over.MaxDataPoints = "1h", 168
	list := repointedTable(repointedNames, "By risk", "One name that leads to another network now, where it was before, and what speaks against. Click a cell for its events in Explore or for its cases.",
		place(0, 12, 24, 12), found)
	high := repointedTable(repointedHigh, "Of the last 7 days, high or critical", "What the rule Re-pointed name finds, whatever is chosen above: within the last 7 days, a risk of 60 or more. Of a fixed time range it looks at all.",
		place(0, 24, 24, 9), ask("repointed", "table", tableRows).with(map[string]any{"minRisk": 60}).where(filters...).allowing())
	high.TimeFrom = "7d"
	return dashboard(RepointedUID, "Names that stayed in their networks for long and lead elsewhere now (RepointedName, MITRE ATT&CK T1584).",
		append(variables, allowlistVariable(), filtersVariable()), append(panels, over, list, high)...)
}

// repointedTable lists names, the gravest first.
func repointedTable(id int, title, description string, at GridPos, t Target) Panel {
	p := findingsTable(id, title, description, at, t,
		[]string{"AlertType", "SuspiciousASN", "BytesSent", "BytesReceived", "SampleProcesses"},
		[]string{"Risk", "RemoteUrl", "Why", "NetworksBefore", "NetworksNow", "StayedDays", "Timestamp", "UniqueDevices", "SampleDevices", "ConnectionCount", "RemoteIP", "ASName", "FirstSeen", "LastSeen", "SampleIPs", "DeviceName"},
		override("Risk", append(gaugeCell(colorOf("repointed")), property("max", 100), property("fieldMinMax", false))...),
		override("Why", reasons()...))
	p.Transformations = append(p.Transformations, sortDown("Risk"), listAsText("Why"))
	return p
}
