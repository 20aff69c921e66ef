// Package asn is the dictionary of autonomous systems, which ClickHouse keeps: all that is read of it is that it answers.
package asn

import (
	"context"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/lists"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

// List implements lists.List.
type List struct{}

var _ lists.List = List{}

// Name is the list's name.
const Name = "asnDictionary"

// Spec describes the list.
func (List) Spec() lists.Spec {
	return lists.Spec{Name: Name, What: "the dictionary of autonomous systems", Effect: "ASN is empty and no network suspicious", Optional: true}
}

// Source is the dictionary.
func (List) Source(s settings.Settings) string { return s.ASNDictionary }

// Read proves that the dictionary can be read.
func (List) Read(ctx context.Context, ask lists.Ask, s settings.Settings) ([][]string, error) {
	probe, err := detect.ASNProbe(s.ASNDictionary)
	if err != nil {
		return nil, err
	}
	return ask(ctx, probe)
}

// With is the dictionary where it could be read.
func (List) With(s settings.Settings, held [][]string) lists.Entries {
	d := dictionary{configured: s.ASNDictionary != ""}
	if held != nil {
		d.name = s.ASNDictionary
	}
	return d
}

type dictionary struct {
	name       string // empty where it cannot be read
	configured bool
}

func (d dictionary) Configured() bool { return d.configured }

func (d dictionary) Faults() []string { return nil }

func (d dictionary) Tell(site *detect.Site, _ time.Time) { site.ASNDictionary = d.name }

func (d dictionary) Text(time.Time, bool) string {
	if d.name == "" {
		return ""
	}
	return "Autonomous systems are read from " + d.name + "."
}
