package hours

import (
	"context"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
)

// Step runs one of the job's steps alone: 0 plans, 1 makes, 2 notes.
func (k Keeper) Step(ctx context.Context, step int) error {
	t, err := k.render("MergeTree", false)
	if err != nil {
		return err
	}
	made := k.quoted(schema.HoursMadeName(k.table.Name))
	return k.step(ctx, "take a step", []string{made, k.quoted(schema.HoursName(k.table.Name)), made}[step], []string{t.plan, t.make, t.prove}[step])
}

// Taking returns the keeper that makes so many events at a time.
func (k Keeper) Taking(events int) Keeper {
	k.most = events
	return k
}
