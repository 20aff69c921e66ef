package dashboards

const (
	fastFluxFindings = 9 // the panel that the others take their data from
	fluxHosts        = 10
)

// fastFlux is the triage of PotentialFastFluxActivity.
func fastFlux() Dashboard {
	params := []string{"minUniqueIPs", "minConnections"}
	filters := []Filter{among("DeviceName", "device"), among("InitiatingProcessFileName", "process"), ofSeverity()}
	findings := ask("fastFlux", "table", tableRows).with(paramValues(params...)).where(filters...).allowing()
	variables := []Variable{
		valuesVariable("device", "Device", "DeviceName").several(),
		valuesVariable("process", "Process", "InitiatingProcessFileName").several(),
		severityVariable(),
	}
	for _, p := range append(params, "minFluxiness") {
		variables = append(variables, paramVariable("fastFlux", p))
	}
	color := colorOf("fastFlux")
	panels := counts(findings,
		count{"Hours", "Hours of devices in which processes other than browsers reached many public addresses.", "Findings",
			Field{Color: byThreshold(), Thresholds: judged(blue, from(1, amber))}},
		count{"Devices", "Devices with at least one such hour.", "Devices", Field{}},
		count{"Most addresses", "Distinct addresses in the hour with most of them.", "HighestUniqueIPs", Field{NoValue: noNumber}},
		count{"Connections", "Connections in all those hours together.", "Connections", Field{}},
	)
	perHour := lines(5, "Addresses an hour", "Distinct public addresses in each hour that is a finding, for the devices with most of them.", place(0, 4, 14, 9)).
		asking(ask("fastFlux", "timeseries", topSeries).with(paramValues(params...)).where(filters...).allowing()).
		fields(Field{Unit: unitExact, Min: number(0.0), NoValue: noRows, Color: byPalette(), Custom: bars(), Links: []Link{deviceLink("__field.labels.device")}})
	perHour.Interval, perHour.MaxDataPoints = "1h", 168
	addressesAgainstNames := scatter(6, "Addresses against names",
		"Each point is an hour of a device. Many addresses behind few names is fast flux; as many names as addresses is rather an agent that visits many sites.", place(14, 4, 10, 9), "UniqueDomains", "UniqueIPs").
		asking(dataOf(fastFluxFindings)).
		fields(Field{Unit: unitExact, NoValue: noRows, Color: fixed(color), Custom: object{"pointSize": object{"fixed": 8}, "show": "points"}, Links: []Link{deviceLink(inRow("DeviceName"))}},
			override("UniqueDomains", property("custom.axisLabel", "Names")),
			override("UniqueIPs", property("custom.axisLabel", "Addresses")))
	list := findingsTable(fastFluxFindings, "Findings", "Hours in which a device's processes other than browsers reached many public addresses. Click a cell for its events in Explore or for the device.",
		place(0, 13, 24, 12), findings,
		// The analytic's constant columns say nothing here, and RemoteUrl is the first of DomainList.
		[]string{"AlertType", "RemoteIP", "RemoteUrl", "BytesSent", "BytesReceived"},
		[]string{"Timestamp", "DeviceName", "UniqueIPs", "UniqueDomains", "ConnectionCount", "DomainList", "SampleProcesses", "DeviceId"},
		override("UniqueIPs", gaugeCell(color)...),
		override("DomainList", property("custom.minWidth", 260)),
	)
	byHost := paramValues("minFluxiness")
	byHost["groupBy"] = "host"
	// No server has an address of the last one, 240.0.0.0/4, and the demo's flux lies there.
	byHost["privateNetworks"] = notOfTheInternet()[:len(notOfTheInternet())-1]
	hosts := findingsTable(fluxHosts, "Hosts", "Names whose addresses lie in many networks, over the whole time range and all devices. A content delivery network has many addresses in few networks; fast flux has one in each, and new ones every hour (Churn).",
		place(0, 25, 24, 10), ask("fastFlux", "table", tableRows).with(byHost).where(filters...).allowing(),
		[]string{"AlertType", "RemoteIP", "BytesSent", "BytesReceived"},
		[]string{"Timestamp", "RemoteUrl", "Fluxiness", "UniqueIPs", "UniqueNetworks", "Churn", "ChurnHours", "UniqueDevices", "DeviceName", "ConnectionCount", "SampleProcesses", "SampleDevices", "SampleIPs", "FirstSeen", "LastSeen"},
		override("Fluxiness", append(gaugeCell(color), property("decimals", 1))...),
		override("Churn", property("unit", unitShare), property("decimals", 0)),
	)
	return dashboard(FastFluxUID, "Triage of devices that reach many public addresses within an hour (PotentialFastFluxActivity, MITRE ATT&CK T1584).",
		append(variables, allowlistVariable(), filtersVariable()), append(panels, perHour, addressesAgainstNames, list, hosts)...)
}
