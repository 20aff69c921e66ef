package ingest

import (
	"fmt"
	"io/fs"
	"strings"
	"text/template"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// Names say where the tables are.
type Names struct {
	Database string
	Cluster  string // all of whose servers get the landing tables; empty for one server
}

// LandingTable is the name of a log's landing table.
func (s Source) LandingTable(log string) string { return s.Name + "_" + log }

// Tables are the names of the tables that the source needs beside the events table: the landing tables, and what an import keeps.
func (s Source) Tables() []string {
	var names []string
	for _, log := range s.Logs {
		names = append(names, s.LandingTable(log.Name))
	}
	return append(names, schema.ImportTables()...)
}

// Landing returns the statements that create the landing tables. Running them again changes nothing.
func (s Source) Landing(n Names) ([]string, error) {
	text, err := s.render("landing.sql", n)
	if err != nil {
		return nil, err
	}
	var statements []string
	for _, one := range strings.Split(text, ";\n") {
		if one = strings.TrimSpace(one); one != "" {
			statements = append(statements, one)
		}
	}
	return statements, nil
}

// selection is the SELECT whose rows are what is made of some hours.
func (s Source) selection(kind Kind, n Names) (string, error) {
	return s.render(string(kind)+".sql", n)
}

// Columns of every landing table beside the sensor's fields.
const (
	columnTime   = "EventTime"   // when it happened, as far as it can be read; 1970 otherwise
	columnFile   = "ImportFile"  // the file that the row came from; empty for a pipeline's
	columnLine   = "ImportLine"  // its line there, from 1
	columnChunk  = "ImportChunk" // the reading of the file that the row is of
	columnArrive = "ArrivedAt"   // when the row was written here
)

// landingRetention is how long landing tables keep what arrived. Events stay: an hour whose landing rows are gone is made
// no more.
const landingRetentionDays = 30

// render fills a source's SQL. The functions are all that it may ask for:
//
//	{{table "log"}}         the landing table of a log
//	{{engine}}              its engine
//	{{keeping}}             its partitions, retention and settings, behind ORDER BY
//	{{provenance "…"}}      the columns that every landing table has; the expression reads the time from the fields
//	{{time "text"}}         the time that an expression's text tells, as DateTime64(6, 'UTC')
//	{{dated "time"}}        a time, or 1970 where it is before the first that can be
//	{{internal "address"}}  whether an expression is an address inside
//	{{fields "envelope" "a" "b.c"}}  the named fields as a tuple: of the envelope, as JSON, where it holds anything, otherwise the row's own
//	{{either "a" "b"}}      the first of the texts that is not empty
//	{{oneOf "a" "b"}}       the first of the texts that stands for anything
//	{{one "text"}}          what a field's text stands for: see values.go, also for word, address, whole, rounded, port,
//	{{host "url"}}          the host, in small letters, and {{hostPort "url"}} the port of a URL
func (s Source) render(file string, n Names) (string, error) {
	text, err := fs.ReadFile(s.files, file)
	if err != nil {
		return "", err
	}
	engine, onCluster := "MergeTree", ""
	if n.Cluster != "" {
		engine, onCluster = "ReplicatedMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')", " ON CLUSTER "+statement.Identifier(n.Cluster)
	}
	t, err := template.New(file).Funcs(template.FuncMap{
		"table": func(log string) (string, error) {
			for _, l := range s.Logs {
				if l.Name == log {
					name := statement.Qualified(n.Database, s.LandingTable(log))
					if file == "landing.sql" {
						name += onCluster
					}
					return name, nil
				}
			}
			return "", fmt.Errorf("there is no log %q", log)
		},
		"engine":     func() string { return engine },
		"keeping":    keeping,
		"provenance": provenance,
		"internal":   internal,
		"time":       readTime,
		"dated":      dated,
		"fields":     fieldsOf,
		"either":     either,
		"oneOf":      oneOf,
		"one":        one,
		"word":       word,
		"ones":       ones,
		"words":      words,
		"addresses":  addresses,
		"wholes":     wholes,
		"asPort":     asPort,
		"address":    address,
		"whole":      whole,
		"rounded":    rounded,
		"port":       port,
		"host":       hostOf,
		"hostPort":   portOf,
	}).Parse(string(text))
	if err != nil {
		return "", fmt.Errorf("read %s: %w", file, err)
	}
	out, err := statement.Render(t, nil)
	return strings.TrimSpace(out), err
}

func provenance(at string) string {
	return fmt.Sprintf("`%s` DateTime64(6, 'UTC') DEFAULT %s CODEC(Delta(8), ZSTD(1)),\n"+
		"    `%s` LowCardinality(String),\n    `%s` UInt64 CODEC(Delta(8), ZSTD(1)),\n    `%s` LowCardinality(String),\n"+
		"    `%s` DateTime64(3, 'UTC') DEFAULT now64(3) CODEC(Delta(8), ZSTD(1))",
		columnTime, at, columnFile, columnLine, columnChunk, columnArrive)
}

// keeping lets a block that is sent again be known again, in a table of one server too. A part as an import sends it is one file: one
// for each of so many columns costs more than what is written to them.
func keeping() string {
	return fmt.Sprintf("PARTITION BY toYYYYMM(%s)\nTTL toDateTime(%s) + INTERVAL %d DAY\n"+
		"SETTINGS non_replicated_deduplication_window = 10000, default_compression_codec = 'ZSTD(1)', min_bytes_for_wide_part = %d",
		columnTime, columnArrive, landingRetentionDays, 128<<20)
}

// internal asks whether an expression's address lies in one of the networks that are inside. What is no address does not.
func internal(address string) string {
	return fmt.Sprintf("arrayExists(network -> isIPAddressInRange(if(isIPv4String(%[1]s) OR isIPv6String(%[1]s), %[1]s, '0.0.0.0'), network), {internalNetworks:Array(String)})", address)
}
