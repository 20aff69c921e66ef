package hunt

import (
	_ "embed"
	"html/template"
	"io"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/thousands"
)

//go:embed report.html
var pageText string

var page = template.Must(template.New("report.html").Funcs(template.FuncMap{
	"moment":    func(at time.Time) string { return at.UTC().Format(moment) },
	"thousands": thousands.Apart[int64],
	"target":    target,
	"bars":      bars,
	"percent":   percent,
}).Parse(pageText))

// HTML writes the report as one page that needs no network.
func (r *Report) HTML(out io.Writer) error { return page.Execute(out, r) }

// bar is one of a sparkline's, in units of the drawing.
type bar struct{ X, Y, Height float64 }

// tall is how high a sparkline is, in the same units.
const tall = 24

func bars(series []int64) []bar {
	most := int64(1)
	for _, n := range series {
		most = max(most, n)
	}
	list := make([]bar, len(series))
	for i, n := range series {
		height := tall * float64(max(n, 0)) / float64(most)
		list[i] = bar{X: float64(5 * i), Y: tall - height, Height: height}
	}
	return list
}
