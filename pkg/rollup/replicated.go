package rollup

import (
	"context"
	"fmt"
	"strings"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
)

// applyReplicated begins to use roll-ups that are there. It creates none: those of one replica alone would lack what the
// others take in, so that they must come to all replicas at once.
func (k Keeper) applyReplicated(ctx context.Context, s state) error {
	const printed = "run the statements of `fluxhound schema print --cluster`"
	if len(s.absent) > 0 {
		return fmt.Errorf("%w: it replicates, and %s must be created on all replicas at once; %s", ErrUnfit, strings.Join(s.absent, " and "), printed)
	}
	if why := s.unusable(); why != "" {
		return fmt.Errorf("%w: %s; drop it on all replicas and %s", ErrUnfit, why, printed)
	}
	if why := k.mapped(); why != "" {
		return fmt.Errorf("%w: %s, and the printed views read columns by their own names", ErrUnfit, why)
	}
	covered, err := k.covered(ctx, s.source)
	if err != nil || len(covered) > 0 {
		return err
	}
	foreign, err := k.count(ctx, "SELECT toInt64(count()) AS Rows FROM "+k.coverage())
	if err != nil {
		return err
	}
	if foreign > 0 {
		return fmt.Errorf("%w: the roll-ups beside it were filled for an earlier table; drop them, their views and %s on all replicas and %s", ErrUnfit, schema.CoverageName(k.table.Name), printed)
	}
	return k.open(ctx, s)
}

// mapped says which column goes by another name than the canonical one; nothing where none does.
func (k Keeper) mapped() string {
	for _, c := range schema.Columns() {
		if own := k.table.Column(c.Name).Name; k.table.Has(c.Name) && own != c.Name {
			return fmt.Sprintf("%s is mapped to %s", c.Name, own)
		}
	}
	return ""
}
