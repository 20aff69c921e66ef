package threatintel_test

import (
	"testing"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/detecttest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/threatintel"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/lists/indicators"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
)

func TestGolden(t *testing.T) {
	gallery := detecttest.Open(t)
	table := gallery.Table().WithIndicators(t,
		entry("network", "203.0.113.0/24", "feed", "Sliver", 70, 1, ""), entry("domain", "example.com", "other", "", 40, 100, ""),
		entry("network", "198.51.100.23/32", "feed", "", 90, 1, ""),
	)
	site := detect.Site{Indicators: indicators.Names(table.Database(), schema.IndicatorsTable)}
	gallery.Check(t, threatintel.Detector{Site: site})
}
