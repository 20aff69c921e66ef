package dashboards

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
)

// Variable is one variable in the dashboard's header.
type Variable struct {
	Name        string      `json:"name"`
	Label       string      `json:"label"`
	Description string      `json:"description"`
	Type        string      `json:"type"`
	Datasource  *DataSource `json:"datasource,omitempty"`
	Query       any         `json:"query,omitempty"`
	Refresh     int         `json:"refresh,omitempty"` // 2: when the time range changes
	Sort        int         `json:"sort,omitempty"`    // 5: by name, upper and lower case the same
	Multi       bool        `json:"multi"`
	IncludeAll  bool        `json:"includeAll"`
	Current     *Option     `json:"current,omitempty"`
	Options     []Option    `json:"options,omitempty"`
	Filters     []object    `json:"filters,omitempty"`
	SkipURLSync bool        `json:"skipUrlSync,omitempty"`
	Hide        int         `json:"hide,omitempty"`
}

// Option is a variable's value; Text and Value are lists where several may be chosen.
type Option struct {
	Selected bool `json:"selected"`
	Text     any  `json:"text"`
	Value    any  `json:"value"`
}

func dataSourceVariable() Variable {
	return Variable{
		Name: "datasource", Label: "Data source", Type: "datasource", Query: pluginType, Refresh: 1,
		Description: "The Fluxhound data source that every panel asks.",
		// The provisioned one, which the rules ask; where there is none, the first by its name. Not "default": Grafana 12.3 then takes the
		// filters of the variable filters for another data source's, shows them, and asks without them.
		Current: &Option{Selected: true, Text: "Fluxhound", Value: "fluxhound"},
	}
}

const sourceName = "source"

// sourceVariable is the identifier of the data source that the variable datasource chose, which may have chosen it by another name. Nobody
// sets it: it is for what asks Grafana and not the data source.
func sourceVariable() Variable {
	s := source()
	return Variable{
		Name: sourceName, Label: "Identifier", Description: "The uid of the data source that is chosen: the lists of alert rules go by it.",
		Type: "query", Datasource: &s, Refresh: 1, Hide: neverShown, SkipURLSync: true,
		Query: object{"refId": "variable", "kind": "dataSource"},
	}
}

// valuesVariable lists the distinct values of a column of the events table in the dashboard's time range. What the viewer types
// into its picker is searched for by the server, which has more values than a list holds.
func valuesVariable(name, label, column string) Variable {
	s := source()
	return Variable{
		Name: name, Label: label, Type: "query", Datasource: &s, Refresh: 2, Sort: 5,
		Description: fmt.Sprintf("Only events whose %s is one of these.", column),
		Query:       object{"refId": "variable", "kind": "values", "column": column, "search": "${__searchFilter}"},
	}
}

// several lets the viewer choose several values, or all, which is how the dashboard opens.
func (v Variable) several() Variable {
	v.Multi, v.IncludeAll = true, true
	v.Current = &Option{Selected: true, Text: []string{"All"}, Value: []string{"$__all"}}
	return v
}

const severityName = "severity"

// severityVariable lets the viewer choose findings by what they are worth, the gravest first.
func severityVariable() Variable {
	words := detect.Severities()
	slices.Reverse(words)
	return wordsVariable(severityName, "Severity", "Only findings that are as severe as one of these. Numbers on top and lists are of these; a list's limit counts no others.", nil, words...)
}

// ofSeverity keeps the findings whose severity is one of the variable's.
func ofSeverity() Filter { return among(query.Severity, severityName) }

// filtersVariable lets the viewer add conditions on any column.
func filtersVariable() Variable {
	s := source()
	return Variable{
		Name: "filters", Label: "Filters", Type: "adhoc", Datasource: &s, Filters: []object{},
		Description: "More conditions on the events that all panels look at.",
	}
}

const allowlistName = "allowlist"

// allowlistVariable lets the viewer see what the allowlist hides: an entry that is too wide shows nowhere else.
func allowlistVariable() Variable {
	v := Variable{
		Name: allowlistName, Label: "Allowlist", Type: "custom", Query: string(query.ApplyAllowlist) + "," + string(query.IgnoreAllowlist),
		Description: "ignore also shows the findings that the data source's allowlist hides, with the entry that hides each in the column Allowlisted.",
	}
	for _, word := range []query.Allowlist{query.ApplyAllowlist, query.IgnoreAllowlist} {
		v.Options = append(v.Options, Option{Selected: word == query.ApplyAllowlist, Text: string(word), Value: string(word)})
	}
	current := v.Options[0]
	v.Current = &current
	return v
}

// neverShown leaves a variable out of the dashboard's header.
const neverShown = 2

// inControlsMenu folds a variable away into the menu of the dashboard's controls, which Grafana has from 12.3 on; an older one shows it.
const inControlsMenu = 3

// paramVariable offers a detector's parameter, with the detector's own default and explanation. It is folded away: most who triage change none.
func paramVariable(queryType, param string) Variable {
	p := paramOf(queryType, param)
	byDefault := fmt.Sprint(p.Default)
	v := Variable{Name: p.Name, Label: p.Label, Description: p.Help, Hide: inControlsMenu}
	// "Minimum connections" has said its unit.
	if p.Unit != "" && !strings.Contains(strings.ToLower(p.Label), p.Unit) {
		v.Label = fmt.Sprintf("%s (%s)", p.Label, p.Unit)
	}
	option := func(text string) Option { return Option{Selected: text == byDefault, Text: text, Value: text} }
	choices := p.Options
	if p.Kind == query.KindBoolean {
		choices = []string{"false", "true"}
	}
	if len(choices) > 0 {
		v.Type, v.Query = "custom", strings.Join(choices, ",")
		for _, o := range choices {
			v.Options = append(v.Options, option(o))
		}
	} else {
		v.Type, v.Query = "textbox", byDefault
		v.Options = []Option{option(byDefault)}
	}
	current := option(byDefault)
	v.Current = &current
	return v
}

// paramValues sets a detector's parameters to the variables of the same names.
func paramValues(params ...string) map[string]any {
	values := map[string]any{}
	for _, p := range params {
		values[p] = "$" + p
	}
	return values
}

func paramOf(queryType, name string) query.Param {
	params := spec(queryType).Params
	i := slices.IndexFunc(params, func(p query.Param) bool { return p.Name == name })
	if i < 0 {
		panic("dashboards: " + queryType + " has no parameter " + name) // a programmer's error, as in spec
	}
	return params[i]
}
