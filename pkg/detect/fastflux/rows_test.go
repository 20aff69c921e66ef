package fastflux_test

import (
	"fmt"
	"testing"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/detecttest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/referee"
)

func TestRowsOfAFlux(t *testing.T) {
	var rules []detecttest.Rule
	single := func(what, value string, want [][]any, change func(e *referee.Event)) {
		rules = append(rules, detecttest.Rule{
			Rule: fmt.Sprintf("the %s %q %s", what, value, counts(want)), Detector: referee.DefaultFastFlux(), Columns: name(), Want: want,
			Events: usual(t, func(_ int, e *referee.Event) { change(e) }),
		})
	}
	for action, want := range map[string][][]any{"ConnectionSuccess": found(), "ConnectionAttempt": nil, "connectionsuccess": nil, "": nil} {
		single("action type", action, want, func(e *referee.Event) { e.ActionType = action })
	}
	for process, want := range map[string][][]any{
		// the analytic's two lists, as written and in another case
		"chrome.exe": nil, "firefox.exe": nil, "msedge.exe": nil, "iexplore.exe": nil, "safari": nil, "opera.exe": nil, "brave.exe": nil,
		"svchost.exe": nil, "MsMpEng.exe": nil, "SenseIR.exe": nil, "MsSense.exe": nil, "SenseCncProxy.exe": nil,
		"CHROME.EXE": nil, "Chrome.exe": nil, "msmpeng.exe": nil, "MSMPENG.EXE": nil, "sensecncproxy.exe": nil, "Safari": nil,
		// of Linux and macOS
		"firefox": nil, "firefox-bin": nil, "firefox-esr": nil, "chromium": nil, "google-chrome": nil, "chrome": nil, "msedgewebview2.exe": nil, "Google Chrome": nil, "Google Chrome Helper": nil, "Google Chrome Helper (Renderer)": nil,
		"com.apple.WebKit.Networking": nil, "Microsoft Edge Helper": nil, "Brave Browser": nil, "vivaldi-bin": nil, "epiphany": nil,
		// of a path the file name, of a command line the program
		`C:\Program Files\Google\Chrome\Application\chrome.exe`: nil, "/usr/lib/firefox/firefox": nil, "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome": nil, `"C:\Program Files\Mozilla Firefox\firefox.exe" -contentproc`: nil, "chrome.exe ": nil,
		`C:\chrome.exe\agent.exe`: found(), "/opt/chrome/agent": found(), "-": found(), "(null)": found(),
		// whole names only, ASCII only, and an empty name passes
		"my chrome.exe": found(), "safari.exe": found(), "ſafari": found(), "": found(), "agent.exe": found(),
	} {
		single("process", process, want, func(e *referee.Event) { e.InitiatingProcessFileName = process })
	}
	for _, port := range []int64{0, 22, 53, 65535} {
		single("port", fmt.Sprint(port), found(), func(e *referee.Event) { e.RemotePort = port })
	}
	single("URL", "", found(), func(e *referee.Event) { e.RemoteURL = "" })
	rules = append(rules,
		detecttest.Rule{
			Rule: "excludeProcesses replaces the analytic's and folds ASCII case on both sides", Columns: []string{"SampleProcesses", "ConnectionCount"},
			Detector: with(func(p *referee.FastFlux) { p.ExcludeProcesses, p.Samples = []string{"AGENT.exe", "É.EXE", `q"'\`}, 9 }),
			Events: usual(t, func(i int, e *referee.Event) {
				e.InitiatingProcessFileName = []string{"chrome.exe", "é.exe", "chrome.exe", "é.exe", "é.exe"}[i%5]
			}),
			Want: [][]any{{[]string{"chrome.exe", "é.exe"}, int64(10)}},
		},
		detecttest.Rule{
			Rule: "a process on excludeProcesses does not count", Columns: name(),
			Detector: with(func(p *referee.FastFlux) { p.ExcludeProcesses = []string{`Q"u'o.EXE`} }),
			Events:   usual(t, func(_ int, e *referee.Event) { e.InitiatingProcessFileName = `D:\y\q"u'o.exe` }),
		},
		detecttest.Rule{
			Rule: "an empty excludeProcesses excludes none", Columns: name(), Want: found(),
			Detector: with(func(p *referee.FastFlux) { p.ExcludeProcesses = []string{} }),
			Events:   usual(t, func(_ int, e *referee.Event) { e.InitiatingProcessFileName = "chrome.exe" }),
		},
		detecttest.Rule{
			Rule: "actionTypes replaces the analytic's", Columns: name(), Want: found(),
			Detector: with(func(p *referee.FastFlux) { p.ActionTypes = []string{"ConnectionAttempt", "x'\\"} }),
			Events: append(usual(t, func(i int, e *referee.Event) { e.ActionType = []string{"ConnectionAttempt", "x'\\"}[i%2] }),
				usual(t, func(_ int, e *referee.Event) { e.DeviceName = "WS-2" })...),
		},
	)
	detecttest.CheckRules(t, detecttest.Start(t), rules)
}

func TestTheAddressesOfAFluxArePublicIPv4(t *testing.T) {
	// last makes a flux of four addresses and another one, which decides.
	last := func(address string) []referee.Event {
		return usual(t, func(i int, e *referee.Event) {
			if i%5 == 4 {
				e.RemoteIP = address
			}
		})
	}
	few := with(func(p *referee.FastFlux) { p.MinConnections = 8 })
	ipv6 := with(func(p *referee.FastFlux) { p.MinConnections, p.IncludeIPv6 = 8, true })
	var rules []detecttest.Rule
	rule := func(p referee.FastFlux, what string, addresses []string, want [][]any) {
		for _, address := range addresses {
			rules = append(rules, detecttest.Rule{
				Rule: fmt.Sprintf("%s%q %s", what, address, counts(want)), Detector: p, Columns: name(), Events: last(address), Want: want,
			})
		}
	}
	rule(few, "", []string{"8.8.8.8", "9.255.255.255", "11.0.0.0", "172.15.255.255", "172.32.0.0", "192.167.255.255", "192.169.0.0", "127.0.0.1", "169.254.1.1", "100.64.0.1", "224.0.0.1"}, found())
	rule(few, "", []string{"10.0.0.0", "10.255.255.255", "172.16.0.0", "172.31.255.255", "192.168.0.0", "192.168.255.255"}, nil)
	rule(few, "", []string{"", "n/a", "8.8.8", "8.8.8.08", "2001:db8::1", "::ffff:10.0.0.1"}, nil)
	rule(few, "", []string{" 8.8.8.8", "8.8.8.8 ", "8.8.8.8:443", "[8.8.8.8]:443", "::ffff:8.8.8.8", "::ffff:808:808"}, found())
	rule(few, "", []string{"203.0.113.0:443", "::ffff:203.0.113.0"}, nil) // one of the four in another spelling
	rule(ipv6, "with includeIPv6 ", []string{"8.8.8.8", "2001:db8::1", "::ffff:8.8.8.8"}, found())
	rule(ipv6, "with includeIPv6 ", []string{"10.0.0.1", "::ffff:10.0.0.1", "fc00::1", "fe80::1", "ff02::1", "::1", "::", "n/a", "::ffff:203.0.113.0"}, nil)
	rules = append(rules,
		detecttest.Rule{
			Rule: "with includeIPv6 spellings of one address are one", Detector: ipv6, Columns: []string{"UniqueIPs"}, Want: [][]any{{int64(5)}},
			Events: append(last("2001:db8::1"), append(last("2001:DB8::1"), last("2001:db8:0::0001")...)...),
		},
		detecttest.Rule{
			Rule: "privateNetworks names what is not public", Columns: name(), Events: usual(t),
			Detector: with(func(p *referee.FastFlux) { p.PrivateNetworks = []string{"203.0.113.4/32"} }),
		},
	)
	detecttest.CheckRules(t, detecttest.Start(t), rules)
}
