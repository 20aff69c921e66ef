package dashboards

import (
	"regexp"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/catalog"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/findings"
)

// Panels of the wall that others of its panels take their data from.
const (
	wallCases = 10 // the cases of the last day
	wallNow   = 1  // how many findings the range has
	wallNew   = 4  // how many of these are new
)

// Text sizes in px for the wall. On a 55-inch screen at 1920×1080 a pixel is 0.63 mm: 22 px are 14 mm, and what has to be
// read first is nearly three times as large. Larger, and "No answer" in its place would be cut.
const (
	wallList  = 22 // names in lists
	wallLabel = 18 // what a number is
	wallSmall = 34 // numbers that explain
	wallWords = 24 // numbers in whose place there may be words
	wallTitle = 28 // the detectors' names
	wallValue = 60 // the detectors' numbers
)

// wall is readable from five metres at 1920×1080: it has no more rows than fit, and its numbers and names are large. One
// query counts all findings and one lists the cases; most panels share these. Grafana's list of alerts has a row of 84 px for each rule and none beside
// another, so that only a tall panel shows all of them.
func wall() Dashboard {
	panels := []Panel{}
	for i, d := range catalog.Detectors() {
		s := d.Spec()
		panels = append(panels,
			findingsNow(wallNow+i, s.Label, s.AlertType, place(i*4, 0, 4, 5)),
			findingsNew(wallNew+i, s.Label, place(i*4, 5, 4, 4)),
		)
	}
	panels = append(panels,
		freshness(8, place(12, 0, 6, 3)),
		ingestRate(9, place(12, 3, 6, 3)),
		rulesFiring(7, place(12, 6, 6, 3)),
		alertsByRule(14, place(18, 0, 6, 26)), // at 1366 px, too, as wide as a rule's name
		findingsTimeline(11, place(0, 9, 18, 4)),
		worstCases(wallCases, place(0, 13, 11, 10)),
		caseNumbers(15, place(0, 23, 11, 3)),
		topDevices(12, place(11, 13, 7, 6)),
		topDestinations(13, place(11, 19, 7, 7)),
	)
	d := dashboard(WallUID, "The state of all detectors for a SOC's wall: findings and what of them is new, the gravest cases, and whether data is still coming in. For a screen on the wall, add &kiosk to the address.",
		[]Variable{sourceVariable()}, panels...)
	d.Refresh = "30s"
	return d
}

// findingsNow shows how many findings a detector has. The first of them runs the query.
func findingsNow(id int, label, alertType string, at GridPos) Panel {
	target := dataOf(wallNow)
	if id == wallNow {
		target = summed("alerts")
	}
	return stat(id, label, "Findings of "+label+" in the dashboard's time range"+counted(alertType)+". Blue is a zero that was counted, and says something only while Data freshness is green; grey is no answer.", at, "lastNotNull").
		readFromAfar(wallTitle, wallValue).
		asking(target).
		transformed(keepOnly("AlertType", alertType), only("Findings")).
		fields(Field{
			DisplayName: label,
			// Red is for being blind: findings are work, and the detectors' known false positives are always among them.
			Unit: unitExact, NoValue: noAnswer, Color: byThreshold(), Thresholds: judged(solid(blue), from(1, solid(amber))),
			Links: []Link{{Title: "Triage", URL: "/d/" + triageOf(alertType) + "?var-datasource=${datasource}&" + dashboardRange}},
		})
}

// triageOf returns the dashboard of a detector.
func triageOf(alertType string) string {
	return map[string]string{
		"PotentialBeaconing": BeaconingUID, "SuspiciousDynamicDNS": DynamicDNSUID, "PotentialFastFluxActivity": FastFluxUID,
	}[alertType]
}

// counted says what one finding is where that is not one thing for good: the number is higher than the one of what is new.
func counted(alertType string) string {
	if alertType == "PotentialFastFluxActivity" {
		return ": one for each device and hour, while the number below and the rule count a device once"
	}
	return ""
}

