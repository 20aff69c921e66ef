// Package verdicts is what analysts say of findings as a list: what is benign is in no number that an alert rule decides on.
package verdicts

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/lists"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// List implements lists.List.
type List struct{}

var _ lists.List = List{}

// Spec describes the list.
func (List) Spec() lists.Spec {
	return lists.Spec{
		Name: "verdicts", What: "the table of verdicts", Effect: "no finding is muted and no verdict shown", Optional: true, Shown: true,
		One: "of the verdicts mutes nothing", Many: "of the verdicts mute nothing",
	}
}

// Source is the table of verdicts, where they are switched on.
func (List) Source(s settings.Settings) string {
	if s.VerdictsUsername == "" {
		return ""
	}
	return schema.VerdictsName(s.Table)
}

// Read reads the findings that are benign by their newest word.
func (l List) Read(ctx context.Context, ask lists.Ask, s settings.Settings) ([][]string, error) {
	texts := []statement.Column{{Name: "FindingKey", Kind: statement.Text}, {Name: "Severity", Kind: statement.Text}, {Name: "Until", Kind: statement.Text}}
	read, err := statement.New(
		"SELECT FindingKey, toString(argMax(v.Severity, v.At)) AS Severity, toString(toUnixTimestamp(argMax(v.Until, v.At))) AS Until FROM "+
			statement.Qualified(s.Database, l.Source(s))+" AS v GROUP BY FindingKey HAVING argMax(v.Verdict, v.At) = 'benign' ORDER BY FindingKey", nil, texts)
	if err != nil {
		return nil, err
	}
	return ask(ctx, read)
}

// With is what was read.
func (l List) With(s settings.Settings, held [][]string) lists.Entries {
	e := entries{configured: l.Source(s) != "", read: held != nil}
	if held == nil {
		return e
	}
	for i, key := range held[0] {
		until, err := strconv.ParseInt(held[2][i], 10, 64)
		if err != nil {
			e.faults = append(e.faults, fmt.Sprintf("the verdict on %s mutes nothing: its end %q is no time", key, held[2][i]))
			continue
		}
		e.benign = append(e.benign, benign{key, held[1][i], time.Unix(until, 0)})
	}
	return e
}

type benign struct {
	key, severity string
	until         time.Time // the epoch for never
}

type entries struct {
	configured, read bool
	benign           []benign
	faults           []string
}

func (e entries) Configured() bool { return e.configured }

func (e entries) Faults() []string { return e.faults }

func (e entries) holding(now time.Time) (held []benign) {
	for _, b := range e.benign {
		if b.until.Unix() <= 0 || now.Before(b.until) {
			held = append(held, b)
		}
	}
	return held
}

func (e entries) Tell(site *detect.Site, now time.Time) {
	site.Verdicts = e.read
	for _, b := range e.holding(now) {
		site.Muted = append(site.Muted, detect.Muted{FindingKey: b.key, Severity: b.severity})
	}
}

func (e entries) Text(now time.Time, _ bool) string {
	if !e.read {
		return ""
	}
	return fmt.Sprintf("Verdicts are kept; %d findings are muted in alert rules.", len(e.holding(now)))
}
