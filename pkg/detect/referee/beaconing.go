package referee

import (
	"net/netip"
	"slices"
	"strings"
	"time"
)

// Beaconing is the detector's parameters.
type Beaconing struct {
	GroupBy           string   `json:"groupBy"` // ip or host
	InternalDomains   []string `json:"internalDomains"`
	MinScore          float64  `json:"minScore"`
	MaxDevices        int      `json:"maxDevices"` // 0 for any number
	MinConnections    int64    `json:"minConnections"`
	BytesSentOver     int64    `json:"bytesSentOver"`
	UnknownBytes      string   `json:"unknownBytes"` // keep or drop
	DurationHoursOver int64    `json:"durationHoursOver"`
	MinBeaconRate     float64  `json:"minBeaconRate"`
	MaxBeaconRate     float64  `json:"maxBeaconRate"`
	Ports             []int64  `json:"ports"`
	ActionTypes       []string `json:"actionTypes"`
	Samples           int      `json:"samples"`
	Addresses
	SuspiciousASNs
}

// DefaultBeaconing is the analytic.
func DefaultBeaconing() Beaconing {
	return Beaconing{
		GroupBy:         "ip",
		InternalDomains: []string{"corp", "home", "home.arpa", "internal", "intranet", "lan", "local", "localdomain", "localhost", "private"},
		MinConnections:  20, BytesSentOver: 1000, UnknownBytes: "keep", DurationHoursOver: 1, MinBeaconRate: 0.5, MaxBeaconRate: 200,
		Ports:       []int64{80, 443, 8080, 8443, 4443, 4444, 1080, 3128},
		ActionTypes: []string{"ConnectionSuccess", "ConnectionAttempt"},
		Samples:     5,
		Addresses:   DefaultAddresses(), SuspiciousASNs: DefaultSuspiciousASNs(),
	}
}

// Beacon is one finding.
type Beacon struct {
	DeviceID, DeviceName, RemoteIP, RemoteURL string
	ConnectionCount, UniqueRemotePorts        int64
	BytesSent, BytesReceived                  *int64 // nil where no event has a count
	FirstSeen, LastSeen                       time.Time
	SampleProcesses                           []string
	DurationHours                             int64
	BeaconRate                                float64
	Score                                     Score
	ByHost                                    bool
	Device                                    string // by host
	DynamicName                               bool   // of a known dynamic DNS domain
	AS                                        AS
}

// Find returns the findings in no order that matters.
func (p Beaconing) Find(events []Event, q Question) []Beacon {
	type key struct{ deviceID, deviceName, remoteIP, remoteURL string }
	rows := slices.DeleteFunc(q.seen(events), func(e Event) bool { return !p.looksAt(e) })
	destination := func(e Event) key {
		if p.GroupBy == "host" {
			return key{"", "", "", p.host(e)}
		}
		return key{"", "", address(e), e.RemoteURL}
	}
	shared := groups(rows, destination)
	known := q.knownDomains()
	var found []Beacon
	for k, group := range groups(rows, func(e Event) key {
		to := destination(e)
		if p.GroupBy == "host" {
			return key{device(e), "", "", to.remoteURL}
		}
		return key{e.DeviceID, e.DeviceName, to.remoteIP, to.remoteURL}
	}) {
		if p.MaxDevices > 0 && len(distinct(shared[destination(group[0])], device)) > p.MaxDevices {
			continue
		}
		b := Beacon{DeviceID: k.deviceID, DeviceName: k.deviceName, RemoteIP: k.remoteIP, RemoteURL: k.remoteURL}
		if p.GroupBy == "host" {
			b.RemoteIP, b.ByHost, b.Device = first(distinctTexts(group, address)), true, k.deviceID
			b.DeviceID, b.DeviceName = distinct(group, func(e Event) string { return e.DeviceID })[0], newest(group)
		}
		dynamic, _ := knownSuffix(known, Host(b.RemoteURL))
		b.DynamicName = dynamic != ""
		b.AS = q.system(b.RemoteIP, p.SuspiciousASNs)
		b.Score = scoreOf(group, q.Window)
		if p.summarize(&b, group); p.keeps(b) && !q.hides("beaconing", group) {
			found = append(found, b)
		}
	}
	return found
}

func (p Beaconing) looksAt(e Event) bool {
	_, public := p.Public(e.RemoteIP)
	if p.GroupBy == "host" {
		public = p.publicHost(e)
	}
	return public && slices.Contains(p.ActionTypes, e.ActionType) && slices.Contains(p.Ports, e.RemotePort)
}

// host is the host of an event's URL, or its address where the URL has none.
func (p Beaconing) host(e Event) string {
	if host := hostName(e.RemoteURL); host != "" {
		return host
	}
	return address(e)
}

