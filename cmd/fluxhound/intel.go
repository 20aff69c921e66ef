package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/indicators/feeds"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/indicators/intake"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/lists/indicators"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

// intel brings feeds of threat intelligence into the table of indicators.
func (p program) intel(ctx context.Context, arguments []string) error {
	const verbs = "it may be import or pull"
	if len(arguments) == 0 {
		return misused("what to do with threat intelligence is missing; %s", verbs)
	}
	switch verb := arguments[0]; verb {
	case "import":
		return p.intelImport(ctx, arguments[1:])
	case "pull":
		return p.intelPull(ctx, arguments[1:])
	case "-h", "--help", "help":
		fmt.Fprintln(p.stdout, "Usage: fluxhound intel import|pull [FLAGS]; fluxhound intel import --help tells the flags.")
		return nil
	default:
		return misused("%q is nothing to do with threat intelligence; %s", verb, verbs)
	}
}

// feedOptions are what both commands ask of a feed.
type feedOptions struct {
	source, format, reference string
	confidence, days          int
}

// byDefault is what a feed is taken for of which nothing else is said.
func byDefault() feedOptions {
	return feedOptions{format: string(feeds.Auto), confidence: intake.DefaultConfidence, days: int(intake.DefaultHolds / (24 * time.Hour))}
}

const formatsHelp = "`format`: auto tells by how it begins; plain (a line each), csv (columns by name, abuse.ch's as well), json (abuse.ch's, or objects with such names), misp, stix"

func (p program) intelImport(ctx context.Context, arguments []string) (err error) {
	set := p.flags("intel import", "intel import --settings FILE --source NAME FILE…\n\nIt writes what feeds name into the table of indicators of the settings. A feed may be imported again at any time: nothing counts twice. - is the standard input.")
	f := byDefault()
	settingsFile := set.String("settings", "", "`file` of the data source's settings, whose listTables name the table of indicators; its user needs the right to insert there")
	set.StringVar(&f.source, "source", "", "`name` of whose list it is (default: the file's name without its ending)")
	set.StringVar(&f.format, "format", f.format, formatsHelp)
	set.IntVar(&f.confidence, "confidence", f.confidence, "0 to 100, where an entry does not say it itself: from 60 a match is high, from 80 critical")
	set.IntVar(&f.days, "days", f.days, "how many `days` an entry holds that does not say so itself, from when it was last seen")
	set.StringVar(&f.reference, "reference", "", "`address` of a page about the feed, for entries without one")
	paths, err := parsePaths(set, arguments)
	if err != nil {
		return err
	}
	if len(paths) == 0 {
		return misused("nothing to import: name a file, or - for the standard input")
	}
	store, done, err := p.indicatorStore(*settingsFile)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	for _, path := range paths {
		feed, err := f.feed(strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)))
		if err != nil {
			return err
		}
		if path == "-" && f.source == "" {
			return misused("--source is missing: whose list the standard input is")
		}
		if err := p.importFeed(ctx, store, feed, path); err != nil {
			return err
		}
	}
	return store.Reload(ctx)
}

// feed is a feed of these options; name is whose it is where they do not say.
func (f feedOptions) feed(name string) (intake.Feed, error) {
	switch {
	case !slices.Contains(feeds.Formats(), feeds.Format(f.format)):
		return intake.Feed{}, misused("there is no format %q", f.format)
	case f.confidence < 0 || f.confidence > 100:
		return intake.Feed{}, misused("confidence is 0 to 100")
	case f.days < 1 || f.days > 3650:
		return intake.Feed{}, misused("days is 1 to 3650")
	}
	return intake.Feed{
		Source: cmp.Or(f.source, name), Format: feeds.Format(f.format), Confidence: f.confidence, Holds: time.Duration(f.days) * 24 * time.Hour, Reference: f.reference,
	}, nil
}

func (p program) indicatorStore(settingsFile string) (intake.Store, func() error, error) {
	decoded, err := decodedSettings(settingsFile)
	if err != nil {
		return intake.Store{}, nil, err
	}
	table := indicators.List{}.Source(decoded)
	if table == "" {
		return intake.Store{}, nil, misused(`the settings name no table of indicators: "listTables": {"indicators": "%s"}, which %s makes`, schema.IndicatorsTable, "`fluxhound schema apply --indicators`")
	}
	client, err := clickhouse.New(decoded, nil)
	if err != nil {
		return intake.Store{}, nil, err
	}
	return intake.Store{Client: client, Database: decoded.Database, Table: table, Now: p.now}, client.Close, nil
}

func (p program) importFeed(ctx context.Context, store intake.Store, feed intake.Feed, path string) error {
	var in io.Reader = os.Stdin
	if path != "-" {
		file, err := os.Open(path)
		if err != nil {
			return fmt.Errorf("read the feed: %w", err)
		}
		defer file.Close() // nothing was written to it
		in = file
	}
	report, err := store.Import(ctx, feed, in)
	p.printIntake(feed.Source, report)
	if err != nil {
		return fmt.Errorf("import %s: %w", path, err)
	}
	if report.Written == 0 && report.Read > 0 && report.Expired < report.Read {
		return fmt.Errorf("import %s: none of its %d entries can be looked for", path, report.Read)
	}
	return nil
}

// printIntake says what became of a feed's entries.
func (p program) printIntake(source string, r intake.Report) {
	p.say("%s: %d entries read, %d indicators written.", source, r.Read, r.Written)
	if r.Flagged > 0 {
		p.say("  %d of them say little by themselves, and count for less.", r.Flagged)
	}
	if r.Expired > 0 {
		p.say("  %d had expired already.", r.Expired)
	}
	if r.Revoked > 0 {
		p.say("  %d were taken back by their source, and find nothing any more.", r.Revoked)
	}
	reasons := slices.SortedFunc(maps.Keys(r.Refused), func(a, b string) int {
		if by := r.Refused[b].Count - r.Refused[a].Count; by != 0 {
			return by
		}
		return strings.Compare(a, b)
	})
	const most = 10
	for i, reason := range reasons {
		if i == most {
			p.say("  and others for %d further reasons.", len(reasons)-most)
			break
		}
		of := r.Refused[reason]
		p.say("  %d left out: %s (%.80q, %s).", of.Count, reason, of.Example, of.Where)
	}
}

// applyIndicators makes the table of indicators and its dictionaries.
func (p program) applyIndicators(ctx context.Context, decoded settings.Settings) error {
	table := indicators.List{}.Source(decoded)
	if table == "" {
		table = schema.IndicatorsTable
	}
	statements, err := intake.Definition(decoded.Database, table)
	if err != nil {
		return err
	}
	if err := execute(ctx, decoded, statements); err != nil {
		return err
	}
	p.say("%s.%s is there, with its dictionaries.", decoded.Database, table)
	if (indicators.List{}).Source(decoded) == "" {
		p.say(`Name it in the data source's settings: "listTables": {"indicators": %q}.`, table)
	}
	return nil
}
