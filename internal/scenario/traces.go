package scenario

import (
	"net/url"
	"strings"
	"time"
)

// traces tell whose doing a finding is. The numbers are those of Scenario.attacks, and behind them of Scenario.known.
type traces struct {
	connections map[connection]int // beaconing
	names       map[string]int     // dynamicDns
	hours       map[deviceHour]int // fastFlux
	hosts       map[string]int     // detectors that group by host
}

type connection struct{ device, ip string }

type deviceHour struct {
	device string
	hour   int64 // seconds since the epoch
}

func newTraces() traces {
	return traces{connections: map[connection]int{}, names: map[string]int{}, hours: map[deviceHour]int{}, hosts: map[string]int{}}
}

// follow notes one event of an attack.
func (t traces) follow(owner int, e Event) {
	t.connections[connection{e.DeviceName, e.RemoteIP}] = owner
	t.hours[deviceHour{e.DeviceName, e.Timestamp.Truncate(time.Hour).Unix()}] = owner
	t.hosts[host(e.RemoteURL, e.RemoteIP)] = owner
	if e.RemoteURL != "" {
		t.names[e.RemoteURL] = owner
	}
}

// host returns the host of a URL or name, in lower case, and the address where there is none.
func host(name, ip string) string {
	if name == "" {
		return ip
	}
	if !strings.Contains(name, "://") {
		name = "//" + name
	}
	parsed, err := url.Parse(name)
	if err != nil {
		return ip
	}
	return strings.ToLower(parsed.Hostname())
}

// manyAddresses is the number from which on an agent's addresses make a fast flux, as the analytic sees it.
const manyAddresses = 5

// admit notes all that a benign agent may do.
func (s *Scenario) admit(owner int, a agent) {
	s.traces.names[a.url] = owner
	s.traces.hosts[host(a.url, "")] = owner
	for _, n := range a.devices {
		device := s.fleet[n].name
		for _, ip := range a.ips {
			s.traces.connections[connection{device, ip}] = owner
		}
		for h := s.Start; len(a.ips) >= manyAddresses && h.Before(s.End); h = h.Add(time.Hour) {
			s.traces.hours[deviceHour{device, h.Unix()}] = owner
		}
	}
}

// owner returns the number of the attack or agent that the finding belongs to, and false for nobody's.
func (t traces) owner(f Finding) (int, bool) {
	var owner int
	var known bool
	switch f.Detector {
	case Beaconing:
		owner, known = t.connections[connection{f.DeviceName, f.RemoteIP}]
	case DynamicDNS:
		owner, known = t.names[f.RemoteURL]
	case FastFlux:
		owner, known = t.hours[deviceHour{f.DeviceName, f.Hour.Unix()}]
	}
	return owner, known
}
