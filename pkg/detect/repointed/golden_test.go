package repointed_test

import (
	"testing"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/detecttest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/repointed"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/lists/ledger"
)

func TestGolden(t *testing.T) {
	gallery := detecttest.Open(t)
	window := detecttest.Days(3)
	table := gallery.Table().WithLedger(t, window)
	// where some of its names were before
	table.Exec(t, "INSERT INTO {database}.names (Name, Network, FirstSeen, LastSeen, Days, LowAddress, HighAddress, ShortestTTL) VALUES "+
		"('c2.example.com', '192.0.2.0/24', '2026-01-01 00:00:00', '2026-02-28 12:00:00', [20454, 20460, 20512], '192.0.2.3', '192.0.2.9', 3600), "+
		"('home.duckdns.org', '198.51.100.0/24', '2026-02-01 00:00:00', '2026-03-02 12:00:00', [20485, 20513], '198.51.100.1', '198.51.100.1', NULL), "+
		"('v6.example.net', '2001:db8::/48', '2026-02-01 00:00:00', '2026-03-02 12:00:00', [20485, 20513], '2001:db8::1', '2001:db8::1', NULL)")
	site := detect.Site{Ledger: detect.Ledger{Table: ledger.Quoted(table.Database(), "names"), Since: window.From.AddDate(-1, 0, 0), Until: window.To}}
	gallery.Check(t, repointed.Detector{Site: site})
}

func TestTheDocumentationHasEachPoint(t *testing.T) {
	detecttest.DocumentedPoints(t, repointed.Everything())
}
