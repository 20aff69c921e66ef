package dashboards

import (
	"maps"
	"slices"
	"strings"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/findings"
)

const (
	keptRules = 5 // the panel whose data the numbers are taken from
	keptFound = 7
)

// kept is what was found and is remembered: what is new, what is gone, and what analysts say of it.
func kept() Dashboard {
	found := keptTable(keptFound, "Findings", "What was found, the gravest first: new within a day, open, or gone since. The buttons say what it is, for editors: what is benign is in no alert until it becomes graver, a month is over, or somebody takes it back.",
		place(0, 4, 24, 18), ask(findings.Name, "table", tableRows).with(map[string]any{"status": []string{"$status"}, "verdicts": []string{"$verdict"}}).where(ofSeverity()).allowing())
	return dashboard(FindingsUID, "What was found and is kept: what is new, what is open, what is gone, since when, and what analysts say of it. It needs `fluxhound schema apply --findings`.",
		[]Variable{
			wordsVariable("status", "Status", "new was found first within a day, open before that, gone is what the newest run has not found any more.", []string{"new", "open"}, "new", "open", "gone"),
			severityVariable(),
			wordsVariable("verdict", "Verdict", "What somebody has said of it; none where nobody has.", nil, findings.Verdicts()...),
			allowlistVariable(), filtersVariable(),
		},
		keptNumber(1, "New", "Findings of all rules that were found first within the last 24 hours.", "New", place(0, 0, 6, 4)),
		keptNumber(2, "Open", "Findings of all rules that the newest run has found. One device and destination may be found by several rules.", "Open", place(6, 0, 6, 4)),
		keptNumber(3, "With a verdict", "Open findings that somebody has said something of.", "Handled", place(12, 0, 6, 4)),
		keptNumber(4, "Gone", "Findings of the time range that the newest run has not found any more.", "Gone", place(18, 0, 6, 4)),
		found,
		keptByRule(keptRules, place(0, 22, 24, 11)),
		keptTimeline(6, place(0, 33, 24, 9)))
}

// keptNumber adds up a column over the rules.
func keptNumber(id int, title, description, field string, at GridPos) Panel {
	return stat(id, title, description, at, "sum").of(field).asking(dataOf(keptRules)).fields(Field{Unit: unitExact, NoValue: noAnswer, Color: fixed("text")})
}

func keptByRule(id int, at GridPos) Panel {
	p := table(id, "By rule", "Each rule's findings, and what became of them: a rule of which most is benign is the one to tune.", at).
		asking(summed(findings.Name).where(ofSeverity()).allowing()).
		transformed(columns([]string{"Low", "Medium"}, "Rule", "Open", "New", "Critical", "High", "Handled", "Benign", "Malicious", "Gone", "Devices", "NewestRun")).
		fields(Field{NoValue: noRows, Custom: object{"align": "auto", "cellOptions": object{"type": "auto"}}},
			overrideType("string", property("noValue", "")),
			overrideType("number", property("custom.minWidth", 80)),
			override("Rule", property("custom.width", 200)),
			override("Benign", append(gaugeCell(blue), property("custom.width", 140))...),
			override("NewestRun", property("custom.width", 190)))
	return p
}

func keptTimeline(id int, at GridPos) Panel {
	p := lines(id, "Open and new", "How many findings of each rule were open in each interval, and how many were found first in it.", at).
		asking(ask(findings.Name, "timeseries", 30).with(map[string]any{"status": []string{"new", "open", "gone"}}).where(ofSeverity()).allowing()).
		fields(Field{Unit: unitExact, Decimals: number(0), Min: number(0.0), NoValue: noRows, Color: byPalette(), Custom: strokes()})
	p.Interval, p.MaxDataPoints = "1h", 168
	return p
}

func keptTable(id int, title, description string, at GridPos, t Target) Panel {
	return findingsTable(id, title, description, at, t,
		[]string{"AlertType", "QueryType"},
		[]string{"Status", "DeviceName", "RemoteUrl", "Rule", detectKey, "Verdict", "VerdictNote", "VerdictBy", "RemoteIP", "Risk", "Why", "FirstDetected", "LastDetected", "Timestamp", "ConnectionCount", "SampleProcesses", "ASName", "DeviceId"},
		override("Status", inColors(map[string]string{"new": blue, "open": "text", "gone": grey}, 80)...),
		override("Rule", property("custom.minWidth", 170)),
		override("Verdict", inColors(map[string]string{findings.Investigating: blue, findings.Benign: green, findings.Malicious: red}, 110)...),
		override("VerdictBy", property("custom.minWidth", 110)),
		override("RemoteIP", property("custom.minWidth", 140)),
		override("VerdictNote", append(wrapped(), property("custom.minWidth", 160))...),
		override("Risk", property("custom.width", 80)),
		override("Why", reasons()...),
		override(detectKey, property("displayName", "What it is"), property("custom.cellOptions", object{"type": "actions"}), property("custom.width", 305), property("custom.filterable", false)))
}

// inColors writes each word of a column in a colour.
func inColors(colors map[string]string, width int) []Property {
	faces := map[string]Face{}
	for i, word := range slices.Sorted(maps.Keys(colors)) {
		faces[word] = Face{Color: colors[word], Index: i}
	}
	return []Property{property("mappings", []Mapping{{Type: "value", Options: faces}}), property("custom.cellOptions", object{"type": "color-text"}), property("custom.width", width)}
}

// detectKey is the column whose cells have the buttons that say what a finding is. They come from the data source.
const detectKey = "FindingKey"

// wordsVariable offers words of which several may be chosen.
func wordsVariable(name, label, description string, chosen []string, words ...string) Variable {
	v := Variable{Name: name, Label: label, Description: description, Type: "custom", Query: strings.Join(words, ",")}
	v = v.several()
	for _, word := range words {
		v.Options = append(v.Options, Option{Selected: slices.Contains(chosen, word), Text: word, Value: word})
	}
	if chosen != nil {
		v.Current = &Option{Selected: true, Text: chosen, Value: chosen}
	}
	return v
}
