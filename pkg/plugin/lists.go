package plugin

import (
	"context"
	"fmt"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/allowlist"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/dynamicdns"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/dynamicdns/providers"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/querytypes"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// allowedWith joins the entries that stand in the settings with the rows of the table.
func (d *Datasource) allowedWith(rows [][]string) allowed {
	all := allowed{rows: rows}
	all.list.Add(d.settings.Allowlist, detectorNames())
	all.list.AddRows(d.settings.AllowlistTable, rows, detectorNames())
	return all
}

// detectorNames are those whose findings an entry may hide.
func detectorNames() (names []string) {
	for _, spec := range querytypes.Detectors() {
		names = append(names, spec.Name)
	}
	return names
}

// readAllowlist reads the table's entries.
func (d *Datasource) readAllowlist(ctx context.Context) (allowed, error) {
	rows, err := d.readList(ctx, d.settings.AllowlistTable, allowlist.TableStatement)
	if err != nil {
		return allowed{}, err
	}
	return d.allowedWith(rows), nil
}

// domainsWith joins the domains that stand in the settings with the rows of the table.
func (d *Datasource) domainsWith(rows [][]string) domains {
	all := domains{rows: rows}
	for i, stored := range d.settings.Suffixes {
		all.add(fmt.Sprintf("%s[%d]", suffixStep, i), stored.Suffix, stored.Provider)
	}
	if len(rows) > 0 {
		for i, name := range rows[0] {
			all.add(d.settings.SuffixTable, name, rows[1][i])
		}
	}
	return all
}

// readSuffixes reads the table's domains.
func (d *Datasource) readSuffixes(ctx context.Context) (domains, error) {
	rows, err := d.readList(ctx, d.settings.SuffixTable, dynamicdns.SuffixStatement)
	if err != nil {
		return domains{}, err
	}
	return d.domainsWith(rows), nil
}

// add adds a domain, or what is wrong with it.
func (d *domains) add(where, name, provider string) {
	suffix, err := providers.Suffix(name)
	if err == nil && len(d.list) >= dynamicdns.MaxSuffixes {
		err = fmt.Errorf("there are more than %d domains", dynamicdns.MaxSuffixes)
	}
	if err != nil {
		d.faults = append(d.faults, fmt.Sprintf("%s: %.100q is not looked for: %v", where, name, err))
		return
	}
	if provider == "" {
		provider = suffix
	}
	d.list = append(d.list, providers.Domain{Suffix: suffix, Provider: provider})
}

// readASN proves that the dictionary can be read.
func (d *Datasource) readASN(ctx context.Context) (string, error) {
	name := d.settings.ASNDictionary
	if name == "" {
		return "", nil
	}
	probe, err := detect.ASNProbe(name)
	if err == nil {
		_, err = d.client.Query(ctx, probe, clickhouse.Origin{RefID: name, Detector: "lists"})
	}
	return name, err
}

// readList reads a table of texts, column by column; nothing where there is none.
func (d *Datasource) readList(ctx context.Context, table string, of func(database, name string) (statement.Statement, error)) ([][]string, error) {
	if table == "" {
		return nil, nil
	}
	s, err := of(d.settings.Database, table)
	if err != nil {
		return nil, err
	}
	result, err := d.client.Query(ctx, s, clickhouse.Origin{RefID: table, Detector: "lists"})
	if err != nil {
		return nil, err
	}
	columns := make([][]string, len(result.Data))
	for i, values := range result.Data {
		columns[i], _ = values.([]string) // both statements return texts
	}
	return columns, nil
}
