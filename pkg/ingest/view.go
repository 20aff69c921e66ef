package ingest

import (
	"fmt"
	"io/fs"
	"strings"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// View reads another product's tables where they are, as rows of the events table.
type View struct {
	Name string // of its folder

	text string
}

// viewHead is how each view begins.
const viewHead = "CREATE VIEW IF NOT EXISTS fluxhound_events"

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
			return nil, fmt.Errorf("read %s: it creates no view called fluxhound_events", path)
		}
	}
	return list, nil
}

// DDL is the statement that creates the view in the database where it runs; on all servers of a cluster where one is named.
func (v View) DDL(cluster string) string {
	if cluster == "" {
		return v.text
	}
	return strings.Replace(v.text, viewHead, viewHead+" ON CLUSTER "+statement.Identifier(cluster), 1)
}
