package catalog_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/detecttest"
)

// exploreShows is how many columns Grafana's Explore shows of a table; the others have to be chosen one by one.
const exploreShows = 20

func TestExploreShowsWhatAFindingIsWorth(t *testing.T) {
	table := detecttest.Start(t).Events(t, nil)
	var common []string
	for _, c := range detect.CommonColumns() {
		common = append(common, c.Name)
	}
	for _, q := range []detecttest.Question{
		{Type: "beaconing"}, {Type: "beaconing", Params: map[string]any{detect.GroupBy: detect.ByHost}}, {Type: "dynamicDns"},
		{Type: "fastFlux"}, {Type: "fastFlux", Params: map[string]any{detect.GroupBy: detect.ByHost}}, {Type: "alerts"},
	} {
		var names []string
		for _, f := range table.Frames(t, q)[0].Fields {
			names = append(names, f.Name)
		}
		worth := []string{"Severity", "SuspiciousASN"}
		if q.Type == "beaconing" {
			worth = append(worth, "Score")
		}
		for _, name := range worth {
			if !slices.Contains(names[:min(len(names), exploreShows)], name) {
				t.Errorf("%s %v: %s is not among the first %d of %v", q.Type, q.Params, name, exploreShows, names)
			}
		}
		if diff := cmp.Diff(common, names[:len(common)]); diff != "" {
			t.Errorf("%s %v: the analytic's columns (-want +got):\n%s", q.Type, q.Params, diff)
		}
	}
}
