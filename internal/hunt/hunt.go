// Package hunt looks through a folder of logs: it imports them into an embedded ClickHouse, asks the plugin's real executable the
// questions of all alert rules that ship, over the logs' own span, and reports what a person can act on.
package hunt

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/asn"
	"github.com/fluxhound/fluxhound-detections-datasource/internal/devserver"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/host"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/ingest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// ErrNoEvents says that the logs hold nothing to look at.
var ErrNoEvents = errors.New("there are no events to look at")

// Options say what is looked through, and with what.
type Options struct {
	Paths    []string // files and folders
	Sources  []ingest.Source
	Internal []string // networks that are inside
	Plugin   string   // the plugin's executable
	Engine   string   // the executable of devenv/clickhouse
	Root     string   // a folder at or under the node_modules that carry the engine
	Rules    string   // the folder of the alert rules
	Folder   string   // of the data: a folder in it for each set of paths, kept from one run to the next
	ASN      string   // a file of ranges of addresses with their autonomous systems; empty for none
	Say      func(format string, args ...any)
	Progress func(ingest.Progress)
}

// longest is how long one statement may take.
const longest = time.Hour

// Run hunts. What cannot be read of the logs is in the report; the error is one that left nothing to report, or ErrNoEvents with a
// report that tells what was read.
func Run(ctx context.Context, o Options) (report *Report, err error) {
	data, err := OpenData(ctx, o)
	if data == nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, data.Close()) }()
	report = &Report{Paths: o.Paths, Import: data.Import, Facts: data.Facts}
	if err != nil {
		return report, err
	}
	plugin, err := host.Start(ctx, o.Plugin)
	if err != nil {
		return report, err
	}
	defer plugin.Close()
	source := host.DataSource{UID: "fluxhound-hunt", Name: "Fluxhound hunt", JSONData: data.JSONData}
	return report, asker{plugin: plugin, at: source.PluginContext(&backend.User{Login: "hunt"})}.ask(ctx, o.Rules, report)
}

// Data is a running ClickHouse that holds the logs.
type Data struct {
	Server   *devserver.Server
	JSONData []byte // a data source's, on it
	Import   ingest.Summary
	Facts    Facts
}

// Close stops ClickHouse.
func (d *Data) Close() error { return d.Server.Stop() }

// End is where a window of all events ends: the newest one is inside.
func (d *Data) End() time.Time { return (&Report{Facts: d.Facts}).end() }

// Gaps are what could not be read, a sentence each.
func (d *Data) Gaps() []string { return (&Report{Import: d.Import, Facts: d.Facts}).Gaps() }

// OpenData starts ClickHouse on the folder of the paths and imports their logs. Whoever gets data owes Close, with an error too: it then
// tells what was read; the error is ErrNoEvents where that is nothing.
func OpenData(ctx context.Context, o Options) (data *Data, err error) {
	files, err := ingest.Find(o.Paths)
	if err != nil {
		return nil, fmt.Errorf("look for logs: %w", err)
	}
	folder, err := o.dataFolder()
	if err != nil {
		return nil, err
	}
	server, err := devserver.Start(ctx, devserver.Options{Executable: o.Engine, Root: o.Root, Data: folder})
	if err != nil {
		return nil, err
	}
	data = &Data{Server: server}
	o.Say("ClickHouse  on %s, its data in %s", server.Native, folder)

	stored := map[string]any{"host": server.Native, "queryTimeout": int(longest.Seconds()), "cacheTTL": 0}
	if o.ASN != "" {
		stored["asnDictionary"] = settings.DefaultDatabase + "." + asn.Dictionary
	}
	if data.JSONData, err = json.Marshal(stored); err != nil {
		return data, err
	}
	decoded, err := settings.Decode(data.JSONData, nil)
	if err != nil {
		return data, err
	}
	client, err := clickhouse.New(decoded, nil)
	if err != nil {
		return data, err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	if o.ASN != "" { // first: what is wrong with it is told before an import that takes long
		if err := asn.Load(ctx, client, decoded.Database, o.ASN); err != nil {
			return data, err
		}
	}
	if data.Import, err = o.load(ctx, client, decoded, files); err != nil {
		return data, err
	}
	if data.Facts, err = askFacts(ctx, client, decoded); err != nil {
		return data, err
	}
	if data.Facts.Events == 0 {
		return data, ErrNoEvents
	}
	o.Say("To look at  %s", data.Facts)
	return data, nil
}

// dataFolder is the folder of these paths: other logs have another one.
func (o Options) dataFolder() (string, error) {
	absolute := make([]string, len(o.Paths))
	for i, path := range o.Paths {
		var err error
		if absolute[i], err = filepath.Abs(path); err != nil {
			return "", err
		}
	}
	slices.Sort(absolute)
	// Landing tables of an earlier version may lack columns: then its data is not gone on with.
	for _, source := range o.Sources {
		landing, err := source.Landing(ingest.Names{})
		if err != nil {
			return "", err
		}
		absolute = append(absolute, landing...)
	}
	sum := sha256.Sum256([]byte(strings.Join(absolute, "\n")))
	return filepath.Abs(filepath.Join(o.Folder, filepath.Base(absolute[0])+"-"+hex.EncodeToString(sum[:4])))
}

func (o Options) load(ctx context.Context, client *clickhouse.Client, s settings.Settings, files []ingest.File) (ingest.Summary, error) {
	ddl, err := schema.DDL(statement.Identifier(s.Database), statement.Identifier(s.Table))
	if err != nil {
		return ingest.Summary{}, err
	}
	for _, text := range ddl {
		if err := client.Exec(ctx, text); err != nil {
			return ingest.Summary{}, err
		}
	}
	return ingest.Import(ctx, ingest.Options{
		Client: client, Database: s.Database, Table: s.Table, Sources: o.Sources, Internal: o.Internal, Progress: o.Progress,
	}, files)
}
