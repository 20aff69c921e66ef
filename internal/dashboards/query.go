package dashboards

// pluginType is the plugin's id, which is the type of its data sources.
const pluginType = "fluxhound-detections-datasource"

// source is the data source that the viewer has chosen.
func source() DataSource { return DataSource{Type: pluginType, UID: "${datasource}"} }

// sharedSource is Grafana's own data source that hands on another panel's data.
func sharedSource() DataSource { return DataSource{Type: "datasource", UID: "-- Dashboard --"} }

// Target is one query of a panel: the plugin's, or another panel's data.
type Target struct {
	RefID      string         `json:"refId"`
	Datasource DataSource     `json:"datasource"`
	QueryType  string         `json:"queryType,omitempty"`
	Format     string         `json:"format,omitempty"`
	Params     map[string]any `json:"params,omitempty"`
	Filters    []Filter       `json:"filters,omitempty"`
	Limit      int            `json:"limit,omitempty"`
	Allowlist  string         `json:"allowlist,omitempty"`
	PanelID    int            `json:"panelId,omitempty"` // the panel whose data is taken over, before its transformations
}

// Filter is one condition on events, or on findings by their severity.
type Filter struct {
	Column   string   `json:"column"`
	Operator string   `json:"operator"`
	Values   []string `json:"values"`
}

// Bounds on what one panel draws. A wall or a triage table with more rows is no longer read, and a cut answer says so.
const (
	tableRows = 1000 // findings or events of a table
	wallRows  = 5000 // findings that the wall counts
	topSeries = 10   // lines of a chart
	logLines  = 500
)

// notOfTheInternet are the networks that no server on the internet can be in (RFC 6890), which the stricter rules leave out:
// "this network", private, shared, loopback, link-local, protocol assignments, 6to4 relays, multicast and reserved.
func notOfTheInternet() []string {
	return []string{
		"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.88.99.0/24", "192.168.0.0/16",
		"224.0.0.0/4", "240.0.0.0/4",
	}
}

func ask(queryType, format string, limit int) Target {
	return Target{RefID: "A", Datasource: source(), QueryType: queryType, Format: format, Limit: limit}
}

// summed asks for the numbers of a detector's or the events' summary.
func summed(queryType string) Target { return ask(queryType, "summary", 0) }

func (t Target) with(params map[string]any) Target {
	t.Params = params
	return t
}

func (t Target) where(filters ...Filter) Target {
	t.Filters = filters
	return t
}

// allowing lets the viewer see what the allowlist hides.
func (t Target) allowing() Target {
	t.Allowlist = "$" + allowlistName
	return t
}

// among keeps the events whose column has one of the variable's values.
func among(column, variable string) Filter {
	return Filter{Column: column, Operator: "in", Values: []string{"$" + variable}}
}

// is keeps the events whose column has the variable's value.
func is(column, variable string) Filter {
	return Filter{Column: column, Operator: "=", Values: []string{"$" + variable}}
}

// dataOf takes over the data of another panel of the dashboard, so that its query runs once.
func dataOf(panel int) Target {
	return Target{RefID: "A", Datasource: sharedSource(), PanelID: panel}
}
