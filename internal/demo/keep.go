package demo

import (
	"context"
	"errors"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/runs"
)

// Keep keeps what the detectors find from now on, and asks them for the first time.
func (d *Data) Keep(ctx context.Context) (err error) {
	client, decoded, err := connect(d.Server)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	table, err := client.EventsTable(ctx)
	if err != nil {
		return err
	}
	keeper, err := runs.Of(ctx, client, decoded, table)
	if err != nil {
		return err
	}
	for _, step := range []func(context.Context) error{keeper.Apply, keeper.Once, keeper.Schedule} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}
