package dashboards

import (
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
		place(0, 14, 24, 16), ask(findings.Name, "table", tableRows).with(map[string]any{"status": []string{"$status"}, "verdicts": []string{"$verdict"}}).allowing())
	return dashboard(FindingsUID, "What was found and is kept: what is new, what is open, what is gone, since when, and what analysts say of it. It needs `fluxhound schema apply --findings`.",
		[]Variable{
			wordsVariable("status", "Status", "new was found first within a day, open before that, gone is what the newest run has not found any more.", []string{"new", "open"}, "new", "open", "gone"),
			wordsVariable("verdict", "Verdict", "What somebody has said of it; none where nobody has.", nil, findings.Verdicts()...),
			allowlistVariable(), filtersVariable(),
		},
		keptNumber(1, "New", "Findings of all rules that were found first within the last 24 hours.", "New", place(0, 0, 6, 4)),
		keptNumber(2, "Open", "Findings of all rules that the newest run has found. One device and destination may be found by several rules.", "Open", place(6, 0, 6, 4)),
		keptNumber(3, "With a verdict", "Open findings that somebody has said something of.", "Handled", place(12, 0, 6, 4)),
		keptNumber(4, "Gone", "Findings of the time range that the newest run has not found any more.", "Gone", place(18, 0, 6, 4)),
		keptByRule(keptRules, place(0, 4, 12, 10)),
		keptTimeline(6, place(12, 4, 12, 10)),
		found)
}

// keptNumber adds up a column over the rules.
func keptNumber(id int, title, description, field string, at GridPos) Panel {
	return stat(id, title, description, at, "sum").of(field).asking(dataOf(keptRules)).fields(Field{Unit: unitExact, NoValue: noAnswer, Color: fixed("text")})
}

func keptByRule(id int, at GridPos) Panel {
	p := table(id, "By rule", "Each rule's findings, and what became of them: a rule of which most is benign is the one to tune.", at).
		asking(summed(findings.Name).allowing()).
		transformed(columns([]string{"Low", "Medium"}, "Rule", "Open", "New", "Critical", "High", "Handled", "Benign", "Malicious", "Gone", "Devices", "NewestRun")).
		fields(Field{NoValue: noRows, Custom: object{"filterable": true, "inspect": true, "align": "auto", "cellOptions": object{"type": "auto"}}},
			overrideType("string", property("noValue", "")),
			overrideType("number", property("custom.width", 90)),
			override("Rule", property("custom.minWidth", 190)),
			override("Benign", gaugeCell(blue)...),
			override("NewestRun", property("custom.width", 190)))
	return p
}

func keptTimeline(id int, at GridPos) Panel {
	p := lines(id, "Open and new", "How many findings of each rule were open in each interval, and how many were found first in it.", at).
		asking(ask(findings.Name, "timeseries", 30).with(map[string]any{"status": []string{"new", "open", "gone"}}).allowing()).
		fields(Field{Unit: unitExact, Decimals: number(0), Min: number(0.0), NoValue: noRows, Color: byPalette(), Custom: strokes()})
	p.Interval, p.MaxDataPoints = "1h", 168
	return p
}

func keptTable(id int, title, description string, at GridPos, t Target) Panel {
	return findingsTable(id, title, description, at, t,
		[]string{"AlertType", "QueryType"},
		[]string{"Status", "DeviceName", "RemoteUrl", "Rule", detectKey, "Verdict", "VerdictNote", "VerdictBy", "Risk", "Why", "FirstDetected", "LastDetected", "Timestamp", "ConnectionCount", "SampleProcesses", "RemoteIP", "ASName", "DeviceId"},
		override("Status", property("custom.width", 80)),
		override("Rule", property("custom.minWidth", 180)),
		override("Verdict", property("custom.width", 120)),
		override("VerdictNote", append(wrapped(), property("custom.minWidth", 160))...),
		override("Risk", property("custom.width", 80)),
		override("Why", reasons()...),
		override(detectKey, property("displayName", "What it is"), property("custom.cellOptions", object{"type": "actions"}), property("custom.minWidth", 330), property("custom.filterable", false), property("actions", verdictActions())))
}

const detectKey = "FindingKey"

// verdictActions are the buttons that say what a finding is. Grafana lets a panel post only where [security] actions_allow_post_url
// allows it, and asks before it does.
func verdictActions() []object {
	var actions []object
	for _, a := range []struct{ title, verdict, color, until string }{
		{"Benign", findings.Benign, green, "30d"}, {"Malicious", findings.Malicious, red, ""}, {"I look at it", findings.Investigating, blue, "7d"}, {"Take back", findings.None, "", ""},
	} {
		parameters := [][]string{
			{"findingKey", "${__data.fields.FindingKey}"}, {"verdict", a.verdict}, {"note", "$note"}, {"until", a.until},
			{"queryType", "${__data.fields.QueryType}"}, {"deviceName", "${__data.fields.DeviceName}"}, {"destination", "${__data.fields.RemoteUrl}"}, {"severity", "${__data.fields.Severity}"},
		}
		action := object{
			"type": "fetch", "title": a.title, "confirmation": "Say that it is: " + a.title + "?",
			"variables": []object{{"key": "note", "name": "Note", "type": "string"}},
			"fetch": object{
				"method": "POST", "url": "/api/datasources/uid/${datasource}/resources/verdicts", "body": "{}",
				"headers": [][]string{{"Content-Type", "application/json"}}, "queryParams": parameters,
			},
		}
		if a.color != "" {
			action["style"] = object{"backgroundColor": solid(a.color)}
		}
		actions = append(actions, action)
	}
	return actions
}

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
