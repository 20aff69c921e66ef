package dashboards

// week is the analytic's look-back, which every dashboard opens with.
var week = TimeRange{From: "now-7d", To: "now"}

// titles of the dashboards, for their mutual links, and what these say: all of them stand in one line of a wall. One without a link is
// a place that other links lead to.
var titles = []struct{ uid, title, link, tooltip string }{
	{WallUID, "SOC wall", "SOC wall", "All findings at a glance"},
	{FindingsUID, "Findings", "Findings", "What is new, open and gone, and what analysts say of it"},
	{BeaconingUID, "Beaconing", "Beaconing", "Steady connections to one public address"},
	{DynamicDNSUID, "Dynamic DNS", "Dynamic DNS", "Connections to names of dynamic DNS providers"},
	{FastFluxUID, "Fast flux", "Fast flux", "Devices that reach many addresses within an hour"},
	{CasesUID, "Cases", "Cases", "One row a device and destination, with the reasons for its risk"},
	{IntelUID, "Threat intelligence", "Threat intel", "What lists name, and who connects there"},
	{RepointedUID, "Re-pointed names", "Re-pointed", "Names that lead elsewhere than they did for long"},
	{DeviceUID, "Device investigation", "Device", "Everything about one device"},
	{EventsUID, "Events", "", ""}, // findings lead there, and one link more would need a second line
	{HuntingUID, "Hunting", "Hunting", "Questions to ask again and again"},
	{QualityUID, "Data quality", "Data quality", "What the events can be used for"},
}

// dashboard is what all dashboards have in common.
func dashboard(uid, description string, variables []Variable, panels ...Panel) Dashboard {
	d := Dashboard{
		UID: uid, Description: description, Tags: []string{"fluxhound", "mitre-t1584"},
		SchemaVersion: schemaVersion, Editable: true, GraphTooltip: 1, Time: week, Timezone: "browser", Refresh: "5m",
		Templating:  Templating{List: append([]Variable{dataSourceVariable()}, variables...)},
		Annotations: Annotated{List: []Annotation{builtInAnnotations()}},
		Panels:      panels,
	}
	for _, t := range titles {
		if t.uid == uid {
			d.Title = "Fluxhound " + t.title
			continue
		}
		if t.link == "" {
			continue
		}
		d.Links = append(d.Links, TopLink{
			Title: t.link, Tooltip: t.tooltip, Type: "link", Icon: "dashboard", Tags: []string{},
			URL: "/d/" + t.uid + "?var-datasource=${datasource}", KeepTime: true,
		})
	}
	return d
}

// builtInAnnotations are those that Grafana adds to every dashboard: annotations made by hand, and alert states.
func builtInAnnotations() Annotation {
	return Annotation{
		Name: "Annotations & Alerts", Enable: true, Hide: true, BuiltIn: 1, IconColor: "rgba(0, 211, 255, 1)", Type: "dashboard",
		Datasource: DataSource{Type: "grafana", UID: "-- Grafana --"},
	}
}
