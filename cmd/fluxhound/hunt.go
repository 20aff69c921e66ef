package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/hunt"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/ingest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/sources"
)

// hunt imports logs into an embedded ClickHouse and reports what the detectors find.
func (p program) hunt(ctx context.Context, arguments []string) error {
	known, err := ingest.Load(sources.Files)
	if err != nil {
		return err
	}
	set := p.flags("hunt", "hunt [FLAGS] FILE|FOLDER…\n\nIt needs no ClickHouse. Findings are no failure. Sources:\n"+helpOf(known))
	logs := addLogFlags(set, known, "`name` of the source whose files these are; auto tells each by what it holds")
	htmlFile := set.String("html", "", "`file` to write the report to as well, as one page that needs no network")
	ranges := set.String("asn", "", "`file` of ranges of addresses with their autonomous systems, as fluxhound asn reads it: the evidence then names the network, and the risk of a case counts it")
	folder := set.String("data", ".hunt", "`folder` of the data, kept from one run to the next; the logs are read anew where they have grown")
	plugin := set.String("plugin", "", pluginFlagHelp)
	engine := set.String("engine", "", "`file` of the embedded ClickHouse (default: clickhouse-devserver beside fluxhound, or in bin)")
	rules := set.String("rules", filepath.Join("provisioning", "alerting"), "`folder` of the alert rules whose questions are asked")
	paths, err := parsePaths(set, arguments)
	if err != nil {
		return err
	}
	if len(paths) == 0 {
		return misused("nothing to look through: name a file or a folder of logs")
	}
	chosen, networks, err := logs.read(settings.PrivateNetworks())
	if err != nil {
		return err
	}
	pluginPath, err := findPlugin(*plugin)
	if err != nil {
		return err
	}
	enginePath, err := findEngine(*engine)
	if err != nil {
		return err
	}
	bar := newProgressBar(p.stderr)
	report, err := hunt.Run(ctx, hunt.Options{
		Paths: paths, Sources: chosen, Internal: networks, Plugin: pluginPath, Engine: enginePath, Root: ".", Rules: *rules, Folder: *folder, ASN: *ranges,
		Say: p.say, Progress: bar.show,
	})
	bar.end()
	if report != nil {
		p.printImport(report.Import, bar.took())
	}
	if err != nil {
		return err
	}
	return errors.Join(report.Print(p.stdout), p.huntPage(report, *htmlFile))
}

func (p program) huntPage(report *hunt.Report, path string) (err error) {
	if path == "" {
		return nil
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if err := report.HTML(file); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	p.say("\nThe report is in %s.", path)
	return nil
}
