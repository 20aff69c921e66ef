package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/beaconing"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/cases"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/dynamicdns"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/fastflux"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/hours"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

func cpu() float64 {
	b, _ := os.ReadFile("/proc/" + os.Getenv("PID") + "/stat")
	f := strings.Fields(string(b)[strings.LastIndex(string(b), ")")+2:])
	u, _ := strconv.ParseFloat(f[11], 64)
	s, _ := strconv.ParseFloat(f[12], 64)
	return (u + s) / 100
}

func main() {
	ctx := context.Background()
	s, err := settings.Decode([]byte(`{"host":"127.0.0.1","port":19000,"database":"h","queryTimeout":600}`), nil)
	if err != nil {
		panic(err)
	}
	c, err := clickhouse.New(s, nil)
	if err != nil {
		panic(err)
	}
	described, err := c.Describe(ctx, "h", "network_events")
	if err != nil {
		panic(err)
	}
	table, err := schema.Resolve("h", "network_events", nil, described)
	if err != nil {
		panic(err)
	}
	start := time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, -8).Add(13*time.Hour + 30*time.Minute).Add(17 * time.Second)
	week := query.Window{From: start, To: start.Add(7 * 24 * time.Hour)}
	at := time.Now()
	valid, others, err := hours.New(c, table).Valid(ctx, week, hours.State{})
	fmt.Println(len(valid), len(others), err, time.Since(at))
	at = time.Now()
	_, _, _ = hours.New(c, table).Valid(ctx, week, hours.State{})
	fmt.Println("valid again", time.Since(at))
	hourly := table.WithHours(valid)
	q := func(d detect.Detector, f query.Format, days int, p map[string]any) query.Query {
		q := query.Query{Type: d.Spec().Name, Format: f, Limit: 1000, Window: week, Params: query.Values{}}
		q.Window.From = q.Window.To.AddDate(0, 0, -days)
		for _, one := range d.Spec().Params {
			q.Params[one.Name] = one.Default
		}
		for n, v := range p {
			q.Params[n] = v
		}
		return q
	}
	list := []struct {
		name string
		d    detect.Detector
		q    query.Query
	}{
		{"beaconing 7d", beaconing.Detector{}, q(beaconing.Detector{}, query.Numeric, 7, nil)},
		{"beaconing table", beaconing.Detector{}, q(beaconing.Detector{}, query.Table, 7, nil)},
		{"dynamicDns table", dynamicdns.Detector{}, q(dynamicdns.Detector{}, query.Table, 7, nil)},
		{"fastFlux", fastflux.Detector{}, q(fastflux.Detector{}, query.Numeric, 7, nil)},
		{"cases 1d high", cases.Detector{}, q(cases.Detector{}, query.Numeric, 1, map[string]any{"minRisk": int64(60)})},
		{"cases 7d slow", cases.Detector{}, q(cases.Detector{}, query.Numeric, 7, map[string]any{"minRisk": int64(60), "maxConnections": int64(1000)})},
	}
	for _, one := range list {
		if len(os.Args) > 1 && !strings.Contains(one.name, os.Args[1]) {
			continue
		}
		for _, way := range []string{"events", "hours"} {
			t := table
			if way == "hours" {
				t = hourly
			}
			s, err := one.d.Statement(one.q, t)
			if err != nil {
				panic(err)
			}
			if len(os.Args) > 2 {
				fmt.Println(s.SQL)
			}
			var times, cpus []float64
			rows := 0
			for range 3 {
				at, before := time.Now(), cpu()
				r, err := c.Query(ctx, s, clickhouse.Origin{})
				if err != nil {
					fmt.Println(err)
					break
				}
				rows = r.Rows
				times, cpus = append(times, time.Since(at).Seconds()), append(cpus, cpu()-before)
			}
			slices.Sort(times)
			slices.Sort(cpus)
			if len(times) == 3 {
				fmt.Printf("%-18s %-7s %6.2f s  cpu %6.2f  rows %d\n", one.name, way, times[1], cpus[1], rows)
			}
		}
	}
}
