// Package detect says what a detector is. A detector builds a statement and never runs it.
package detect

import (
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/attack"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// Detector is one detection of the analytic.
type Detector interface {
	// Spec describes the detector. It is the same at every call.
	Spec() Spec
	// Statement builds the SQL that answers the query on the table. It returns a *query.Error when the query asks
	// for a column that the table lacks.
	Statement(query.Query, schema.Table) (statement.Statement, error)
}

// Idler is a detector that may have nothing to look for: no query of it is worth asking by itself then.
type Idler interface{ Idle() bool }

// Idle reports whether a detector has nothing to look for.
func Idle(d Detector) bool {
	if s, ok := d.(Summarized); ok {
		d = s.Detector
	}
	i, ok := d.(Idler)
	return ok && i.Idle()
}

// Spec is everything about a detector that others need: the editor's form, the frames, the documentation.
type Spec struct {
	Name       string             `json:"name"`      // query type and label value
	Label      string             `json:"label"`     // for people
	Kind       string             `json:"kind"`      // detector, union or events
	AlertType  string             `json:"alertType"` // the analytic's word; empty for what is no detector
	Summary    string             `json:"summary"`   // what it finds, in one sentence
	Technique  *attack.Technique  `json:"technique,omitempty"`
	Techniques []attack.Seen      `json:"techniques,omitempty"` // what else of ATT&CK its findings may show; never a label, so that no alert changes with it
	Formats    []query.Format     `json:"formats"`              // the first is the default
	Params     []query.Param      `json:"params"`
	Columns    []statement.Column `json:"columns"`           // of the table format, in order
	AlertValue Value              `json:"alertValue"`        // the number of the numeric format
	Labels     []Label            `json:"labels"`            // of the numeric and timeseries formats
	Details    []Label            `json:"details,omitempty"` // what explains a number where the query asks for it; columns of texts or of lists of them
	Leads      []Lead             `json:"leads"`             // how a label's column leads to a finding's events, where they do not have its value
	Requires   []string           `json:"requires"`          // canonical columns without which it cannot run
	Optional   []string           `json:"optional"`          // canonical columns that it uses where the table has them

	Peaks         []string `json:"-"` // columns of numbers whose highest value a summary tells
	Grades        []Grade  `json:"-"` // how severe its findings are
	Beside        bool     `json:"-"` // its findings are made of what is kept beside the events, and not of these
	NetworkGraded bool     `json:"-"` // its grades count the suspicious networks already, so that these do not raise them
}

// Type describes it to the decoder of queries.
func (s Spec) Type() query.Type {
	return query.Type{Formats: s.Formats, Params: s.Params, Details: len(s.Details) > 0}
}

// Value is a column of findings that alert rules compare with a threshold.
type Value struct {
	Column string `json:"column"`
	Unit   string `json:"unit,omitempty"`
}

// Label is a label of a time series or a number, and the column of findings that fills it. The labels of one
// detector together identify a finding over time: none holds a time or a count.
type Label struct {
	Name   string `json:"name"`
	Column string `json:"column"`
}

// Lead is how the column of a label leads from a finding to the events behind it, which otherwise have the finding's value.
type Lead struct {
	Column string `json:"column"`
	How    string `json:"how"` // Varies or Host
	// Param and Values say when: while the parameter has one of the values; always where Param is empty.
	Param  string   `json:"param,omitempty"`
	Values []string `json:"values,omitempty"`
}

// How a column leads to events.
const (
	Varies = "varies" // the events have several values, so that it leads nowhere
	Host   = "host"   // it is a host: a name that the events' text contains, or an address
)

// The analytic's own verdict on everything it finds.
const (
	Severity   = "high"
	Confidence = "medium"
)

// T1584 returns the technique of every detector here: https://attack.mitre.org/techniques/T1584/.
func T1584() *attack.Technique {
	technique, _ := attack.Named("T1584") // a test of attack names it
	return &technique
}

// Formats returns the formats that every detector answers in.
func Formats() []query.Format {
	return []query.Format{query.Table, query.TimeSeries, query.Numeric}
}