// findingsNew shows how many of a detector's findings are new. The first of them runs the query.
func findingsNew(id int, label string, at GridPos) Panel {
	target := dataOf(wallNew)
	p := stat(id, label+" new", "Findings of "+label+" that were found first within the last 24 hours, of those that are kept (`fluxhound schema apply --findings`).", at, "lastNotNull").
		readFromAfar(wallLabel, wallSmall)
	p.Options["colorMode"] = "none"
	if id == wallNew {
		target = summed(findings.Name)
	}
	return p.asking(target).
		transformed(keepOnly("Rule", label), only("New")).
		fields(Field{DisplayName: "new in 24 h", Unit: unitExact, NoValue: noNumber, Color: fixed("text"), Links: []Link{{Title: "Findings", URL: "/d/" + FindingsUID + "?var-datasource=${datasource}&" + dashboardRange}}})
}

func freshness(id int, at GridPos) Panel {
	p := stat(id, "Data freshness", "How long ago the newest event of the time range was, in hours, minutes and seconds. From 5 minutes on new findings come late, from 15 minutes on the rule Network events stopped fires.",
		at, "lastNotNull").
		readFromAfar(wallLabel, wallSmall).
		asking(summed("events")).
		transformed(only("SecondsSinceNewestEvent")).
		fields(Field{DisplayName: "Newest event, ago", Decimals: number(0), NoValue: noAnswer, Color: byThreshold(), Thresholds: judged(solid(green), from(300, solid(amber)), from(900, solid(red)))}, newestOf()...)
	return p
}

// ingestRate counts by the minute. A viewer who picks a fixed range takes the last hour's place: up to a week of it still
// comes in minutes, so that the number stays what it says.
func ingestRate(id int, at GridPos) Panel {
	p := stat(id, "Ingest rate", "Events a minute, on average over the last hour; over the whole time range where that does not end now.", at, "mean").
		readFromAfar(wallLabel, wallWords).
		asking(ask("events", "timeseries", topSeries)).
		transformed(total("Events a minute")).
		fields(Field{Unit: unitExact, Decimals: number(0), NoValue: noneKnown, Color: byThreshold(), Thresholds: steps(red, from(1, blue))})
	p.Options["graphMode"], p.Options["colorMode"] = "area", "value"
	p.TimeFrom, p.Interval, p.MaxDataPoints = "1h", "1m", 7*24*60
	return p
}

func findingsTimeline(id int, at GridPos) Panel {
	p := lines(id, "Findings over time", "How many findings of each kind were last seen in each interval; for fast flux the hour that they are.", at).
		asking(ask("alerts", "timeseries", topSeries)).
		fields(Field{Unit: unitExact, Decimals: number(0), Min: number(0.0), NoValue: noRows, Custom: bars()}, detectorColors()...)
	p.Interval, p.MaxDataPoints = "1h", 168
	p.Options["legend"] = object{"displayMode": "table", "placement": "right", "showLegend": true, "calcs": []string{"sum"}}
	return p
}

// detectorColors names and colours the series of the union.
func detectorColors() []Override {
	var overrides []Override
	for _, d := range catalog.Detectors() {
		s := d.Spec()
		overrides = append(overrides, override(s.AlertType, property("displayName", s.Label), property("color", fixed(colorOf(s.Name)))))
	}
	return overrides
}

// fluxhoundRules picks the alerts of rules that ask the chosen data source, whatever state they are in, and those of rules that do not say
// which they ask: one that is left out would be a false calm. Where the variable has no value, all are shown.
const fluxhoundRules = `{app="fluxhound",data_source=~"(.*${` + sourceName + `})?"}`

func rulesFiring(id int, at GridPos) Panel {
	p := alertState(id, "Firing", "How many alert rules that ask this data source are firing, pending or in error. None is good only while Data freshness is green.", at, fluxhoundRules)
	p.Options["viewMode"] = "stat"
	return p
}

func alertsByRule(id int, at GridPos) Panel {
	return alertState(id, "Alerts by rule", "Alert rules that ask this data source and are firing, pending or in error, longest first. A rule without the label data_source is listed for each.", at, fluxhoundRules)
}

// riskNow is a day of cases, as the rule High-risk case looks at: what came long ago no longer asks to be looked at.
const riskNow = "24h"

