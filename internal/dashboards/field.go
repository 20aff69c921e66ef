package dashboards

import (
	"slices"
	"strings"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
)

// Texts that panels show without a value. Grafana shows the same where a query found nothing and where it failed, so that none
// of them may soothe: a panel that can tell counts with a summary, which always has a value.
const (
	noAnswer  = "No answer"                                 // of numbers that an answer always has
	noRows    = "Nothing to show: none found, or no answer" // of lists and charts
	noNumber  = "–"                                         // of a number that findings have and their absence has not
	noIntel   = "No indicators, or no answer"               // of what lists of threat intelligence are needed for
	noLedger  = "No ledger, or no answer"                   // of what the ledger of names is needed for
	noneKnown = "None, or no answer"                        // of a number that is alarming either way
)

// Units of Grafana (https://grafana.com/docs/grafana/latest/panels-visualizations/configure-standard-options/#unit).
const (
	unitExact   = "locale" // with the digits of thousands apart
	unitBytes   = "bytes"
	unitAgo     = "dthms" // seconds, as hh:mm:ss
	unitHours   = "h"
	unitSeconds = "s"
	unitShare   = "percentunit" // 1 is 100 %
	unitPerHour = "suffix: /h"
	unitPerMin  = "suffix: /min"
	unitAge     = "dateTimeFromNow"
)

// Colours. A detector has the same everywhere; green is only for what is well.
const (
	green  = "green"
	amber  = "#e05f00" // Grafana's orange is too light for a large number on white
	red    = "red"
	blue   = "blue"
	purple = "purple"
	pink   = "#d6398a"
	teal   = "#1f78a4"
	yellow = "yellow"
	grey   = "#6c7078" // nothing is known; white text is read from it
)

// judged colours a number that a summary has: below 0, which none is, lies what Grafana takes for no number at all. Green is an age
// that was read: a zero is blue, for where no event came in there is none to find either.
func judged(well string, more ...Step) *Thresholds {
	return steps(grey, append([]Step{from(0, well)}, more...)...)
}

// solid is a colour's shade for a background that white text is read from, at a contrast of 4.5 or more. Grafana's dark yellow and dark
// green are too light for that, and so is its dark orange in the dark theme.
func solid(color string) string {
	switch color {
	case yellow:
		return "#8f6b00"
	case amber:
		return "#b84700"
	case green:
		return "#317a28"
	}
	return "dark-" + color
}

// colorOf gives each detector a colour that is neither green nor another's.
func colorOf(queryType string) string {
	return map[string]string{"beaconing": red, "dynamicDns": amber, "fastFlux": purple, "cases": blue, "threatIntel": pink, "repointed": teal}[queryType]
}

// severities are those of findings, the highest first, with a colour each.
func severities() []string {
	list := slices.Clone(detect.Severities())
	slices.Reverse(list)
	return list
}

func colorOfSeverity(severity string) string {
	return map[string]string{detect.Critical: red, detect.High: amber, detect.Medium: yellow, detect.Low: blue}[severity]
}

// severityColors colours severities by their names.
func severityColors() Mapping {
	faces := map[string]Face{}
	for i, s := range severities() {
		faces[s] = Face{Color: solid(colorOfSeverity(s)), Index: i}
	}
	return Mapping{Type: "value", Options: faces}
}

func fixed(color string) *Color { return &Color{Mode: "fixed", FixedColor: color} }

func byThreshold() *Color { return &Color{Mode: "thresholds"} }

func byPalette() *Color { return &Color{Mode: "palette-classic"} }

// steps builds thresholds: the base colour, then pairs of a value and the colour from it up.
func steps(base string, more ...Step) *Thresholds {
	return &Thresholds{Mode: "absolute", Steps: append([]Step{{Color: base}}, more...)}
}

func from(value float64, color string) Step { return Step{Color: color, Value: &value} }

func number[T any](n T) *T { return &n }

// override changes the named field.
func override(field string, properties ...Property) Override {
	return Override{Matcher: Matcher{ID: "byName", Options: field}, Properties: properties}
}

// overrideType changes all fields of a type: string, number, time or other.
func overrideType(fieldType string, properties ...Property) Override {
	return Override{Matcher: Matcher{ID: "byType", Options: fieldType}, Properties: properties}
}

func property(id string, value any) Property { return Property{ID: id, Value: value} }

// dashboardRange is the dashboard's time range in a link.
const dashboardRange = "${__url_time_range}"

// deviceLink leads from a value to the investigation of its device in the same time range. device is an expression of
// Grafana's for the device's name, such as __field.labels.device.
func deviceLink(device string) Link {
	return Link{
		Title: "Investigate the device",
		URL:   "/d/" + DeviceUID + "?var-datasource=${datasource}&var-device=${" + device + ":percentencode}&" + dashboardRange,
	}
}

// overPanelsRange makes a link lead to the time range of its panel. Grafana has no text for dashboardRange in a panel with a range of its own.
func overPanelsRange(l Link) Link {
	l.URL = strings.ReplaceAll(l.URL, dashboardRange, "from=${__from}&to=${__to}")
	return l
}

// newestOf shows an age as hh:mm:ss. It has a unit from the data source, which only an override changes; -1 is the age of what is not there.
func newestOf() []Override {
	return []Override{override("SecondsSinceNewestEvent", property("unit", unitAgo), property("mappings", []Mapping{
		{Type: "value", Options: map[string]Face{"-1": {Text: "No events", Color: solid(red)}}},
	}))}
}

// inRow is the expression for a field of the row that a link belongs to.
func inRow(field string) string { return "__data.fields." + field }
