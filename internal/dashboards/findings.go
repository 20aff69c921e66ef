package dashboards

// findingsTable is a triage dashboard's list of findings; the dashboard's other panels take their data from it. The data
// source adds links to each finding: to its events in Explore, and to its device.
//
// hidden columns are not drawn, and stay in the data: links are made of them.
func findingsTable(id int, title, description string, at GridPos, t Target, hidden, order []string, overrides ...Override) Panel {
	for _, name := range hidden {
		overrides = append(overrides, undrawn(name))
	}
	return table(id, title, description, at).
		asking(t).
		transformed(columns(nil, append([]string{severityField, allowlistedField}, order...)...)).
		fields(Field{NoValue: noRows, Custom: object{"filterable": true, "inspect": true, "align": "auto", "cellOptions": object{"type": "auto"}}},
			append(append(tableOverrides(), severityCell(), override("ConnectionCount", property("custom.width", 165))), overrides...)...)
}

// undrawn hides a table's column. Grafana before 12.2 knows the first of the two properties, later ones the second.
func undrawn(name string) Override {
	return override(name, property("custom.hidden", true), property("custom.hideFrom.viz", true))
}

// severityField is what an analyst reads first: it comes first in every table of findings.
const severityField = "Severity"

// allowlistedField is there when the allowlist is ignored.
const allowlistedField = "Allowlisted"

// tableOverrides are what every table of findings or groups has.
func tableOverrides() []Override {
	return []Override{
		// The text of an empty cell is also what a link puts in its place: it must stay empty.
		overrideType("string", property("noValue", "")),
		overrideType("number", property("noValue", "")), // an address without an autonomous system
		overrideType("other", pills()...),
		overrideType("time", property("custom.width", 190)),
		override("DeviceId", property("custom.width", 160)),
		override("RemoteUrl", property("custom.minWidth", 220)),
		override("BytesSent", property("unit", unitBytes), property("custom.width", 110)),
		override("BytesReceived", property("unit", unitBytes), property("custom.width", 145)),
	}
}

func severityCell() Override {
	return override(severityField, property("mappings", []Mapping{severityColors()}),
		property("custom.cellOptions", object{"type": "color-background", "mode": "basic"}), property("custom.width", 95))
}

// gaugeCell draws a number of a table as a bar in its cell.
func gaugeCell(color string) []Property {
	return []Property{
		property("custom.cellOptions", object{"type": "gauge", "mode": "basic", "valueDisplayMode": "text"}),
		property("color", fixed(color)), property("custom.minWidth", 160), property("min", 0), property("fieldMinMax", true),
	}
}

// wrapped shows all of a text, on as many lines as that takes. Grafana before 12.2 knows the first of the two properties, later
// ones the second.
func wrapped() []Property {
	return []Property{property("custom.cellOptions", object{"type": "auto", "wrapText": true}), property("custom.wrapText", true)}
}

// pills shows each text of a list by itself, in a colour that white text is read from: Grafana's palette has some that it is not.
func pills() []Property {
	return []Property{property("noValue", ""), property("custom.cellOptions", object{"type": "pill"}), property("custom.minWidth", 160), property("color", fixed(grey))}
}

// reasons shows each text of a list by itself, all of them one below the other where they do not fit side by side.
func reasons() []Property {
	return []Property{
		property("custom.cellOptions", object{"type": "pill"}), property("custom.wrapText", true), property("custom.minWidth", 700),
		property("color", fixed(grey)),
	}
}

// sparklineCell draws a list of numbers as a small bar chart in its cell.
func sparklineCell(color string) []Property {
	return []Property{
		property("custom.cellOptions", object{"type": "sparkline", "drawStyle": "bars", "barAlignment": 0, "fillOpacity": 70, "gradientMode": "none", "lineWidth": 1, "hideValue": true}),
		property("color", fixed(color)), property("custom.minWidth", 170), property("custom.filterable", false),
	}
}

// count is one number of the row on top of a triage dashboard: a column of the detector's summary, which is over all findings, however
// many the list shows.
type count struct {
	title, description, field string
	look                      Field
}

// counts draws numbers side by side over the whole width, on top and with the first identifiers. The first runs the query of the summary, whose numbers the others share.
func counts(asked Target, list ...count) []Panel {
	const firstID = 1
	width := 24 / len(list)
	panels := make([]Panel, len(list))
	for i, c := range list {
		look := c.look
		if look.NoValue == "" {
			look.NoValue = noAnswer
		}
		if look.Color == nil {
			look.Color = fixed("text")
		}
		if look.Unit == "" {
			look.Unit = unitExact
		}
		p := stat(firstID+i, c.title, c.description, place(i*width, 0, width, 4), "lastNotNull").counting(c.field)
		if i == 0 {
			asked.Format, asked.Limit = "summary", 0
			p = p.asking(asked)
		} else {
			p = p.asking(dataOf(firstID))
		}
		panels[i] = p.fields(look)
	}
	return panels
}
