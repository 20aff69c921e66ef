package accuracy

import (
	"strconv"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/tablerow"
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
		r := tablerow.Of(frame, i)
		f := Finding{
			Key: q.queryType + " " + r.Text("FindingKey"), Type: q.queryType, Host: hostOf(r.Text("RemoteUrl")), Severity: r.Text("Severity"),
			Devices: append(tablerow.List[string](r, "SampleDevices"), r.Text("DeviceId"), r.Text("DeviceName")), Addresses: append(tablerow.List[string](r, "SampleIPs"), r.Text("RemoteIP")),
			First: r.Time("FirstSeen"), Last: r.Time("LastSeen"), Why: tablerow.List[string](r, "Why"),
		}
		f.Value, _ = r.Number(q.rank)
		if f.Last.IsZero() {
			f.Last = r.Time("Timestamp")
		}
		if f.Host == "" {
			f.Host = r.Text("RemoteIP")
		}
		if ports := tablerow.List[string](r, "SamplePorts"); len(ports) < mostPorts {
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
