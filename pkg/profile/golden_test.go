package profile_test

import (
	"testing"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/detecttest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/profile"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
)

func TestGolden(t *testing.T) {
	gallery := detecttest.Open(t)
	window := query.Window(detecttest.Days(3))
	t.Run("profile", func(t *testing.T) {
		s, err := profile.Statement(profile.Request{Window: window, Rules: profile.Rules(), Now: window.To}, gallery.Table().Resolve(t))
		if err != nil {
			t.Fatal(err)
		}
		gallery.CheckStatement(t, "testdata/profile", s)
	})
	for name, q := range map[string]query.Query{
		"table":      {Format: query.Table, Params: query.Values{profile.Show: profile.ShowMatching, profile.BySource: false}},
		"matching":   {Format: query.Numeric, Params: query.Values{profile.Show: profile.ShowMatching, profile.BySource: false}},
		"reasons":    {Format: query.Numeric, Params: query.Values{profile.Show: profile.ShowReasons, profile.BySource: true}},
		"timeseries": {Format: query.TimeSeries, Params: query.Values{profile.Show: profile.ShowGaps, profile.BySource: true}},
	} {
		t.Run(name, func(t *testing.T) {
			q.Type, q.Window, q.Interval, q.Limit = "dataQuality", window, 6*time.Hour, 1000
			s, err := profile.Quality{}.Statement(q, gallery.Table().Resolve(t))
			if err != nil {
				t.Fatal(err)
			}
			gallery.CheckStatement(t, "testdata/"+name, s)
		})
	}
}
