package events_test

import (
	"testing"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/detecttest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/events"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
)

func TestGolden(t *testing.T) {
	gallery := detecttest.Open(t)
	gallery.Check(t, events.Events{})
	for name, v := range map[string]events.ValuesQuery{
		"values":        {Column: "RemoteUrl", Limit: 5},
		"values_search": {Column: "InitiatingProcessFileName", Search: "LOADER", Limit: 5, Filters: []query.Filter{{Column: "DeviceName", Operator: query.Equal, Values: []string{"WS-4"}}}},
		"values_number": {Column: "RemotePort", Limit: 1000},
	} {
		t.Run(name, func(t *testing.T) {
			v.Window = query.Window(detecttest.Days(3))
			s, err := events.Values(v, gallery.Table().Resolve(t))
			if err != nil {
				t.Fatal(err)
			}
			gallery.CheckStatement(t, "testdata/"+name, s)
		})
	}
}
