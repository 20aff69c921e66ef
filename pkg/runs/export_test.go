package runs

import (
	"context"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// At asks each question once, as if it were that time.
func (k Keeper) At(ctx context.Context, to time.Time) error {
	return k.once(ctx, "toDateTime64("+statement.Quoted(to.UTC().Format("2006-01-02 15:04:05.000"))+", 3, 'UTC')")
}
