// Package upgrade brings what earlier versions of the schema made in ClickHouse to what this one makes. It looks first, says what it would
// do, and does that; what it does not know it leaves alone. Tables are created and landing tables completed by the same statements as
// `fluxhound schema apply` runs.
package upgrade

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
)

// Step is one statement of an upgrade.
type Step struct {
	Why   string // one line: what is changed, and why
	SQL   string
	Right string // what it needs, as it stands behind GRANT
}

// Unused is what an earlier version made and nothing reads any more, and what removes it.
type Unused struct {
	What  string // such as "network_events_1h, 12.00 MiB"
	Steps []Step
}

// Plan is what there is to do.
type Plan struct {
	Steps []Step
	// Unused is kept unless somebody wants it dropped.
	Unused []Unused
	// Refused says what no version of the schema has made, and what to do about it. Nothing of it is changed.
	Refused []string
	// Notes are for people.
	Notes []string
}

// Dropping returns the plan that drops what is unused as well.
func (p Plan) Dropping() Plan {
	p.Steps = slices.Clone(p.Steps)
	for _, u := range p.Unused {
		p.Steps = append(p.Steps, u.Steps...)
	}
	p.Unused = nil
	return p
}

// Run does the plan's steps in their order. done is told each that is done. A step that fails ends it; what was done stays, and a plan that
// is made anew goes on from there. Where the user lacks a right the error names the rights of all that is left to do.
func (p Plan) Run(ctx context.Context, client *clickhouse.Client, done func(Step)) error {
	for i, step := range p.Steps {
		err := client.Exec(ctx, step.SQL)
		if fault := new(clickhouse.Error); errors.As(err, &fault) && fault.Category == clickhouse.Permission {
			return fmt.Errorf("%s: %w What is left to do needs GRANT %s: have it given to the user of the settings, or have what fluxhound schema upgrade --dry-run prints run by who may",
				step.Why, err, strings.Join(rights(p.Steps[i:]), "; GRANT "))
		}
		if err != nil {
			return fmt.Errorf("%s: %w", step.Why, err)
		}
		done(step)
	}
	return nil
}

// rights are those of the steps, each once.
func rights(steps []Step) []string {
	var list []string
	for _, step := range steps {
		if !slices.Contains(list, step.Right) {
			list = append(list, step.Right)
		}
	}
	return list
}
