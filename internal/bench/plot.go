package bench

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/thousands"
)

// The plot's frame, in pixels.
const (
	plotWidth, plotHeight = 640, 360
	left, right           = 70, 170
	top, bottom           = 40, 50
)

// ways are drawn in this order, each in its colour.
var ways = []struct{ name, colour string }{
	{port, "#c4162a"}, {onEvents, "#ff780a"}, {onHours, "#37872d"}, {floorEvents, "#8ab8ff"}, {floorHours, "#96d98d"},
}

// plot draws the medians over the number of events, both axes logarithmic, as an SVG that needs no script.
func (r report) plot(detector string) string {
	x, y := r.axes(detector)
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12">`+"\n", plotWidth, plotHeight)
	fmt.Fprintf(&b, `<rect width="100%%" height="100%%" fill="#ffffff"/><text x="%d" y="24" font-size="15">%s: seconds by events in the table</text>`+"\n", left, detector)
	for _, tick := range x.ticks() {
		at := x.at(tick)
		fmt.Fprintf(&b, `<line x1="%.1f" y1="%d" x2="%.1f" y2="%d" stroke="#dddddd"/><text x="%.1f" y="%d" text-anchor="middle">%s</text>`+"\n", at, top, at, plotHeight-bottom, at, plotHeight-bottom+18, thousands.Apart(int64(tick)))
	}
	for _, tick := range y.ticks() {
		at := y.at(tick)
		fmt.Fprintf(&b, `<line x1="%d" y1="%.1f" x2="%d" y2="%.1f" stroke="#dddddd"/><text x="%d" y="%.1f" text-anchor="end">%g s</text>`+"\n", left, at, plotWidth-right, at, left-6, at+4, tick)
	}
	for i, way := range ways {
		var points []string
		for _, s := range r.sizes {
			of := s.result(detector, way.name)
			if of.refused {
				continue
			}
			at := fmt.Sprintf("%.1f,%.1f", x.at(float64(s.events)), y.at(seconds(of.median())))
			points = append(points, at)
			px, py, _ := strings.Cut(at, ",")
			fmt.Fprintf(&b, `<circle cx="%s" cy="%s" r="3" fill="%s"/>`+"\n", px, py, way.colour)
		}
		fmt.Fprintf(&b, `<polyline points="%s" fill="none" stroke="%s" stroke-width="2"/>`+"\n", strings.Join(points, " "), way.colour)
		fmt.Fprintf(&b, `<text x="%d" y="%d" fill="%s">%s</text>`+"\n", plotWidth-right+12, top+16+20*i, way.colour, way.name)
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// seconds keeps what is too short to be drawn on a logarithmic axis above 0.
func seconds(d time.Duration) float64 { return max(d.Seconds(), 0.001) }

func (r report) axes(detector string) (x, y axis) {
	x, y = axis{from: left, to: plotWidth - right}, axis{from: plotHeight - bottom, to: top}
	for _, s := range r.sizes {
		x.add(float64(s.events))
		for _, way := range ways {
			if of := s.result(detector, way.name); !of.refused {
				y.add(seconds(of.median()))
			}
		}
	}
	return x, y
}

// axis is logarithmic, from one whole power of ten to another.
type axis struct {
	from, to float64 // pixels
	lo, hi   float64 // powers of ten
	any      bool
}

func (a *axis) add(value float64) {
	lo, hi := math.Floor(math.Log10(value)), math.Ceil(math.Log10(value))
	if !a.any {
		a.lo, a.hi, a.any = lo, hi, true
	}
	a.lo, a.hi = min(a.lo, lo), max(a.hi, hi)
}

func (a axis) at(value float64) float64 {
	if a.hi == a.lo {
		return a.from
	}
	return a.from + (math.Log10(value)-a.lo)/(a.hi-a.lo)*(a.to-a.from)
}

func (a axis) ticks() []float64 {
	var list []float64
	for power := a.lo; power <= a.hi; power++ {
		list = append(list, math.Pow(10, power))
	}
	return list
}
