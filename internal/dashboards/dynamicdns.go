package dashboards

const (
	dynamicDNSFindings = 9 // the panel that the others take their data from
	dynamicDNSBeacons  = 10
)

// dynamicDNS is the triage of SuspiciousDynamicDNS.
func dynamicDNS() Dashboard {
	params := []string{"match", "minConnections", "onlyBeacons"}
	filters := []Filter{among("DeviceName", "device"), among("InitiatingProcessFileName", "process"), ofSeverity()}
	findings := ask("dynamicDns", "table", tableRows).with(paramValues(params...)).where(filters...).allowing()
	variables := []Variable{
		valuesVariable("device", "Device", "DeviceName").several(),
		valuesVariable("process", "Process", "InitiatingProcessFileName").several(),
		severityVariable(),
	}
	for _, p := range params {
		variables = append(variables, paramVariable("dynamicDns", p))
	}
	color := colorOf("dynamicDns")
	panels := counts(findings,
		count{"Names", "Names of dynamic DNS providers that devices have connected to.", "Findings",
			Field{Color: byThreshold(), Thresholds: judged(blue, from(1, amber))}},
		count{"Connections", "Connections to all those names together.", "Connections", Field{}},
		count{"Widest spread", "Devices that have connected to the name that most devices have connected to.", "HighestUniqueDevices", Field{NoValue: noNumber}},
		count{"Most connections", "Connections to the name with most of them.", "MostConnections", Field{}},
	)
	perInterval := lines(5, "Connections to the busiest names over time",
		"Connections in each interval to the names with most of them. A new name that starts and stays is worth a look first.", place(0, 4, 14, 9)).
		asking(ask("dynamicDns", "timeseries", topSeries).with(paramValues(params...)).where(filters...).allowing()).
		fields(Field{Unit: unitExact, Min: number(0.0), NoValue: noRows, Color: byPalette(), Custom: bars()})
	perInterval.Interval, perInterval.MaxDataPoints = "1h", 168
	spread := ranking(6, "Names that most devices use", "Devices that have connected to each name. One device alone is rather an implant or a developer's tunnel; many are rather a service.", place(14, 4, 10, 9), "UniqueDevices", 7).
		asking(dataOf(dynamicDNSFindings)).
		transformed(only("RemoteUrl", "UniqueDevices"), sortDown("UniqueDevices")).
		fields(Field{Unit: unitExact, Min: number(0.0), NoValue: noRows, Color: fixed(color), Links: []Link{
			{Title: "Show the events", URL: "/d/" + EventsUID + "?var-datasource=${datasource}&var-remote_url=${" + inRow("RemoteUrl") + ":percentencode}&" + dashboardRange},
		}}, overrideType("string", property("noValue", "")))
	names := func(id int, title, description string, at GridPos, t Target) Panel {
		return findingsTable(id, title, description, at, t,
			// A name's devices are in SampleDevices; the analytic's constant columns say nothing here.
			[]string{"AlertType", "DeviceName", "RemoteIP", "BytesSent", "BytesReceived"},
			[]string{"Timestamp", "RemoteUrl", "ConnectionCount", "UniqueDevices", "SampleDevices", "SampleIPs", "SampleProcesses", "FirstSeen", "LastSeen"},
			override("ConnectionCount", gaugeCell(color)...),
		)
	}
	list := names(dynamicDNSFindings, "Findings", "Names of dynamic DNS providers that devices have connected to. Click a cell for its events in Explore.",
		place(0, 13, 24, 12), findings)
	beacons := names(dynamicDNSBeacons, "Names that a device beacons to", "What the rule Beaconing to dynamic DNS finds, whatever the variables of the parameters are: hosts under a known provider's domain to which at least one device keeps connecting.",
		place(0, 25, 24, 9), ask("dynamicDns", "table", tableRows).with(map[string]any{"match": "suffix", "onlyBeacons": true}).where(filters...).allowing())
	return dashboard(DynamicDNSUID, "Triage of connections to names of dynamic DNS providers (SuspiciousDynamicDNS, MITRE ATT&CK T1584).",
		append(variables, allowlistVariable(), filtersVariable()), append(panels, perInterval, spread, list, beacons)...)
}
