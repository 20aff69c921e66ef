package dashboards

const (
	casesFound     = 9
	casesHighRisks = 10
	casesSlow      = 11
)

// riskCases is the triage of cases: one row a device and destination, the gravest first.
func riskCases() Dashboard {
	filters := []Filter{among("DeviceName", "device"), among("RemoteUrl", "remote_url"), ofSeverity()}
	found := ask("cases", "table", tableRows).with(paramValues("minRisk")).where(filters...).allowing()
	variables := []Variable{
		valuesVariable("device", "Device", "DeviceName").several(),
		valuesVariable("remote_url", "Destination", "RemoteUrl").several(),
		severityVariable(),
		paramVariable("cases", "minRisk"),
	}
	panels := counts(found,
		count{"Highest risk", "The gravest case, of 100. From 60 a case is high, from 80 critical.", "HighestRisk", Field{NoValue: noNumber}},
		count{"Cases", "Devices and destinations whose risk reaches the lowest that is shown.", "Findings", Field{}},
		count{"Longest connection", "How long the longest single connection was open.", "HighestLongestConnection", Field{Unit: unitSeconds, NoValue: noNumber}},
	)
	for i := range panels {
		panels[i].TimeFrom = riskNow
	}
	list := casesTable(casesFound, "By risk", "One device at one destination within the last day, over all ports and addresses, with the reasons for its risk. Of a fixed time range it looks at all. Click a cell for its events in Explore or for the device.",
		place(0, 4, 24, 13), found)
	list.TimeFrom = riskNow // as what is kept
	high := casesTable(casesHighRisks, "High-risk cases", "What the rule High-risk case finds, whatever the lowest risk above is: within the last day, a risk of 60 or more. Of a fixed time range it looks at all.",
		place(0, 17, 24, 10), ask("cases", "table", tableRows).with(map[string]any{"minRisk": 60}).where(filters...).allowing())
	high.TimeFrom = riskNow
	slow := casesTable(casesSlow, "High-risk slow cases", "What the rule High-risk slow case finds, whatever the lowest risk above is: within the last week, at most 1,000 connections and a risk of 60 or more. Of a fixed time range it looks at all.",
		place(0, 27, 24, 10), ask("cases", "table", tableRows).with(map[string]any{"minRisk": 60, "maxConnections": 1000}).where(filters...).allowing())
	slow.TimeFrom = "7d"
	return dashboard(CasesUID, "What devices do at destinations, with a risk and the reasons for it (HighRiskCase, MITRE ATT&CK T1584).",
		append(variables, allowlistVariable(), filtersVariable()), append(panels, list, high, slow)...)
}

// casesTable lists cases, the gravest first.
func casesTable(id int, title, description string, at GridPos, t Target) Panel {
	p := findingsTable(id, title, description, at, t,
		[]string{"AlertType", "SuspiciousASN"},
		[]string{"Risk", "DeviceName", "RemoteUrl", "Why", "Sparkline", "MedianInterval", "ConnectionCount", "SamplePorts", "SampleProcesses", "UniqueDevices", "Prevalence", "ActiveBins", "Regularity", "OpenTime", "LongestConnection", "RemoteIP", "ASName", "Timestamp", "FirstSeen", "LastSeen", "BytesSent", "BytesReceived", "DeviceId"},
		override("Risk", append(gaugeCell(colorOf("cases")), property("max", 100), property("fieldMinMax", false))...),
		override("Why", reasons()...),
		override("Sparkline", sparklineCell(colorOf("cases"))...))
	p.Transformations = append(p.Transformations, sortDown("Risk"), listAsText("Why"))
	return p
}
