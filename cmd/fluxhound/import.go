package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/ingest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/sources"
)

// importTimeout is how long one of an import's statements may take.
const importTimeout = time.Hour

// imports reads a sensor's files into ClickHouse. It fails where a file that was named could not be read at all.
func (p program) imports(ctx context.Context, arguments []string) (err error) {
	known, err := ingest.Load(sources.Files)
	if err != nil {
		return err
	}
	set := p.flags("import", "import --settings FILE [--source NAME] FILE|FOLDER…\n\nIt may be interrupted and run again at any time: nothing counts twice. Files may be packed (gzip, zstd, bzip2); - is the standard input.\nSources:\n"+helpOf(known))
	settingsFile := set.String("settings", "", "`file` of the data source's settings; its user needs the rights to create tables, insert and select")
	logs := addLogFlags(set, known, "`name` of the source whose files these are; auto tells each by what it holds")
	paths, err := parsePaths(set, arguments)
	if err != nil {
		return err
	}
	if len(paths) == 0 {
		return misused("nothing to import: name a file or a folder, or - for the standard input")
	}
	decoded, err := eventsSettings(*settingsFile)
	if err != nil {
		return err
	}
	chosen, networks, err := logs.read(decoded.InternalNetworks)
	if err != nil {
		return err
	}
	files, err := ingest.Find(paths)
	if err != nil {
		return fmt.Errorf("look for files: %w", err)
	}
	client, err := clickhouse.New(decoded, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	bar := newProgressBar(p.stderr)
	summary, err := ingest.Import(ctx, ingest.Options{
		Client: client, Database: decoded.Database, Table: decoded.Table, Sources: chosen, Internal: networks, Stdin: os.Stdin, Progress: bar.show,
	}, files)
	bar.end()
	p.printImport(summary, bar.took())
	if err != nil {
		return err
	}
	if summary.Failed() {
		return errFailed
	}
	return nil
}

func helpOf(known []ingest.Source) string {
	var b strings.Builder
	for _, s := range known {
		fmt.Fprintf(&b, "  %-10s %s\n", s.Name, s.Help)
	}
	return b.String()
}

// logFlags are what each command about logs asks: whose they are, and which networks are inside.
type logFlags struct {
	known            []ingest.Source
	source, internal *string
}

func addLogFlags(set *flag.FlagSet, known []ingest.Source, source string) logFlags {
	return logFlags{
		known:    known,
		source:   set.String("source", "auto", source),
		internal: set.String("internal", "", internalHelp),
	}
}

// internalHelp is what each command says of --internal.
var internalHelp = "`networks` that are inside, separated by commas: what comes from elsewhere is inbound (default: internalNetworks in the settings, otherwise " + strings.Join(settings.PrivateNetworks(), ",") + ")"

// read reads the flags. inSettings are the networks that are inside where the flag names none.
func (f logFlags) read(inSettings []string) (chosen []ingest.Source, networks []string, err error) {
	if chosen, err = chooseSource(f.known, *f.source); err != nil {
		return nil, nil, err
	}
	networks, err = readNetworks(*f.internal, inSettings)
	return chosen, networks, err
}

// eventsSettings reads the settings of a data source whose table events are made for.
func eventsSettings(path string) (settings.Settings, error) {
	decoded, err := decodedSettings(path)
	if err != nil {
		return settings.Settings{}, err
	}
	if len(decoded.Columns) > 0 {
		return settings.Settings{}, misused("the settings map columns of a table of your own; events are made for a table with the canonical names: name one in the settings, such as %s, without columns", settings.DefaultTable)
	}
	decoded.QueryTimeout = importTimeout
	return decoded, nil
}

func chooseSource(known []ingest.Source, name string) ([]ingest.Source, error) {
	names := []string{"auto"}
	for _, s := range known {
		if s.Name == name {
			return []ingest.Source{s}, nil
		}
		names = append(names, s.Name)
	}
	if name == "auto" {
		return known, nil
	}
	return nil, misused("--source %q is none; it may be %s", name, strings.Join(names, ", "))
}

// readNetworks reads --internal; where it names none, those in the settings count.
func readNetworks(flag string, inSettings []string) ([]string, error) {
	list, err := settings.NetworksOf(flag, inSettings)
	if err != nil {
		return nil, misused("--internal: %v", err)
	}
	return list, nil
}

// parsePaths reads flags, and what stands behind or between them.
func parsePaths(set *flag.FlagSet, arguments []string) ([]string, error) {
	usage := set.Usage
	set.Usage = func() {}
	var paths []string
	for {
		switch err := set.Parse(arguments); {
		case errors.Is(err, flag.ErrHelp):
			usage()
			return nil, err
		case err != nil:
			return nil, misused("%v", err)
		}
		if set.NArg() == 0 {
			return paths, nil
		}
		paths, arguments = append(paths, set.Arg(0)), set.Args()[1:]
	}
}
