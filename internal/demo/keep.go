package demo

import (
	"context"
	"errors"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/runs"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

// Keep keeps what the detectors find from now on, and asks them for the first time.
func (d *Data) Keep(ctx context.Context) (err error) {
	stored, err := d.Settings()
	if err != nil {
		return err
	}
	decoded, err := settings.Decode(stored, nil)
	if err != nil {
		return err
	}
	client, err := clickhouse.New(decoded, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	described, err := client.Describe(ctx, decoded.Database, decoded.Table)
	if err != nil {
		return err
	}
	table, err := schema.Resolve(decoded.Database, decoded.Table, nil, described)
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
