package dashboards

// Each function here builds a panel of one type, with what all panels of that type have in common.

// place is where a panel stands.
func place(x, y, w, h int) GridPos { return GridPos{X: x, Y: y, W: w, H: h} }

func panel(id int, kind, title, description string, at GridPos) Panel {
	return Panel{ID: id, Type: kind, Title: title, Description: description, GridPos: at, PluginVersion: grafanaVersion}
}

// asking gives the panel its query.
func (p Panel) asking(t Target) Panel {
	p.Targets = []Target{t}
	p.Datasource = &t.Datasource
	return p
}

// fields says how the panel's fields look.
func (p Panel) fields(defaults Field, overrides ...Override) Panel {
	if overrides == nil {
		overrides = []Override{}
	}
	if p.Type == "timeseries" { // the defaults' words are for a chart without a series: beside the mouse a gap is a gap
		overrides = append(overrides, overrideType("number", property("noValue", noNumber)))
	}
	p.FieldConfig = &FieldConfig{Defaults: defaults, Overrides: overrides}
	return p
}

// transformed changes the data before it is drawn.
func (p Panel) transformed(by ...Transformation) Panel {
	p.Transformations = by
	return p
}

// stat is one number in large digits: the numeric field, or the one that of names, reduced by calc, such as count or
// lastNotNull.
func stat(id int, title, description string, at GridPos, calc string) Panel {
	p := panel(id, "stat", title, description, at)
	p.Options = object{
		"reduceOptions": object{"calcs": []string{calc}, "fields": "", "values": false},
		"colorMode":     "value", "graphMode": "none", "justifyMode": "center", "orientation": "auto",
		"textMode": "value", "wideLayout": true, "showPercentChange": false,
	}
	return p
}

// counting shows a number of a summary, which has one also where nothing is found.
func (p Panel) counting(field string) Panel {
	p.Options["reduceOptions"].(object)["calcs"] = []string{"lastNotNull"}
	return p.of(field)
}

// of reduces a field by its name. Grafana compares with the name shown: a panel that sets a display name needs a
// transformation instead.
func (p Panel) of(field string) Panel {
	p.Options["reduceOptions"].(object)["fields"] = "/^" + field + "$/"
	return p
}

// readFromAfar names the number inside the panel and fills it with the colour, in digits for five metres.
func (p Panel) readFromAfar(title, value int) Panel {
	p.Options["colorMode"], p.Options["textMode"] = "background_solid", "value_and_name"
	p.Options["wideLayout"] = false
	p.Options["text"] = object{"titleSize": title, "valueSize": value}
	return p
}

// lines is a chart over time: one line or stack of bars a series.
func lines(id int, title, description string, at GridPos) Panel {
	p := panel(id, "timeseries", title, description, at)
	p.Options = object{
		"legend":  object{"displayMode": "list", "placement": "bottom", "showLegend": true, "calcs": []string{}},
		"tooltip": object{"mode": "multi", "sort": "desc"},
	}
	return p
}

// bars draws the series as stacked bars instead of lines.
func bars() object {
	return object{
		"drawStyle": "bars", "fillOpacity": 80, "lineWidth": 0, "barAlignment": 1,
		"stacking": object{"mode": "normal", "group": "A"},
	}
}

// strokes draws the series as lines that stop at gaps.
func strokes() object {
	return object{"drawStyle": "line", "lineWidth": 2, "fillOpacity": 8, "showPoints": "auto", "pointSize": 5, "spanNulls": false}
}

// table lists rows.
func table(id int, title, description string, at GridPos) Panel {
	p := panel(id, "table", title, description, at)
	p.Options = object{"showHeader": true, "cellHeight": "sm"}
	return p
}

// ranking shows rows as bars, the longest first.
func ranking(id int, title, description string, at GridPos, field string, rows int) Panel {
	p := panel(id, "bargauge", title, description, at)
	p.Options = object{
		"reduceOptions": object{"calcs": []string{}, "fields": "/^" + field + "$/", "values": true, "limit": rows},
		"displayMode":   "basic", "orientation": "horizontal", "valueMode": "text", "namePlacement": "top", // beside its bar a long name is cut
		"showUnfilled": false, "sizing": "auto", "minVizHeight": 16, "maxVizHeight": 60, "minVizWidth": 8,
		"legend": object{"displayMode": "list", "placement": "bottom", "showLegend": false, "calcs": []string{}},
	}
	return p
}

// scatter sets one field of each row against another.
func scatter(id int, title, description string, at GridPos, x, y string) Panel {
	p := panel(id, "xychart", title, description, at)
	byName := func(field string) object { return object{"matcher": object{"id": "byName", "options": field}} }
	p.Options = object{
		"mapping": "manual",
		"series":  []object{{"frame": object{"matcher": object{"id": "byIndex", "options": 0}}, "x": byName(x), "y": byName(y)}},
		"legend":  object{"displayMode": "list", "placement": "bottom", "showLegend": false, "calcs": []string{}},
		"tooltip": object{"mode": "single", "sort": "none"},
	}
	return p
}

// eventLog shows events as log lines.
func eventLog(id int, title, description string, at GridPos) Panel {
	p := panel(id, "logs", title, description, at)
	p.Options = object{
		"showTime": true, "showLabels": false, "showCommonLabels": false, "wrapLogMessage": true, "prettifyLogMessage": false,
		"enableLogDetails": true, "showLogContextToggle": true, "dedupStrategy": "none", "sortOrder": "Descending",
		"enableInfiniteScrolling": false, "fontSize": "default",
	}
	return p
}

// alertState lists the alerts that are firing, pending or in error. It has no query: it reads Grafana's alerting.
func alertState(id int, title, description string, at GridPos, matcher string) Panel {
	p := panel(id, "alertlist", title, description, at)
	p.Options = object{
		"viewMode": "list", "groupMode": "default", "groupBy": []string{}, "maxItems": 20, "sortOrder": 3,
		"dashboardAlerts": false, "alertName": "", "alertInstanceLabelFilter": matcher, "datasource": "-- Grafana --",
		"showInstances": false, "showInactiveAlerts": false,
		"stateFilter": object{"firing": true, "pending": true, "recovering": true, "noData": true, "normal": false, "error": true},
	}
	return p
}
