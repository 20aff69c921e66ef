package ingest

import (
	"fmt"
	"io/fs"
	"regexp"
	"strings"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// View reads another product's tables where they are, as rows of the events table.
type View struct {
	Name string // of its folder

	text string
}

// internalInView is the list of the networks that are inside, in a view that asks for them: by its file private ones.
var internalInView = regexp.MustCompile(`\[[^]]*\] AS Internal,`)

// viewHead is how each view begins.
const viewHead = "CREATE VIEW IF NOT EXISTS " + ViewTable

// LoadViews reads the folders that hold a view.
func LoadViews(files fs.FS) ([]View, error) {
	paths, err := fs.Glob(files, "*/view.sql")
	if err != nil {
		return nil, err
	}
	list := make([]View, len(paths))
	for i, path := range paths {
		text, err := fs.ReadFile(files, path)
		if err != nil {
			return nil, err
		}
		list[i] = View{Name: strings.TrimSuffix(path, "/view.sql"), text: strings.TrimSpace(string(text))}
		if strings.Count(list[i].text, viewHead+" AS") != 1 {
			return nil, fmt.Errorf("read %s: it creates no view called %s", path, ViewTable)
		}
	}
	return list, nil
}

// AsksForNetworks says whether the view needs to know which networks are inside: the product's tables do not always tell.
func (v View) AsksForNetworks() bool { return internalInView.MatchString(v.text) }

// ViewTable is what each view is called.
const ViewTable = "fluxhound_events"

// DDL is the statement that creates the view in the database where it runs; on all servers of a cluster where one is named. internal
// are the networks that are inside, where it asks for them.
func (v View) DDL(cluster string, internal []string) string {
	text := v.text
	if cluster != "" {
		text = strings.Replace(text, viewHead, viewHead+" ON CLUSTER "+statement.Identifier(cluster), 1)
	}
	quoted := make([]string, len(internal))
	for i, network := range internal {
		quoted[i] = statement.Quoted(network)
	}
	return internalInView.ReplaceAllLiteralString(text, "["+strings.Join(quoted, ", ")+"] AS Internal,")
}
