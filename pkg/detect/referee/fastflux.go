package referee

import (
	"slices"
	"strings"
	"time"
)

// FastFlux is the detector's parameters.
type FastFlux struct {
	GroupBy          string   `json:"groupBy"` // device or host
	MinFluxiness     float64  `json:"minFluxiness"`
	ChurnOver        float64  `json:"churnOver"`
	MinUniqueIPs     int64    `json:"minUniqueIPs"`
	MinConnections   int64    `json:"minConnections"`
	ExcludeProcesses []string `json:"excludeProcesses"`
	ActionTypes      []string `json:"actionTypes"`
	DomainSamples    int      `json:"domainSamples"`
	Samples          int      `json:"samples"`
	Addresses
	SuspiciousASNs
}

// DefaultFastFlux is the analytic.
func DefaultFastFlux() FastFlux {
	return FastFlux{
		GroupBy: "device", MinFluxiness: 142.38, ChurnOver: 0.5,
		MinUniqueIPs: 5, MinConnections: 10,
		ExcludeProcesses: strings.Split(browsers, ";"),
		ActionTypes:      []string{"ConnectionSuccess"},
		DomainSamples:    10, Samples: 5,
		Addresses: DefaultAddresses(), SuspiciousASNs: DefaultSuspiciousASNs(),
	}
}

// Flux is one finding: a device's hour.
type Flux struct {
	DeviceID, DeviceName string
	Hour                 time.Time // its start, UTC
	UniqueIPs            int64
	UniqueDomains        int64
	ConnectionCount      int64
	DomainList           []string
	SampleProcesses      []string
}

// Find returns the findings in no order that matters.
func (p FastFlux) Find(events []Event, q Question) []Flux {
	type key struct {
		deviceID, deviceName string
		hour                 int64
	}
	rows := slices.DeleteFunc(q.seen(events), func(e Event) bool { return !p.looksAt(e) })
	var found []Flux
	for k, group := range groups(rows, func(e Event) key { return key{e.DeviceID, e.DeviceName, hour(e.Timestamp)} }) {
		url := func(e Event) string { return e.RemoteURL }
		f := Flux{
			DeviceID: k.deviceID, DeviceName: k.deviceName,
			Hour:            time.Unix(k.hour*3600, 0).UTC(),
			UniqueIPs:       int64(len(distinct(group, p.address))),
			UniqueDomains:   int64(len(distinctTexts(group, url))),
			ConnectionCount: int64(len(group)),
			DomainList:      samples(group, p.DomainSamples, url),
			SampleProcesses: samples(group, p.Samples, process),
		}
		if f.UniqueIPs >= p.MinUniqueIPs && f.ConnectionCount >= p.MinConnections && !q.hides("fastFlux", group) {
			found = append(found, f)
		}
	}
	return found
}

func (p FastFlux) looksAt(e Event) bool {
	if _, public := p.Public(e.RemoteIP); !public || !slices.Contains(p.ActionTypes, e.ActionType) {
		return false
	}
	own := foldASCII(process(e))
	return !slices.ContainsFunc(p.ExcludeProcesses, func(name string) bool { return len(name) == len(own) && foldASCII(name) == own })
}

// Common returns the nine columns that every detector has.
func (f Flux) Common() Row {
	return Row{
		f.Hour, f.DeviceName, "", first(f.DomainList), PotentialFastFluxActivity, f.ConnectionCount,
		int64(0), int64(0), f.SampleProcesses,
	}
}

// Row returns all columns.
func (f Flux) Row() Row {
	return f.Grade().columns(f.Common(), Row{f.DeviceID, f.UniqueIPs, f.UniqueDomains, f.DomainList})
}

// Rows returns the table format of the findings, newest first.
func (p FastFlux) Rows(events []Event, q Question) []Row {
	var rows []Row
	if p.GroupBy == "host" {
		for _, finding := range p.FindHosts(events, q) {
			rows = append(rows, finding.Row())
		}
	} else {
		for _, finding := range p.Find(events, q) {
			rows = append(rows, finding.Row())
		}
	}
	slices.SortFunc(rows, CompareAlerts)
	return rows
}

// Numbers returns the numeric format of the findings: each device's highest hour, or each host's fluxiness.
func (p FastFlux) Numbers(events []Event, q Question) []Number {
	if p.GroupBy == "host" {
		var numbers []Number
		for _, f := range p.FindHosts(events, q) {
			numbers = append(numbers, Number{map[string]string{"remote_url": f.Host}, f.Fluxiness})
		}
		return numbers
	}
	type device struct{ id, name string }
	highest := map[device]int64{}
	for _, f := range p.Find(events, q) {
		d := device{f.DeviceID, f.DeviceName}
		highest[d] = max(highest[d], f.UniqueIPs)
	}
	var numbers []Number
	for d, value := range highest {
		numbers = append(numbers, Number{map[string]string{"device": d.name, "device_id": d.id}, float64(value)})
	}
	return numbers
}

// browsers and parts of the sensor, the analytic's first.
const browsers = "chrome.exe;firefox.exe;msedge.exe;iexplore.exe;safari;opera.exe;brave.exe;svchost.exe;MsMpEng.exe;SenseIR.exe;MsSense.exe;SenseCncProxy.exe;" +
	"msedgewebview2.exe;vivaldi.exe;chromium.exe;librewolf.exe;waterfox.exe;arc.exe;chrome;google-chrome;google-chrome-stable;chromium;chromium-browser;" +
	"firefox;firefox-bin;firefox-esr;msedge;microsoft-edge;microsoft-edge-stable;opera;brave;brave-browser;vivaldi;vivaldi-bin;librewolf;waterfox;epiphany;" +
	"epiphany-browser;konqueror;falkon;WebKitNetworkProcess;Socket Process;Google Chrome;Google Chrome Helper;Google Chrome Helper (Renderer);" +
	"Google Chrome Helper (GPU);Google Chrome Helper (Plugin);Google Chrome Helper (Alerts);Chromium Helper;Microsoft Edge;Microsoft Edge Helper;" +
	"Microsoft Edge Helper (Renderer);Microsoft Edge Helper (GPU);Microsoft Edge Helper (Plugin);Brave Browser;Brave Browser Helper;" +
	"Brave Browser Helper (Renderer);Opera Helper;Vivaldi Helper;Arc;Arc Helper;plugin-container;com.apple.WebKit.Networking;com.apple.WebKit.WebContent;" +
	"com.apple.Safari;SafariBookmarksSyncAgent;Safari Technology Preview;com.apple.Safari.SafeBrowsing.Service;wdavdaemon;mdatp;mdatp_audisp_plugin"
