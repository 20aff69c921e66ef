package dashboards

// The types here are the part of Grafana's classic dashboard JSON, schema version 42, that the dashboards use:
// https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/.

const (
	schemaVersion  = 42
	grafanaVersion = "12.3.0" // that the panels' options were written for
)

// object is free-form JSON: a panel type's own options. Its keys are written in order.
type object = map[string]any

// Dashboard is one dashboard.
type Dashboard struct {
	UID           string     `json:"uid"`
	Title         string     `json:"title"`
	Description   string     `json:"description"`
	Tags          []string   `json:"tags"`
	SchemaVersion int        `json:"schemaVersion"`
	Editable      bool       `json:"editable"`
	GraphTooltip  int        `json:"graphTooltip"` // 1: the crosshair is shared by all panels
	Refresh       string     `json:"refresh"`
	Time          TimeRange  `json:"time"`
	Timezone      string     `json:"timezone"`
	Templating    Templating `json:"templating"`
	Annotations   Annotated  `json:"annotations"`
	Links         []TopLink  `json:"links"`
	Panels        []Panel    `json:"panels"`
}

// TimeRange is the range that a dashboard opens with.
type TimeRange struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// Templating holds the variables.
type Templating struct {
	List []Variable `json:"list"`
}

// Annotated holds the annotation queries.
type Annotated struct {
	List []Annotation `json:"list"`
}

// Annotation is one annotation query.
type Annotation struct {
	Name       string     `json:"name"`
	Enable     bool       `json:"enable"`
	Hide       bool       `json:"hide,omitempty"`
	BuiltIn    int        `json:"builtIn,omitempty"`
	IconColor  string     `json:"iconColor"`
	Datasource DataSource `json:"datasource"`
	Type       string     `json:"type,omitempty"`
	Target     any        `json:"target,omitempty"`
}

// TopLink is a link in the dashboard's header.
type TopLink struct {
	Title       string   `json:"title"`
	Type        string   `json:"type"`
	Icon        string   `json:"icon"`
	URL         string   `json:"url"`
	Tooltip     string   `json:"tooltip"`
	KeepTime    bool     `json:"keepTime"`
	IncludeVars bool     `json:"includeVars"`
	TargetBlank bool     `json:"targetBlank"`
	AsDropdown  bool     `json:"asDropdown"`
	Tags        []string `json:"tags"`
}

// Panel is one panel.
type Panel struct {
	ID              int              `json:"id"` // rules and links name it: it never changes
	Type            string           `json:"type"`
	Title           string           `json:"title"`
	Description     string           `json:"description"`
	Datasource      *DataSource      `json:"datasource,omitempty"`
	GridPos         GridPos          `json:"gridPos"`
	Targets         []Target         `json:"targets,omitempty"`
	Transformations []Transformation `json:"transformations,omitempty"`
	FieldConfig     *FieldConfig     `json:"fieldConfig,omitempty"`
	Options         object           `json:"options,omitempty"`
	Interval        string           `json:"interval,omitempty"` // the narrowest width of a time series' buckets
	MaxDataPoints   int              `json:"maxDataPoints,omitempty"`
	TimeFrom        string           `json:"timeFrom,omitempty"`  // the panel's own range, instead of the dashboard's
	TimeShift       string           `json:"timeShift,omitempty"` // how far back the range is moved
	Collapsed       bool             `json:"collapsed,omitempty"` // a row whose panels are folded away, and ask nothing
	Panels          []Panel          `json:"panels,omitempty"`    // a row's, while it is folded
	PluginVersion   string           `json:"pluginVersion,omitempty"`
}

// Every is each panel that shows something, those in folded rows too, and no row.
func (d Dashboard) Every() []Panel {
	var list []Panel
	for _, p := range d.Panels {
		if p.Type == "row" {
			list = append(list, p.Panels...)
		} else {
			list = append(list, p)
		}
	}
	return list
}

// GridPos places a panel. The grid has 24 columns; a row is 30 px high, with 8 px between panels.
type GridPos struct {
	X int `json:"x"`
	Y int `json:"y"`
	W int `json:"w"`
	H int `json:"h"`
}

// DataSource names a data source.
type DataSource struct {
	Type string `json:"type"`
	UID  string `json:"uid"`
}

// Transformation changes a panel's data in the browser.
type Transformation struct {
	ID      string `json:"id"`
	Options object `json:"options"`
}

// FieldConfig says how fields look.
type FieldConfig struct {
	Defaults  Field      `json:"defaults"`
	Overrides []Override `json:"overrides"`
}

// Field is how a field looks.
type Field struct {
	DisplayName string      `json:"displayName,omitempty"`
	Unit        string      `json:"unit,omitempty"`
	Decimals    *int        `json:"decimals,omitempty"`
	Min         *float64    `json:"min,omitempty"`
	Max         *float64    `json:"max,omitempty"`
	Color       *Color      `json:"color,omitempty"`
	Thresholds  *Thresholds `json:"thresholds,omitempty"`
	NoValue     string      `json:"noValue,omitempty"`
	Mappings    []Mapping   `json:"mappings,omitempty"`
	Links       []Link      `json:"links,omitempty"`
	Custom      object      `json:"custom,omitempty"`
}

// Mapping shows values as other texts, in colours.
type Mapping struct {
	Type    string          `json:"type"`
	Options map[string]Face `json:"options"`
}

// Face is how one value looks.
type Face struct {
	Text  string `json:"text,omitempty"`
	Color string `json:"color"`
	Index int    `json:"index"` // its place in Grafana's editor
}

// Color is a field's colour.
type Color struct {
	Mode       string `json:"mode"`
	FixedColor string `json:"fixedColor,omitempty"`
}

// Thresholds colour a field by its value.
type Thresholds struct {
	Mode  string `json:"mode"`
	Steps []Step `json:"steps"`
}

// Step is a threshold's colour from its value up; the first has no value.
type Step struct {
	Color string   `json:"color"`
	Value *float64 `json:"value"`
}

// Link is a link of a field's values.
type Link struct {
	Title       string `json:"title"`
	URL         string `json:"url"`
	TargetBlank bool   `json:"targetBlank,omitempty"`
}

// Override changes how some fields look.
type Override struct {
	Matcher    Matcher    `json:"matcher"`
	Properties []Property `json:"properties"`
}

// Matcher picks an override's fields.
type Matcher struct {
	ID      string `json:"id"`
	Options any    `json:"options"`
}

// Property is one changed property.
type Property struct {
	ID    string `json:"id"`
	Value any    `json:"value"`
}
