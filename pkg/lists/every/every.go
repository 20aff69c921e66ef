// Package every holds the one explicit list of lists.
package every

import (
	"context"
	"fmt"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/lists"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/lists/allowed"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/lists/asn"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/lists/indicators"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/lists/ledger"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/lists/suffixes"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/lists/verdicts"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

// List returns every list, in the order in which the health check tells of them. A new list is one line here.
func List() []lists.List {
	return []lists.List{
		allowed.List{},
		suffixes.List{},
		asn.List{},
		indicators.List{},
		ledger.Names(),
		ledger.Destinations(),
		verdicts.List{},
	}
}

// Site reads the lists that decide which findings there are, and returns what detectors are told of them. One that cannot be read is an
// error.
func Site(ctx context.Context, s settings.Settings, ask lists.Ask, now time.Time) (detect.Site, error) {
	return site(ctx, s, ask, now, false)
}

// Shown reads the lists that decide how findings are shown as well: what an alert rule sees.
func Shown(ctx context.Context, s settings.Settings, ask lists.Ask, now time.Time) (detect.Site, error) {
	return site(ctx, s, ask, now, true)
}

func site(ctx context.Context, s settings.Settings, ask lists.Ask, now time.Time, shown bool) (detect.Site, error) {
	site := detect.Site{Weights: s.CaseWeights}
	for _, list := range List() {
		if list.Spec().Shown && !shown {
			continue
		}
		var held [][]string
		if source := list.Source(s); source != "" {
			var err error
			if held, err = list.Read(ctx, ask, s); err != nil {
				return detect.Site{}, fmt.Errorf("%s %s: %w", list.Spec().What, source, err)
			}
		}
		list.With(s, held).Tell(&site, now)
	}
	return site, nil
}
