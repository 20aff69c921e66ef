package demo

import (
	"fmt"
	"strings"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/scenario"
	"github.com/grafana/grafana-plugin-sdk-go/data"
)

// findings are the answers of all detectors.
type findings struct {
	answers map[string]answer  // by query type
	list    []scenario.Finding // of the detectors, in the order of detectors() and of their rows
	strict  strictFindings     // of the stricter alert rules
}

// mayBeLost is how many attacks the stricter rules may miss. One looks like an updater but for being new, which a week without what was
// before does not tell; others lie near the line, and a day that begins at another hour may cut them.
const mayBeLost = 3

// judge returns ErrMissed when an attack is missing, for the analytic or for the stricter rules, or when the union is no union.
func (f findings) judge(s *scenario.Scenario) error {
	for _, a := range s.Judge(f.list).Attacks {
		if !a.Found() {
			return fmt.Errorf("%w: %s (%s): %d of %d findings are missing", ErrMissed, a.Name, a.How, len(a.Missing), len(a.Expect))
		}
	}
	for _, r := range f.strict.compare(s) {
		if r.rule == allRules && len(r.lost) > mayBeLost {
			return fmt.Errorf("%w: no stricter rule fires on %s", ErrMissed, strings.Join(r.lost, ", "))
		}
	}
	if rows := f.answers[union].frame.Rows(); rows != len(f.list) {
		return fmt.Errorf("%w: the union has %d findings, the detectors %d", ErrMissed, rows, len(f.list))
	}
	return nil
}

// read turns a detector's table into what identifies its findings.
func read(detector string, frame *data.Frame) ([]scenario.Finding, error) {
	list := make([]scenario.Finding, frame.Rows())
	for i := range list {
		f := scenario.Finding{Detector: detector}
		var at time.Time
		for _, c := range []struct {
			name string
			into any
			use  bool
		}{
			{"DeviceName", &f.DeviceName, detector != scenario.DynamicDNS},
			{"RemoteIP", &f.RemoteIP, detector == scenario.Beaconing},
			{"RemoteUrl", &f.RemoteURL, detector != scenario.FastFlux},
			{"Timestamp", &at, detector == scenario.FastFlux},
		} {
			if !c.use {
				continue
			}
			if err := cell(frame, c.name, i, c.into); err != nil {
				return nil, fmt.Errorf("read the findings of %s: %w", detector, err)
			}
		}
		if detector == scenario.FastFlux {
			f.Hour = at.UTC()
		}
		list[i] = f
	}
	return list, nil
}

// cell reads one value of a frame into a *T, where T is the field's type.
func cell(frame *data.Frame, name string, row int, into any) error {
	field, _ := frame.FieldByName(name)
	if field == nil {
		return fmt.Errorf("there is no field %s", name)
	}
	value := field.At(row)
	ok := false
	switch into := into.(type) {
	case *string:
		*into, ok = value.(string)
	case *time.Time:
		*into, ok = value.(time.Time)
	}
	if !ok {
		return fmt.Errorf("field %s holds %s", name, field.Type())
	}
	return nil
}
