package plugin

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/allowlist"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/catalog"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/dynamicdns"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/dynamicdns/providers"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// siteTTL is how long the lists that stand in tables are taken as known.
const siteTTL = 30 * time.Second

// site is what the data source knows beside the events table, with what is wrong with it.
type site struct {
	suffixes  []providers.Domain
	allowlist allowlist.List
	// asn is the dictionary of autonomous systems, where it can be read.
	asn string
	// Faults of the lists, by their step of the health check; each hides and widens nothing.
	faults map[string][]string
	// What is wrong with the lists, for the frames' notices: a line each.
	notices []string
}

// siteCache keeps what the tables say.
type siteCache struct {
	mu    sync.Mutex
	site  site
	until time.Time
}

// Names of the steps of the health check.
const (
	allowlistStep = "allowlist"
	suffixStep    = "dynamicDnsSuffixes"
	asnStep       = "asnDictionary"
)

// knownSite returns the site. A list that cannot be read leaves the rest standing: without its allowlist a query shows more
// than it should and says so, which is better than a detector that is silent.
func (d *Datasource) knownSite(ctx context.Context) (site, error) {
	d.site.mu.Lock()
	known, until := d.site.site, d.site.until
	d.site.mu.Unlock()
	if d.now().Before(until) {
		return known, nil
	}
	read, err := d.readSite(ctx)
	if err != nil {
		return site{}, err
	}
	d.site.mu.Lock()
	defer d.site.mu.Unlock()
	d.site.site, d.site.until = read, d.now().Add(siteTTL)
	return read, nil
}

// readSite returns an error only when the request ended.
func (d *Datasource) readSite(ctx context.Context) (site, error) {
	s := site{faults: map[string][]string{}}
	var names []string
	for _, detector := range catalog.Detectors() {
		names = append(names, detector.Spec().Name)
	}
	s.allowlist.Add(d.settings.Allowlist, names)
	if table := d.settings.AllowlistTable; table != "" {
		columns, err := d.readList(ctx, table, allowlist.TableStatement)
		if ctx.Err() != nil {
			return site{}, err
		}
		s.note(allowlistStep, "the allowlist's table "+table, "it hides nothing", err)
		s.allowlist.AddRows(table, columns, names)
	}
	var faults []string
	for _, f := range s.allowlist.Faults {
		faults = append(faults, fmt.Sprintf("%s hides nothing: %v", f.Where, f.Reason))
	}
	s.noteFaults(allowlistStep, faults)
	faults = nil
	for i, stored := range d.settings.Suffixes {
		faults = append(faults, s.addSuffix(fmt.Sprintf("%s[%d]", suffixStep, i), stored.Suffix, stored.Provider)...)
	}
	s.noteFaults(suffixStep, faults)
	if table := d.settings.SuffixTable; table != "" {
		columns, err := d.readList(ctx, table, dynamicdns.SuffixStatement)
		if ctx.Err() != nil {
			return site{}, err
		}
		s.note(suffixStep, "the table of dynamic DNS domains "+table, "its domains are not looked for", err)
		s.noteFaults(suffixStep, s.addSuffixes(table, columns))
	}
	if name := d.settings.ASNDictionary; name != "" {
		probe, err := detect.ASNProbe(name)
		if err == nil {
			_, err = d.client.Query(ctx, probe, clickhouse.Origin{RefID: name, Detector: "lists"})
		}
		if ctx.Err() != nil {
			return site{}, err
		}
		if s.note(asnStep, "the dictionary of autonomous systems "+name, "ASN is empty and no network suspicious", err); err == nil {
			s.asn = name
		}
	}
	return s, nil
}

// note keeps that a list could not be read.
func (s *site) note(step, what, effect string, err error) {
	if err != nil {
		text := fmt.Sprintf("%s cannot be read, so that %s: %s", what, effect, explain(err))
		s.faults[step], s.notices = append(s.faults[step], text), append(s.notices, text)
	}
}

// noteFaults keeps what is wrong with entries of a list. A frame's notice tells the first of them.
func (s *site) noteFaults(step string, faults []string) {
	if len(faults) == 0 {
		return
	}
	s.faults[step], s.notices = append(s.faults[step], faults...), append(s.notices, firstOf(faults, 1)+".")
}

