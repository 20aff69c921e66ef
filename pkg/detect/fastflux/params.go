package fastflux

import (
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
)

// params returns the parameters of detectors.md: Fast flux, with the analytic's defaults.
func params() []query.Param {
	return append([]query.Param{
		detect.GroupByParam([]string{byDevice, detect.ByHost}, "device is the analytic: a device and hour, over all domains together. host looks at each name over the whole window, over all devices together, and needs the lowest fluxiness instead of the minimum of addresses and connections."),
		{
			Name: "minFluxiness", Label: "Lowest fluxiness", Kind: query.KindNumber, Min: 0, Max: 1e9, Default: 142.38,
			Help: "By host, a finding has at least this fluxiness: (networks / addresses) × (1.32 × addresses + 18.54 × networks).",
		},
		{
			Name: "churnOver", Label: "Churn over", Kind: query.KindNumber, Min: 0, Max: 1, Default: 0.5,
			Help: "By host, ChurnHours counts the hours in a row in which more than this share of the addresses was never seen in an earlier hour of the window.",
		},
		{
			Name: "minUniqueIPs", Label: "Minimum addresses", Kind: query.KindInteger, Unit: "addresses", Min: 1, Max: 1e12, Default: int64(5),
			Help: "A finding reaches at least this many distinct addresses in the hour, over all domains together.",
		},
		detect.MinConnections(10, "in the hour"),
		{
			Name: "excludeProcesses", Label: "Excluded processes", Kind: query.KindStringList, Max: 1000,
			Default: excluded(),
			Help:    "Connections of these processes do not count: browsers and the sensor itself reach many addresses. Of a path the file name counts. Upper and lower case are the same.",
		},
		detect.ActionTypesParam("ConnectionSuccess"),
		{
			Name: "domainSamples", Label: "Domain samples", Kind: query.KindInteger, Unit: "values", Min: 1, Max: 100, Default: int64(10),
			Help: "How many values DomainList shows: the first of the sorted distinct ones, empty ones left out.",
		},
		detect.SamplesParam("SampleProcesses"),
		detect.SuspiciousASNsParam(),
	}, detect.AddressParams()...)
}

// excluded are the analytic's browsers and parts of Microsoft Defender, and the same for other browsers and systems.
func excluded() []string {
	return []string{
		"chrome.exe", "firefox.exe", "msedge.exe", "iexplore.exe", "safari", "opera.exe", "brave.exe",
		"svchost.exe", "MsMpEng.exe", "SenseIR.exe", "MsSense.exe", "SenseCncProxy.exe",
		// Not the analytic's. WebView2 is Edge inside other programs: https://learn.microsoft.com/microsoft-edge/webview2/concepts/process-model.
		"msedgewebview2.exe", "vivaldi.exe", "chromium.exe", "librewolf.exe", "waterfox.exe", "arc.exe",
		// Linux: the programs that the distributions' packages start.
		"chrome", "google-chrome", "google-chrome-stable", "chromium", "chromium-browser", "firefox", "firefox-bin", "firefox-esr", "msedge", "microsoft-edge", "microsoft-edge-stable",
		"opera", "brave", "brave-browser", "vivaldi", "vivaldi-bin", "librewolf", "waterfox", "epiphany", "epiphany-browser", "konqueror", "falkon", "WebKitNetworkProcess",
		// Firefox's network runs in a process of its own: https://firefox-source-docs.mozilla.org/dom/ipc/process_model.html.
		"Socket Process",
		// macOS. Chromium's network service is one of the browser's helpers: https://chromium.googlesource.com/chromium/src/+/main/services/network/README.md.
		"Google Chrome", "Google Chrome Helper", "Google Chrome Helper (Renderer)", "Google Chrome Helper (GPU)", "Google Chrome Helper (Plugin)", "Google Chrome Helper (Alerts)",
		"Chromium Helper", "Microsoft Edge", "Microsoft Edge Helper", "Microsoft Edge Helper (Renderer)", "Microsoft Edge Helper (GPU)", "Microsoft Edge Helper (Plugin)",
		"Brave Browser", "Brave Browser Helper", "Brave Browser Helper (Renderer)", "Opera Helper", "Vivaldi Helper", "Arc", "Arc Helper", "plugin-container",
		// Safari's network is WebKit's: https://developer.apple.com/documentation/webkit.
		"com.apple.WebKit.Networking", "com.apple.WebKit.WebContent", "com.apple.Safari", "SafariBookmarksSyncAgent", "Safari Technology Preview", "com.apple.Safari.SafeBrowsing.Service",
		// Microsoft Defender on Linux and macOS: https://learn.microsoft.com/defender-endpoint/mac-resources.
		"wdavdaemon", "mdatp", "mdatp_audisp_plugin",
	}
}