// worstCases runs the query of all cases; it shows the gravest of them.
func worstCases(id int, at GridPos) Panel {
	return overADay(namedNumbers(id, "Cases to look at first", "What one device does at one destination, the highest risk first, within the last day: at what time it was last seen, device, destination, and the risk of 100. From 60 a case is high, from 80 critical.", at, "Risk", 6)).
		asking(ask("cases", "table", wallRows).with(worthALook())).
		transformed(sortDown("Risk"), hostOfURL(), asText("Timestamp", "HH:mm"), only("Risk", "Timestamp", "DeviceName", hostField)).
		fields(riskField(Field{Links: []Link{overPanelsRange(deviceLink(inRow("DeviceName")))}}), overrideType("string", property("noValue", "")))
}

// worthALook are the parameters of the wall's cases.
func worthALook() map[string]any { return map[string]any{"minRisk": 30} }

// caseNumbers says of how many cases the list above has the gravest.
func caseNumbers(id int, at GridPos) Panel {
	p := overADay(stat(id, "Cases of the last day", "How many cases there are of which the list shows the gravest, and how many of these are high, from a risk of 60, and critical, from 80.", at, "lastNotNull")).
		readFromAfar(wallLabel, wallSmall).
		asking(summed("cases").with(worthALook())).
		transformed(only("Findings", "High", "Critical")).
		fields(Field{Unit: unitExact, NoValue: noAnswer, Color: fixed("text"), Links: []Link{overPanelsRange(casesLink())}},
			override("Findings", property("displayName", "in all")), override("High", numberOf(detect.High)...), override("Critical", numberOf(detect.Critical)...))
	p.Options["colorMode"], p.Options["wideLayout"] = "value", true
	return p
}

// numberOf names a number of cases by their severity and has its colour, where there are any.
func numberOf(severity string) []Property {
	return []Property{property("displayName", severity), property("color", byThreshold()), property("thresholds", steps("text", from(1, colorOfSeverity(severity))))}
}

func topDevices(id int, at GridPos) Panel {
	return overADay(namedNumbers(id, "Devices by risk", "The risk of each device's gravest case within the last day.", at, maxOf("Risk"), 4)).
		asking(dataOf(wallCases)).
		transformed(maxBy("Risk", "DeviceName"), sortDown(maxOf("Risk"))).
		fields(riskField(Field{Links: []Link{overPanelsRange(deviceLink(inRow("DeviceName")))}}))
}

func topDestinations(id int, at GridPos) Panel {
	return overADay(namedNumbers(id, "Destinations by devices", "How many devices have a case at each destination within the last day.", at, countOf("Risk"), 5)).
		asking(dataOf(wallCases)).
		transformed(hostOfURL(), countBy("Risk", hostField), sortDown(countOf("Risk"))).
		fields(Field{Unit: unitExact, NoValue: noRows, Color: fixed("text"), Links: []Link{overPanelsRange(casesLink())}}, overrideType("string", property("noValue", "")))
}

// riskField colours a risk by the severity that it is: as text, for which a background's shade is too dark.
func riskField(f Field) Field {
	f.Unit, f.Decimals, f.NoValue, f.Color = unitExact, number(0), noRows, byThreshold()
	f.Thresholds = steps("text", from(60, colorOfSeverity(detect.High)), from(80, colorOfSeverity(detect.Critical)))
	return f
}

func overADay(p Panel) Panel {
	p.TimeFrom = riskNow
	return p
}

// casesLink leads to all cases. The wall cuts names, and a cut one finds nothing.
func casesLink() Link {
	return Link{Title: "Show the cases", URL: "/d/" + CasesUID + "?var-datasource=${datasource}&" + dashboardRange}
}

// namedNumbers shows the first rows in large text: the row's texts, which Grafana puts together to a name, and the number
// in the field.
func namedNumbers(id int, title, description string, at GridPos, field string, rows int) Panel {
	p := stat(id, title, description, at, "lastNotNull")
	p.Options["reduceOptions"] = object{"calcs": []string{}, "fields": "/^" + regexp.QuoteMeta(field) + "$/", "values": true, "limit": rows}
	p.Options["textMode"], p.Options["orientation"], p.Options["justifyMode"] = "value_and_name", "horizontal", "auto"
	p.Options["text"] = object{"titleSize": wallList, "valueSize": wallWords} // large enough for amber to be read from white
	return p
}
