package hunting

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/querytypes"
)

func TestThereIsALibraryOfQuestions(t *testing.T) {
	if n := len(Questions()); n < 30 {
		t.Errorf("there are %d questions, want 30", n)
	}
}

func TestEveryQuestionIsOneThatThePluginAccepts(t *testing.T) {
	for _, q := range Questions() {
		t.Run(q.ID, func(t *testing.T) {
			text, err := q.JSON()
			if err != nil {
				t.Fatal(err)
			}
			asked, err := query.Decode(text, query.Options{Types: querytypes.Decodable(detect.Site{}), Now: time.Now, Interval: time.Hour, RowLimit: 100_000})
			if err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			if len(asked.Unread) > 0 || asked.Format != query.Table {
				t.Errorf("format %s, fields that nobody reads: %v", asked.Format, asked.Unread)
			}
		})
	}
}

// The dashboard leads from each row to its device.
func TestQuestionsAboutEventsTellDevicesApart(t *testing.T) {
	for _, q := range Questions() {
		if by, _ := q.Query.Params["groupBy"].([]any); q.Query.QueryType == "events" && !slices.Contains(by, any("DeviceName")) {
			t.Errorf("%s groups by %v", q.ID, by)
		}
	}
}

func TestTextsAreSentences(t *testing.T) {
	for _, q := range Questions() {
		for _, text := range []string{q.Purpose, q.Normal.Text, q.Read} {
			if !strings.HasSuffix(text, ".") && !strings.HasSuffix(text, "?") || strings.Contains(text, "  ") {
				t.Errorf("%s: %q is no sentence", q.ID, text)
			}
		}
		if strings.HasSuffix(q.Title, ".") {
			t.Errorf("%s: the title %q ends in a dot", q.ID, q.Title)
		}
	}
}

func TestWhatIsNotRightIsRefused(t *testing.T) {
	const whole = `{"id":"a","panel":1,"group":"g","title":"t","purpose":"p.","techniques":["T1571"],"lookback":"7d","normal":{"text":"n.","deviceRows":1,"fleetRows":1},"read":"r.","query":{"queryType":"alerts","format":"table"}}`
	change := func(from, to string) string { return "[" + strings.Replace(whole, from, to, 1) + "]" }
	for name, c := range map[string]struct{ text, says string }{
		"what is right":     {change("", ""), ""},
		"an unknown field":  {change(`"id"`, `"Query":{"fast":1},"id"`), "unknown field"},
		"no purpose":        {change(`"p."`, `""`), "purpose"},
		"no technique":      {change(`["T1571"]`, `[]`), "techniques"},
		"a technique":       {change("T1571", "T9999"), "T9999"},
		"a lookback":        {change("7d", "a week"), "lookback"},
		"rows":              {change(`"fleetRows":1`, `"fleetRows":-1`), "rows"},
		"an id twice":       {"[" + whole + "," + whole + "]", "twice"},
		"something behind":  {change("", "") + "[]", "behind"},
		"a list of nothing": {`{}`, "cannot unmarshal"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := decode([]byte(c.text))
			if (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v, want %q", err, c.says)
			}
		})
	}
}
