package accuracy

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"
)

// Finding is a row of a table of findings.
type Finding struct {
	Key       string // FindingKey, with the query type
	Type      string // query type
	Devices   []string
	Host      string // a name, or the address where there is none
	Addresses []string
	Ports     []int64 // empty where the finding does not tell all
	First     time.Time
	Last      time.Time
	Severity  string
	Value     float64 // by which it is ranked
	Why       []string
}

// mostPorts is how many ports a case shows: one that shows as many may have more.
const mostPorts = 5

func findingsOf(q question, frame *data.Frame) []Finding {
	list := make([]Finding, frame.Rows())
	for i := range list {
		r := rowOf(frame, i)
		f := Finding{
			Key: q.queryType + " " + r.text("FindingKey"), Type: q.queryType, Host: hostOf(r.text("RemoteUrl")), Severity: r.text("Severity"), Value: r.number(q.rank),
			Devices: append(items(r, "SampleDevices"), r.text("DeviceId"), r.text("DeviceName")), Addresses: append(items(r, "SampleIPs"), r.text("RemoteIP")),
			First: r.time("FirstSeen"), Last: r.time("LastSeen"), Why: items(r, "Why"),
		}
		if f.Last.IsZero() {
			f.Last = r.time("Timestamp")
		}
		if f.Host == "" {
			f.Host = r.text("RemoteIP")
		}
		if ports := items(r, "SamplePorts"); len(ports) < mostPorts {
			for _, port := range ports {
				if number, err := strconv.ParseInt(port[strings.LastIndex(port, "/")+1:], 10, 64); err == nil {
					f.Ports = append(f.Ports, number)
				}
			}
		}
		list[i] = f
	}
	return list
}

// device is the finding's, for people.
func (f Finding) device() string {
	if f.Devices[len(f.Devices)-1] != "" {
		return f.Devices[len(f.Devices)-1]
	}
	return f.Devices[0]
}

// hostOf is the name within a destination as it is written.
func hostOf(text string) string {
	if _, rest, ok := strings.Cut(text, "://"); ok {
		text = rest
	}
	text, _, _ = strings.Cut(text, "/")
	return strings.ToLower(strings.TrimSuffix(strings.TrimSpace(text), "."))
}

// row is one row of a table, by the names of its columns.
type row map[string]any

func rowOf(frame *data.Frame, i int) row {
	r := row{}
	for _, field := range frame.Fields {
		if value, ok := field.ConcreteAt(i); ok {
			r[field.Name] = value
		}
	}
	return r
}

func (r row) text(name string) string {
	text, _ := r[name].(string)
	return text
}

func (r row) time(name string) time.Time {
	at, _ := r[name].(time.Time)
	return at.UTC()
}

func (r row) number(name string) float64 {
	switch n := r[name].(type) {
	case float64:
		return n
	case int64:
		return float64(n)
	}
	return 0
}

// items reads a column that holds a JSON list of texts.
func items(r row, name string) []string {
	raw, _ := r[name].(json.RawMessage)
	var list []string
	if json.Unmarshal(raw, &list) != nil {
		return nil
	}
	return list
}