// firstOf joins some texts and counts the others.
func firstOf(texts []string, most int) string {
	shown := strings.Join(texts[:min(most, len(texts))], "; ")
	if more := len(texts) - most; more > 0 {
		shown += fmt.Sprintf("; and %d more", more)
	}
	return shown
}

// addSuffixes reads the rows of a table of domains, and returns their faults.
func (s *site) addSuffixes(table string, columns [][]string) (faults []string) {
	if len(columns) == 0 {
		return nil
	}
	for i, name := range columns[0] {
		faults = append(faults, s.addSuffix(table, name, columns[1][i])...)
	}
	return faults
}

// addSuffix adds a domain, or returns why it does not.
func (s *site) addSuffix(where, name, provider string) (faults []string) {
	suffix, err := providers.Suffix(name)
	if err == nil && len(s.suffixes) >= dynamicdns.MaxSuffixes {
		err = fmt.Errorf("there are more than %d domains", dynamicdns.MaxSuffixes)
	}
	if err != nil {
		return []string{fmt.Sprintf("%s: %.100q is not looked for: %v", where, name, err)}
	}
	if provider == "" {
		provider = suffix
	}
	s.suffixes = append(s.suffixes, providers.Domain{Suffix: suffix, Provider: provider})
	return nil
}

// readList reads a table of texts, column by column.
func (d *Datasource) readList(ctx context.Context, table string, of func(database, name string) (statement.Statement, error)) ([][]string, error) {
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

// at is what the detectors are told: the entries that are valid now.
func (s site) at(now time.Time) detect.Site {
	return detect.Site{Suffixes: s.suffixes, Allowlist: allowlist.Active(s.allowlist.Entries, now), ASNDictionary: s.asn}
}

// forgetSite makes the next query read the lists again.
func (d *Datasource) forgetSite() {
	d.site.mu.Lock()
	defer d.site.mu.Unlock()
	d.site.until = time.Time{}
}

// checkSite reports what is wrong with the lists.
func (d *Datasource) checkSite(ctx context.Context) ([]check, error) {
	s, err := d.knownSite(ctx)
	if err != nil {
		return nil, err
	}
	var checks []check
	if len(d.settings.Allowlist) > 0 || d.settings.AllowlistTable != "" {
		checks = append(checks, s.check(allowlistStep, s.allowlistText(d.now())))
	}
	if len(d.settings.Suffixes) > 0 || d.settings.SuffixTable != "" {
		checks = append(checks, s.check(suffixStep, s.suffixText()))
	}
	if d.settings.ASNDictionary != "" {
		text := ""
		if s.asn != "" {
			text = "Autonomous systems are read from " + s.asn + "."
		}
		checks = append(checks, s.check(asnStep, text))
	}
	return checks, nil
}

// check is a list's step: it fails with the first of its faults, of which there may be many. text tells what is there all
// the same.
func (s site) check(name, text string) check {
	faults := s.faults[name]
	if len(faults) == 0 {
		return check{Name: name, OK: true, Message: text}
	}
	return check{Name: name, Message: strings.TrimSpace(firstOf(faults, mostShown) + ". " + text), Hint: "Correct what is named; everything else works meanwhile."}
}

// mostShown is how many entries of a list the health check names.
const mostShown = 5

func (s site) suffixText() string {
	if len(s.suffixes) == 1 {
		return "1 more dynamic DNS domain is looked for."
	}
	return fmt.Sprintf("%d more dynamic DNS domains are looked for.", len(s.suffixes))
}

func (s site) allowlistText(now time.Time) string {
	active := allowlist.Active(s.allowlist.Entries, now)
	text := fmt.Sprintf("The allowlist has %d entries.", len(active))
	if len(active) == 1 {
		text = "The allowlist has 1 entry."
	}
	var expired []string
	for _, e := range s.allowlist.Entries {
		if e.Expired(now) {
			expired = append(expired, e.String())
		}
	}
	switch shown := firstOf(expired, mostShown); len(expired) {
	case 0:
		return text
	case 1:
		return text + " 1 has expired and hides nothing: " + shown + "."
	default:
		return text + fmt.Sprintf(" %d have expired and hide nothing: %s.", len(expired), shown)
	}
}
