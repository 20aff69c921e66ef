package documented_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/dashboards"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/hunting"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/querytypes"
)

// docs is the folder of the documentation.
var docs = filepath.Join("..", "..", "docs")

// guides are the pages that tell a person on shift what to do.
func guides(t *testing.T) map[string]string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(docs, "playbooks", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	paths = append(paths, filepath.Join(docs, "investigation.md"), filepath.Join(docs, "tuning.md"))
	pages := map[string]string{}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		pages[path] = string(text)
	}
	return pages
}

// written is a query in a text. Words in capitals stand for what the reader puts in.
var written = regexp.MustCompile("`(\\{\"queryType\"[^`]*\\})`")

func TestQueriesOfTheGuidesAreOnesThatThePluginAccepts(t *testing.T) {
	for path, text := range guides(t) {
		for _, found := range written.FindAllStringSubmatch(text, -1) {
			asked := strings.ReplaceAll(found[1], `"ADDRESS"`, `"203.0.113.9"`)
			q, err := query.Decode([]byte(asked), query.Options{Types: querytypes.Decodable(detect.Site{}), Now: time.Now, Interval: time.Hour, RowLimit: 100_000})
			if err != nil || len(q.Unread) > 0 {
				t.Errorf("%s: %s: %v, fields that nobody reads: %v", path, asked, err, q.Unread)
			}
		}
	}
}

var (
	named = regexp.MustCompile(`\*\*(Fluxhound [^*]+)\*\*`)
	link  = regexp.MustCompile(`\]\(([^)#:]+\.md)(#[a-z0-9-]+)?\)`)
)

func TestDashboardsThatTheGuidesNameAreThere(t *testing.T) {
	for path, text := range guides(t) {
		for _, found := range named.FindAllStringSubmatch(text, -1) {
			if !slices.ContainsFunc(dashboards.Files(), func(f dashboards.File) bool { return f.Dashboard.Title == found[1] }) {
				t.Errorf("%s: there is no dashboard %q", path, found[1])
			}
		}
	}
}

// A question is named behind the words "hunting question", or in a list behind "Hunt:".
var asked = regexp.MustCompile(`(?s)(?:[Hh]unting questions?|Hunt:)((?:[^*\n]|\n)*?\*[^*]+\*(?:(?:,| and|\s)+\*[^*]+\*)*)`)

func TestHuntingQuestionsThatTheGuidesNameAreThere(t *testing.T) {
	seen := 0
	for path, text := range guides(t) {
		for _, list := range asked.FindAllStringSubmatch(text, -1) {
			for _, title := range regexp.MustCompile(`\*([^*]+)\*`).FindAllStringSubmatch(list[1], -1) {
				seen++
				name := strings.Join(strings.Fields(title[1]), " ")
				if !slices.ContainsFunc(hunting.Questions(), func(q hunting.Question) bool { return strings.HasPrefix(q.Title, name) }) {
					t.Errorf("%s: there is no question %q", path, name)
				}
			}
		}
	}
	if seen < 8 {
		t.Errorf("%d questions are named", seen)
	}
}

func TestLinksOfTheGuidesLeadToPagesThatAreThere(t *testing.T) {
	for path, text := range guides(t) {
		for _, found := range link.FindAllStringSubmatch(text, -1) {
			page, err := os.ReadFile(filepath.Join(filepath.Dir(path), found[1]))
			if err != nil {
				t.Errorf("%s: %v", path, err)
				continue
			}
			if found[2] != "" && !slices.Contains(anchors(string(page)), found[2]) {
				t.Errorf("%s: %s has no heading %s", path, found[1], found[2])
			}
		}
	}
}

// anchors are the page's headings, as links name them.
func anchors(page string) (list []string) {
	for line := range strings.Lines(page) {
		if title, ok := strings.CutPrefix(strings.TrimLeft(line, "#"), " "); ok && strings.HasPrefix(line, "#") {
			kept := regexp.MustCompile(`[^a-z0-9 -]`).ReplaceAllString(strings.ToLower(strings.TrimSpace(title)), "")
			list = append(list, "#"+strings.ReplaceAll(kept, " ", "-"))
		}
	}
	return list
}
