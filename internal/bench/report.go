package bench

import (
	"embed"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"text/template"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/catalog"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/runs"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/thousands"
)

//go:embed performance.md.tmpl
var reportFile embed.FS

var reportTemplate = template.Must(template.New("performance.md.tmpl").Funcs(template.FuncMap{
	"ms": func(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) },
	"mb": func(n any) string { return fmt.Sprintf("%.0f MB", float64(whole(n))/1e6) },
	"k":  func(n any) string { return thousands.Apart(whole(n)) },
}).ParseFS(reportFile, "performance.md.tmpl"))

func whole(n any) int64 {
	switch n := n.(type) {
	case int64:
		return n
	case uint64:
		return int64(n)
	case int:
		return int64(n)
	}
	return 0
}

type report struct {
	machine string
	sizes   []size
}

// write writes performance.md and a plot for each detector.
func (r report) write(folder string) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	var text strings.Builder
	if err := reportTemplate.Execute(&text, r.data()); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	if err := os.WriteFile(filepath.Join(folder, "performance.md"), []byte(text.String()), 0o644); err != nil {
		return err
	}
	for _, d := range catalog.Detectors() {
		if err := os.WriteFile(filepath.Join(folder, plotName(d.Spec().Name)), []byte(r.plot(d.Spec().Name)), 0o644); err != nil {
			return err
		}
	}
	return nil
}

func plotName(detector string) string { return "performance-" + detector + ".svg" }

// What the template shows: exported names, and no more than it needs.
type shownSize struct {
	Events            int64
	Generated, Filled time.Duration
	Tables            []shownTable
	Results           []shownResult
	Windows           []shownWindow
	Asked             []shownAsking
	Busy              time.Duration // of all questions, in five minutes
	Screens           []shownScreen
	Viewers           []shownViewing
}

type shownAsking struct {
	Name       string
	Every      string
	Took, Busy time.Duration
	Findings   int64
	Refused    bool
}

type shownScreen struct {
	Title string
	Waits time.Duration
	Rows  int64
	Fails string
}

type shownTable struct {
	Name        string
	Rows, Bytes int64
}

type shownResult struct {
	Detector, Way string
	Median        time.Duration
	Ratio         string // how many times faster than the straightforward port
	Floor         string // times its own floor
	Rows, Bytes   uint64
	Memory        int64
	Findings      int
	Refused       bool // over its limit
}

// shownWindow is what a shorter window costs, and the part of a week's time that it takes.
type shownWindow struct {
	Detector, Way, Part string
	Days                int
	Median              time.Duration
	Rows                uint64
}

type shownViewing struct {
	Viewers         int
	Median, Slowest time.Duration
	Rows            int64
}

func (r report) data() map[string]any {
	var sizes []shownSize
	for _, s := range r.sizes {
		shown := shownSize{Events: s.events, Generated: s.generated, Filled: s.filled}
		for _, t := range s.tables {
			shown.Tables = append(shown.Tables, shownTable{t.name, t.rows, t.bytes})
		}
		for _, a := range s.asked {
			shown.Asked = append(shown.Asked, shownAsking{a.name, fmt.Sprintf("%d min", int(a.every.Minutes())), a.took, a.busy, a.findings, a.refused})
			shown.Busy += time.Duration(float64(a.busy) * runs.Every.Seconds() / a.every.Seconds()) // the product of two spans is no int64
		}
		for _, o := range s.screens {
			shown.Screens = append(shown.Screens, shownScreen{o.title, o.waits, o.rows, o.fails})
		}
		for _, v := range s.viewers {
			shown.Viewers = append(shown.Viewers, shownViewing{v.viewers, v.median, v.slowest, v.rows})
		}
		for _, detector := range catalog.Detectors() {
			name := detector.Spec().Name
			for _, way := range []string{port, onEvents, onHours, withScore, stricter, strictEvents, slower, asTable, floorEvents, floorHours} {
				if of := s.result(name, way); len(of.times) > 0 || of.refused {
					shown.Results = append(shown.Results, s.shown(name, way))
				}
			}
			for _, way := range []string{onEvents, onHours} {
				for _, days := range shorter {
					if !s.result(name, way).refused && !s.result(name, within(way, days)).refused {
						shown.Windows = append(shown.Windows, s.window(name, way, days))
					}
				}
			}
		}
		sizes = append(sizes, shown)
	}
	var plots []string
	for _, d := range catalog.Detectors() {
		plots = append(plots, plotName(d.Spec().Name))
	}
	return map[string]any{"Machine": r.machine, "Sizes": sizes, "Plots": plots}
}

func (s size) shown(detector, way string) shownResult {
	of := s.result(detector, way)
	if of.refused {
		return shownResult{Detector: detector, Way: way, Refused: true}
	}
	shown := shownResult{
		Detector: detector, Way: way, Median: of.median(), Rows: of.rows, Bytes: of.bytes, Memory: of.memory, Findings: of.findings,
		Ratio: fmt.Sprintf("%.1f×", s.result(detector, port).median().Seconds()/of.median().Seconds()),
	}
	if floor, ok := map[string]string{port: floorEvents, onEvents: floorEvents, onHours: floorHours}[way]; ok {
		shown.Floor = fmt.Sprintf("%.1f×", of.median().Seconds()/s.result(detector, floor).median().Seconds())
	}
	return shown
}

func (s size) window(detector, way string, days int) shownWindow {
	week, of := s.result(detector, way), s.result(detector, within(way, days))
	return shownWindow{
		Detector: detector, Way: way, Days: days, Median: of.median(), Rows: of.rows,
		Part: fmt.Sprintf("%.2f", of.median().Seconds()/week.median().Seconds()),
	}
}

func (s size) result(detector, way string) result {
	for _, r := range s.results {
		if r.detector == detector && r.way == way {
			return r
		}
	}
	return result{}
}

// machine describes this one.
func machine() string {
	model := runtime.GOARCH
	if info, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(info)) {
			if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
				model = strings.TrimSpace(value)
				break
			}
		}
	}
	return fmt.Sprintf("%s, %d cores, %s", model, runtime.NumCPU(), runtime.GOOS)
}