// publicHost holds for every name of the internet, and for an address that is public: the host's own, of whatever family, or
// where it is none, or an internal name, the connection's.
func (p Beaconing) publicHost(e Event) bool {
	host := hostName(e.RemoteURL)
	if _, err := netip.ParseAddr(host); err == nil {
		any := p.Addresses
		any.IncludeIPv6 = true
		_, public := any.Public(host)
		return public
	}
	if p.internal(host) {
		_, public := p.Public(e.RemoteIP)
		return public
	}
	return true
}

func (p Beaconing) internal(host string) bool {
	return !strings.Contains(host, ".") || slices.ContainsFunc(p.InternalDomains, func(domain string) bool {
		domain = foldASCII(domain)
		return host == domain || strings.HasSuffix(host, "."+domain)
	})
}

func scoreOf(group []Event, w Window) Score {
	var seconds, sizes []int64
	for _, e := range group {
		seconds = append(seconds, e.Timestamp.Unix())
		if e.SentBytes != nil {
			sizes = append(sizes, int64(min(uint64(*e.SentBytes), 1<<50))) // no connection sends more
		}
	}
	return ScoreOf(seconds, sizes, w)
}

func (p Beaconing) summarize(b *Beacon, group []Event) {
	b.ConnectionCount = int64(len(group))
	b.UniqueRemotePorts = int64(len(distinct(group, func(e Event) int64 { return e.RemotePort })))
	b.BytesSent = total(group, func(e Event) *int64 { return e.SentBytes })
	b.BytesReceived = total(group, func(e Event) *int64 { return e.ReceivedBytes })
	b.FirstSeen, b.LastSeen = span(group)
	b.SampleProcesses = samples(group, p.Samples, process)
	b.DurationHours = hour(b.LastSeen) - hour(b.FirstSeen)
	if p.GroupBy == "host" && float64(b.ConnectionCount) > p.MaxBeaconRate*float64(b.DurationHours) {
		b.ConnectionCount = once(group)
	}
	if b.DurationHours > 0 {
		b.BeaconRate = float64(b.ConnectionCount) / float64(b.DurationHours)
	}
}

// once is the least number of connections of which a sensor may have written an attempt and a success each.
func once(group []Event) int64 {
	var attempts int64
	for _, e := range group {
		if e.ActionType == "ConnectionAttempt" {
			attempts++
		}
	}
	return max(attempts, int64(len(group))-attempts)
}

func (p Beaconing) keeps(b Beacon) bool {
	enough := b.BytesSent == nil && p.UnknownBytes == "keep"
	if b.BytesSent != nil {
		enough = *b.BytesSent > p.BytesSentOver
	} else if !enough {
		enough = 0 > p.BytesSentOver
	}
	return b.ConnectionCount >= p.MinConnections && enough && b.DurationHours > p.DurationHoursOver &&
		p.MinBeaconRate <= b.BeaconRate && b.BeaconRate <= p.MaxBeaconRate && b.Score.Score >= p.MinScore
}

// Common returns the nine columns that every detector has.
func (b Beacon) Common() Row {
	return Row{
		b.LastSeen, b.DeviceName, b.RemoteIP, b.RemoteURL, PotentialBeaconing, b.ConnectionCount,
		maybe(b.BytesSent), maybe(b.BytesReceived), b.SampleProcesses,
	}
}

// Row returns all columns.
func (b Beacon) Row() Row {
	main := Row{b.DeviceID, b.FirstSeen, b.LastSeen, b.DurationHours, b.BeaconRate, b.UniqueRemotePorts, b.Score.Score}
	return b.Grade().columns(b.Common(), main,
		b.Score.Interval, maybe(b.Score.Size), b.Score.Histogram, b.Score.Duration, b.Score.MedianInterval, b.Score.Jitter, b.Score.Sparkline, b.BytesSent != nil)
}

// Rows returns the table format of the findings, newest first.
func (p Beaconing) Rows(events []Event, q Question) []Row {
	var rows []Row
	for _, finding := range p.Find(events, q) {
		rows = append(rows, finding.Row())
	}
	slices.SortFunc(rows, CompareAlerts)
	return rows
}

// Numbers returns the numeric format of the findings.
func (p Beaconing) Numbers(events []Event, q Question) []Number {
	var numbers []Number
	for _, b := range p.Find(events, q) {
		labels := map[string]string{"device": b.DeviceName, "device_id": b.DeviceID, "remote_ip": b.RemoteIP, "remote_url": b.RemoteURL}
		if p.GroupBy == "host" {
			delete(labels, "remote_ip")
		}
		numbers = append(numbers, Number{labels, b.BeaconRate})
	}
	return numbers
}

// maybe is a value, or nil for none.
func maybe[T any](value *T) any {
	if value == nil {
		return nil
	}
	return *value
}
