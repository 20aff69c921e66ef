package ingest

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strings"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
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

// Apply creates the view in the client's database, which n names, or makes it anew where it is of another version or has other networks
// inside. Where nobody names networks, those of the view that is there stay. client runs its statements in that database.
func (v View) Apply(ctx context.Context, client *clickhouse.Client, n Names, internal []string, named bool) error {
	text, there, err := v.change(ctx, client, n, internal, named)
	if err != nil || text == "" {
		return err
	}
	err = client.Exec(ctx, text)
	if fault := new(clickhouse.Error); there && errors.As(err, &fault) && fault.Category == clickhouse.Permission {
		return fmt.Errorf("the view %s.%s is of an earlier version or has other networks inside: %w Have GRANT CREATE VIEW, DROP VIEW ON %s given to the user of the settings, or drop the view and have this run by who may: fluxhound schema print --source %s",
			n.Database, ViewTable, err, statement.Qualified(n.Database, ViewTable), v.Name)
	}
	return err
}

// Made says whether a view with this comment was made by the source's, in whatever version.
func (v View) Made(comment string) bool { return strings.HasPrefix(comment, "fluxhound "+v.Name+" ") }

// Change returns the statement that Apply would run where nobody names networks; an empty text where the view is as it should be.
func (v View) Change(ctx context.Context, client *clickhouse.Client, n Names) (string, error) {
	text, _, err := v.change(ctx, client, n, nil, false)
	return text, err
}

// change returns the statement that makes the view, and whether one is there.
func (v View) change(ctx context.Context, client *clickhouse.Client, n Names, internal []string, named bool) (text string, exists bool, err error) {
	ask, err := statement.New("SELECT engine AS Engine, comment AS Comment, as_select AS Rows FROM system.tables WHERE database = {database:String} AND name = {name:String}",
		map[string]any{"database": n.Database, "name": ViewTable},
		[]statement.Column{{Name: "Engine", Kind: statement.Text}, {Name: "Comment", Kind: statement.Text}, {Name: "Rows", Kind: statement.Text}})
	if err != nil {
		return "", false, err
	}
	ask.RowLimit = 1
	there, err := client.Query(ctx, ask, origin)
	if err != nil {
		return "", false, err
	}
	text = v.DDL(n.Cluster, internal)
	if there.Rows > 0 {
		engine, rows := there.Data[0].([]string)[0], there.Data[2].([]string)[0]
		if engine != "View" {
			return "", true, fmt.Errorf("create the view %s.%s: a table with the engine %s has that name. Rename it, or choose another database", n.Database, ViewTable, engine)
		}
		if networks := internalInView.FindString(rows); networks != "" && !named {
			text = internalInView.ReplaceAllLiteralString(text, networks)
		}
	}
	version := fmt.Sprintf("fluxhound %s %x", v.Name, sha256.Sum256([]byte(v.DDL("", nil)+internalInView.FindString(text))))[:len("fluxhound  ")+len(v.Name)+32]
	if there.Rows > 0 && there.Data[1].([]string)[0] == version {
		return "", true, nil
	}
	if there.Rows > 0 {
		text = strings.Replace(text, "CREATE VIEW IF NOT EXISTS", "CREATE OR REPLACE VIEW", 1)
	}
	return text + "\nCOMMENT " + statement.Quoted(version), there.Rows > 0, nil
}
