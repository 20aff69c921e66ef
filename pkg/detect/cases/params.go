package cases

import (
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/beaconing"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// params are the detector's, with weights of a data source's own as defaults.
func params(weights map[string]int64) []query.Param {
	list := []query.Param{
		{Name: "minRisk", Label: "Lowest risk", Kind: query.KindInteger, Unit: "of 100", Min: 0, Max: 100, Default: int64(Medium), Least: "Risk",
			Help: "Cases of a lower risk are left out. From 60 a case is high, from 80 critical."},
		{Name: "minConnections", Label: "Minimum connections", Kind: query.KindInteger, Unit: "connections", Min: 1, Max: 1e6, Default: int64(10),
			Help: "What has fewer connections in the window is not looked at, unless one was open for long."},
		{Name: "maxConnections", Label: "Maximum connections", Kind: query.KindInteger, Unit: "connections", Min: 0, Max: 1e6, Default: int64(0),
			Help: "What has more connections in the window is not looked at: over a week or more, what remains is slow. 0 for any number."},
		{Name: "longSeconds", Label: "Long connection", Kind: query.KindInteger, Unit: "s", Min: 60, Max: 1e6, Default: int64(3600),
			Help: "A connection that was open for this long counts as a long one."},
		{Name: "newDays", Label: "New", Kind: query.KindInteger, Unit: "d", Min: 1, Max: 180, Default: int64(7),
			Help: "What no device connected to before so many days ago is new. Needs a ledger of destinations that goes back twice as long."},
		{Name: "knownDays", Label: "Long known", Kind: query.KindInteger, Unit: "d", Min: 2, Max: 365, Default: int64(30),
			Help: "What several devices connect to for so many days is long known. Needs a ledger of destinations."},
		detect.ActionTypesParam(Outbound()...),
		{Name: detect.PrivateNetworks, Label: "Networks left out", Kind: query.KindStringList, Max: 64, Default: statement.SpecialNetworks(), Check: detect.IPv4Network,
			Help: "IPv4 networks that are no place of the internet: private, loopback, link-local, shared, test, multicast and reserved ones (RFC 6890). Those of IPv6 are left out as well."},
		beaconing.InternalDomains(),
		detect.SuspiciousASNsParam(),
		detect.HostingASNsParam(),
		{Name: "usualPorts", Label: "Usual ports", Kind: query.KindIntegerList, Max: 1000, Default: usualPorts,
			Help: "Ports of common services. A channel that uses none of them is odd."},
		detect.SamplesParam("SampleProcesses, SampleIPs and SamplePorts"),
	}
	for _, e := range Everything() {
		p := query.Param{Name: e.Name, Label: "Points: " + e.Name, Kind: query.KindInteger, Unit: "points", Min: 0, Max: 100, Default: e.Points,
			Help: "Counts when: " + e.When + ". " + e.Why}
		if e.Points < 0 {
			p.Min, p.Max = -100, 0
		}
		if own, ok := weights[e.Name]; ok && float64(own) >= p.Min && float64(own) <= p.Max {
			p.Default = own
		}
		list = append(list, p)
	}
	return list
}

// Outbound are the types of events that are a device's own connections, as far as they may have come about.
func Outbound() []string {
	return []string{"ConnectionSuccess", "ConnectionAttempt", "ConnectionRequest", "ConnectionSuccessAggregatedReport"}
}

// usualPorts belong to common services, by IANA's registry of service names and port numbers and the vendors' firewall guides.
var usualPorts = []int64{
	20, 21, 22, 25, 53, 80, 110, 123, 143, 443, 465, 500, 587, 853, 989, 990, 993, 995, 1194, 1883, 1935, 3389, 3478, 3479, 3480, 3481, 4070,
	4460, 4500, 5060, 5061, 5222, 5223, 5228, 5229, 5230, 5349, 5938, 6568, 8009, 8080, 8443, 8801, 8802, 8883, 9100, 19302, 19305, 51820,
}

// scriptHosts run others' code: interpreters, and signed binaries that are used for it (T1059, T1218).
var scriptHosts = []string{
	"powershell.exe", "powershell", "pwsh.exe", "pwsh", "cmd.exe", "wscript.exe", "cscript.exe", "mshta.exe", "rundll32.exe", "regsvr32.exe",
	"msbuild.exe", "installutil.exe", "regasm.exe", "regsvcs.exe", "certutil.exe", "bitsadmin.exe", "wmic.exe", "odbcconf.exe", "msiexec.exe",
	"hh.exe", "forfiles.exe", "dllhost.exe", "bash", "sh", "osascript", "perl", "nc", "ncat", "socat",
}

// userFolders matches folders that a user may write to: temporary ones, downloads, and profiles' own.
const userFolders = `(?i)(\\(temp|tmp|downloads|appdata\\(roaming|locallow)|public|perflogs|programdata)(\\|$)|^/(tmp|var/tmp|dev/shm)(/|$)|/(downloads|\.cache|library/caches)(/|$))`

var browsers = []string{
	"chrome.exe", "firefox.exe", "msedge.exe", "iexplore.exe", "safari", "opera.exe", "brave.exe", "vivaldi.exe", "firefox", "firefox-bin",
	"google chrome", "google chrome helper", "chrome", "chromium", "msedge", "microsoft edge", "microsoft edge helper", "opera", "brave",
	"brave browser", "brave browser helper", "com.apple.webkit.networking",
}
