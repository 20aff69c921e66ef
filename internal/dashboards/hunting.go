package dashboards

import (
	"fmt"
	"strings"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/attack"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/hunting"
)

const (
	huntingList = 1000 // above the questions' own panels
	huntingRow  = 2000
)

// hunt asks the questions of the hunting library. A group's panels are folded away, and a folded panel asks nothing: who opens the
// dashboard has the list, and who opens a group has its answers.
func hunt() Dashboard {
	questions := hunting.Questions()
	panels := []Panel{listOfQuestions(questions, place(0, 0, 24, 14))}
	y := 14
	for i, of := range groupsOf(questions) {
		panels = append(panels, folded(huntingRow+i, of, y))
		y++
	}
	return dashboard(HuntingUID, "Questions that a hunter asks again and again, each with what is normal and how to read it.",
		[]Variable{valuesVariable("device", "Device", "DeviceName").several(), allowlistVariable(), filtersVariable()}, panels...)
}

// groupsOf are the questions by their group, in the library's order.
func groupsOf(questions []hunting.Question) (groups [][]hunting.Question) {
	for i, q := range questions {
		if i == 0 || questions[i-1].Group != q.Group {
			groups = append(groups, nil)
		}
		groups[len(groups)-1] = append(groups[len(groups)-1], q)
	}
	return groups
}

// folded is a row that is closed, with its questions' panels below it.
func folded(id int, questions []hunting.Question, y int) Panel {
	const height = 9
	row := Panel{ID: id, Type: "row", Title: fmt.Sprintf("%s (%d questions)", questions[0].Group, len(questions)), Collapsed: true, GridPos: place(0, y, 24, 1)}
	for i, q := range questions {
		row.Panels = append(row.Panels, answerTo(q, place(0, y+1+i*height, 24, height)))
	}
	return row
}

// answerTo is a question's panel.
func answerTo(q hunting.Question, at GridPos) Panel {
	t := ask(q.Query.QueryType, q.Query.Format, tableRows).with(q.Query.Params).allowing()
	t.Filters = []Filter{among("DeviceName", "device")}
	for _, f := range q.Query.Filters {
		t.Filters = append(t.Filters, Filter(f))
	}
	if q.Query.Allowlist != "" {
		t.Allowlist = q.Query.Allowlist
	}
	var p Panel
	if q.Query.QueryType == "events" {
		p = table(q.Panel, q.Title, describe(q), at).asking(t).
			fields(Field{NoValue: noRows, Custom: object{"filterable": true, "inspect": true, "align": "auto", "cellOptions": object{"type": "auto"}},
				Links: []Link{overPanelsRange(deviceLink(inRow("DeviceName")))}}, tableOverrides()...)
	} else {
		p = findingsTable(q.Panel, q.Title, describe(q), at, t, nil, []string{"Timestamp", "DeviceName", "RemoteUrl", "RemoteIP", "Risk", "Why", "Score", "ConnectionCount", "SampleProcesses"})
	}
	p.TimeFrom = q.Lookback
	return p
}

// describe says in the panel's help what the question is for, what is normal and how to read it.
func describe(q hunting.Question) string {
	return fmt.Sprintf("%s Normal: %s At most %d rows of one device and day, %d of 200 devices. How to read it: %s ATT&CK %s.",
		q.Purpose, q.Normal.Text, q.Normal.DeviceRows, q.Normal.FleetRows, q.Read, strings.Join(q.Techniques, ", "))
}

// listOfQuestions tells all questions, with a link that asks each.
func listOfQuestions(questions []hunting.Question, at GridPos) Panel {
	var text strings.Builder
	text.WriteString("Open a group below to ask its questions of the chosen devices. A title here asks one question alone; the menu of its panel leads on to Explore, where who may use that changes it.\n")
	for _, of := range groupsOf(questions) {
		fmt.Fprintf(&text, "\n### %s\n\n| question | why | normal | rows of a device | of 200 | ATT&CK |\n|---|---|---|---:|---:|---|\n", of[0].Group)
		for _, q := range of {
			fmt.Fprintf(&text, "| [%s](%s) | %s | %s | %d | %d | %s |\n", q.Title, panelLink(q), q.Purpose, q.Normal.Text, q.Normal.DeviceRows, q.Normal.FleetRows, techniques(q))
		}
	}
	p := panel(huntingList, "text", "Questions", "What may be asked, why, and what is normal.", at)
	p.Options = object{"mode": "markdown", "content": text.String()}
	return p
}

func techniques(q hunting.Question) string {
	links := make([]string, len(q.Techniques))
	for i, id := range q.Techniques {
		t, _ := attack.Named(id) // the library was read with it
		links[i] = fmt.Sprintf("[%s](%s)", id, t.URL)
	}
	return strings.Join(links, ", ")
}

// panelLink opens a question's panel alone, for everyone: to whom Grafana refuses Explore it would show its home page instead. Who
// may use Explore finds it in the panel's menu.
func panelLink(q hunting.Question) string {
	return fmt.Sprintf("/d/%s?viewPanel=panel-%d&var-datasource=${datasource}", HuntingUID, q.Panel)
}
