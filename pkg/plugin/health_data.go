package plugin

import (
	"context"
	"net/http"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/profile"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
)

// dataStep is the step of the health check that tells what the events can be used for.
const dataStep = "data"

// everBefore is a time before all events.
var everBefore = time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC)

// checkData profiles the newest events: of the last day, or of the detectors' week, or wherever the newest are. Its first check
// tells what share each detector can look at; each verdict beside it is a check of its own, with its fix. The profile is nil
// where it could not be made.
func (d *Datasource) checkData(ctx context.Context, table schema.Table) (*profile.Profile, []check) {
	found, err := d.newestProfile(ctx, table)
	if err != nil {
		return nil, []check{failedCheck(dataStep, err)}
	}
	checks := []check{{Name: dataStep, OK: true, Message: found.Text()}}
	for _, v := range found.Judge() {
		checks = append(checks, check{Name: dataStep, Warning: v.Level != profile.Blind, Message: v.Text, Hint: v.Fix})
	}
	return &found, checks
}

// profileView is the same for the settings' page.
func (d *Datasource) profileView(r *http.Request) (any, error) {
	if d.fault != nil {
		return nil, d.fault
	}
	table, _, err := d.eventsTable(r.Context())
	if err != nil {
		return nil, err
	}
	found, err := d.newestProfile(r.Context(), table)
	if err != nil {
		return nil, err
	}
	return found.View(), nil
}

// newestProfile profiles the newest events, with the table's engine.
func (d *Datasource) newestProfile(ctx context.Context, table schema.Table) (found profile.Profile, err error) {
	now := d.now().UTC().Truncate(time.Millisecond)
	r := profile.Request{Rules: profile.Rules(), Now: now}
	for _, from := range []time.Time{now.Add(-query.DefaultLookback), everBefore} {
		r.Window = query.Window{From: from, To: now}
		if found, err = d.profileOf(ctx, r, table); err != nil {
			return profile.Profile{}, err
		}
		if all, _ := found.Events(); all > 0 {
			break
		}
	}
	if _, newest := found.Span(); r.Window.From.Equal(everBefore) && !newest.IsZero() { // all that there is is old: its last day
		r.Window = query.Window{From: newest.Add(-profiledSpan), To: newest.Add(time.Millisecond)}
		if found, err = d.runProfile(ctx, r, table); err != nil {
			return profile.Profile{}, err
		}
	}
	found.Engine, err = d.client.Engine(ctx, table.Database, table.Name)
	return found, err
}
