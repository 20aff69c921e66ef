package dashboards

const (
	eventsLog     = 5
	eventsCounted = 1 // the panel that the other number takes its data from
)

// eventsBoard shows events by any condition. Links lead to it from findings and groups where Grafana refuses Explore to who follows
// them, and from what has no row of its own.
func eventsBoard() Dashboard {
	filters := []Filter{among("DeviceName", "device"), among("RemoteUrl", "remote_url")}
	grouping := func(by ...string) Target { return grouped(tableRows, by...).where(filters...) }
	over := lines(3, "Events over time", "The events in each interval by what happened.", place(8, 0, 16, 8)).
		asking(ask("events", "timeseries", topSeries).where(filters...)).
		fields(Field{Unit: unitExact, Min: number(0.0), NoValue: noRows, Color: byPalette(), Custom: bars()})
	over.MaxDataPoints = 200
	devices := groupTable(4, "Devices", "The devices that the events are of, most events first.", place(0, 8, 24, 8), "DeviceName").asking(grouping("DeviceName"))
	devices.FieldConfig.Overrides = append(devices.FieldConfig.Overrides, override("DeviceName", property("links", []Link{deviceLink(inRow("DeviceName"))})))
	return dashboard(EventsUID, "The events themselves, of the devices, destinations and other conditions that are chosen above.",
		[]Variable{
			valuesVariable("device", "Device", "DeviceName").several(),
			valuesVariable("remote_url", "Destination", "RemoteUrl").several(),
			filtersVariable(),
		},
		stat(eventsCounted, "Events", "Events of the time range that meet all conditions.", place(0, 0, 8, 4), "lastNotNull").
			counting("Events").
			asking(summed("events").where(filters...)).
			fields(Field{Unit: unitExact, NoValue: noAnswer, Color: fixed("text")}),
		stat(2, "Newest event", "How long ago the newest of these events was, in hours, minutes and seconds.", place(0, 4, 8, 4), "lastNotNull").
			counting("SecondsSinceNewestEvent").
			asking(dataOf(eventsCounted)).
			fields(Field{Decimals: number(0), NoValue: noAnswer, Color: fixed("text")}, newestOf()...),
		over, devices,
		eventLog(eventsLog, "Log", "The events as log lines, newest first. Open a line for its fields and its context.", place(0, 16, 24, 16)).
			asking(ask("events", "logs", logLines).where(filters...)).
			fields(Field{NoValue: noRows}),
	)
}
