package dashboards

const (
	beaconingFindings = 9 // the panel that the others take their data from
	regularBeacons    = 10
)

// beaconing is the triage of PotentialBeaconing.
func beaconing() Dashboard {
	params := []string{"minConnections", "bytesSentOver", "durationHoursOver", "minBeaconRate", "maxBeaconRate", "minScore", "maxDevices"}
	filters := []Filter{among("DeviceName", "device"), among("RemoteIP", "remote_ip"), ofSeverity()}
	findings := ask("beaconing", "table", tableRows).with(paramValues(params...)).where(filters...).allowing()
	variables := []Variable{
		valuesVariable("device", "Device", "DeviceName").several(),
		valuesVariable("remote_ip", "Destination", "RemoteIP").several(),
		severityVariable(),
	}
	for _, p := range params {
		variables = append(variables, paramVariable("beaconing", p))
	}
	rate := fixed(colorOf("beaconing"))
	panels := counts(findings,
		count{"Beacons", "Combinations of device, address and name that keep connecting at a steady rate.", "Findings",
			Field{Color: byThreshold(), Thresholds: judged(blue, from(1, amber))}},
		count{"Devices", "Devices with at least one finding.", "Devices", Field{}},
		count{"Addresses", "Addresses that the findings lead to.", "Addresses", Field{}},
		count{"Bytes sent", "Bytes that left in all findings together.", "BytesSent", Field{Unit: unitBytes, NoValue: noNumber}},
		count{"Highest rate", "The fastest beacon, in connections an hour.", "HighestBeaconRate", Field{Unit: unitPerHour, Decimals: number(1), NoValue: noNumber}},
		count{"Longest", "The beacon that has gone on for longest, in hours.", "HighestDurationHours", Field{Unit: unitHours, NoValue: noNumber}},
	)
	perInterval := lines(7, "Connections of the fastest beacons over time",
		"Connections in each interval of the findings with the highest rate. A beacon is an even line; a person's traffic has nights and weekends.", place(0, 4, 14, 9)).
		asking(ask("beaconing", "timeseries", topSeries).with(paramValues(params...)).where(filters...).allowing()).
		fields(Field{Unit: unitExact, Min: number(0.0), NoValue: noRows, Color: byPalette(), Custom: strokes(), Links: []Link{deviceLink("__field.labels.device")}})
	perInterval.Interval, perInterval.MaxDataPoints = "1h", 168
	rateAgainstCount := scatter(8, "Rate against count",
		"Each point is a finding. Far right and low: slow and patient. Far right and high: busy services, or exfiltration.", place(14, 4, 10, 9), "ConnectionCount", "BeaconRate").
		asking(dataOf(beaconingFindings)).
		fields(Field{NoValue: noRows, Color: rate, Custom: object{"pointSize": object{"fixed": 8}, "show": "points"}, Links: []Link{deviceLink(inRow("DeviceName"))}},
			override("ConnectionCount", property("unit", unitExact), property("custom.axisLabel", "Connections")),
			override("BeaconRate", property("unit", unitPerHour), property("custom.axisLabel", "Connections an hour"), property("decimals", 1)))
	list := findingsTable(beaconingFindings, "Findings", "One device that keeps connecting to one public address and name. Click a cell for its events in Explore or for the device.",
		place(0, 13, 24, 12), findings,
		[]string{"AlertType"}, []string{"Score", "Timestamp", "DeviceName", "RemoteIP", "RemoteUrl", "Sparkline", "BeaconRate", "ConnectionCount", "DurationHours", "BytesSent", "BytesReceived", "SampleProcesses", "MedianInterval", "Jitter", "IntervalScore", "SizeScore", "HistogramScore", "DurationScore", "UniqueRemotePorts", "FirstSeen", "LastSeen", "DeviceId"},
		beaconCells()...)
	regular := findingsTable(regularBeacons, "Regular beacons by host", "What the rule Regular beaconing finds, whatever the variables of the parameters are: within the last day, even intervals and sizes (score 0.8 or more of 1) to a host that at most five devices connect to, however often its address changes. Of a fixed time range it looks at all.",
		place(0, 25, 24, 9), ask("beaconing", "table", tableRows).with(map[string]any{"groupBy": "host", "minScore": 0.8, "maxDevices": 5, "minConnections": 10, "privateNetworks": notOfTheInternet()}).where(filters...).allowing(),
		[]string{"AlertType"}, []string{"Score", "Timestamp", "DeviceName", "RemoteUrl", "RemoteIP", "Sparkline", "BeaconRate", "ConnectionCount", "DurationHours", "BytesSent", "BytesReceived", "SampleProcesses", "MedianInterval", "Jitter"},
		beaconCells()...)
	regular.TimeFrom = "24h"
	return dashboard(BeaconingUID, "Triage of steady connections from one device to one public address and name (PotentialBeaconing, MITRE ATT&CK T1584).",
		append(variables, allowlistVariable(), filtersVariable()), append(panels, perInterval, rateAgainstCount, list, regular)...)
}

// beaconCells draw what stands out in a list of beacons.
func beaconCells() []Override {
	color := colorOf("beaconing")
	return []Override{
		override("BeaconRate", append(gaugeCell(color), property("unit", unitPerHour), property("decimals", 1))...),
		override("Score", append(gaugeCell(color), property("decimals", 3), property("max", 1), property("fieldMinMax", false))...),
		override("Jitter", property("decimals", 3)),
		override("Sparkline", sparklineCell(color)...),
	}
}
