package referee_test

import "github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/referee"

// device is what findings are grouped by: neither the name nor the id is enough alone.
type device struct{ id, name string }

// The values that random events and filters are made of: every class that a rule tells apart, and the neighbours on
// both sides of each border.

func devices() []device {
	return []device{
		{"id-1", "WS-1"}, {"id-2", "WS-1"}, {"id-1", "ws-1"}, {"", "WS-2"}, {"id-3", ""}, {"", ""},
		{"id-4", `O'Brien "PC" \ box`}, {`id'"\`, "WS{x:String}"}, {"id-5", "Ünï-机器"}, {"id-5", "a\tb\nc"},
		{"WS-9", "WS-9"}, {"ws-9.corp.example", "ws-9.corp.example"}, {`CORP\WS-9`, "WS-9"}, {"-", "WS-2"}, {"N/A", "ws-2.lan"}, {"10.0.0.5", "WS-3"},
		{"WS-9$", ""}, {"::ffff:10.0.0.5", ""}, {"10.0.0.5:51234", "WS-3"}, {"00000000-0000-0000-0000-000000000000", "WS-2."},
	}
}

func actions() []string {
	return []string{
		"ConnectionSuccess", "ConnectionSuccess", "ConnectionSuccess", "ConnectionSuccess", "ConnectionAttempt",
		"ConnectionAttempt", "ConnectionFailed", "connectionsuccess", "",
	}
}

func ports() []int64 {
	return []int64{80, 443, 8080, 8443, 4443, 4444, 1080, 3128, 443, 443, 0, 22, 79, 81, 444, 65535}
}

func processes() []string {
	return []string{
		"", "agent.exe", "Agent.exe", "AGENT.EXE", "b.exe", "é.exe", "É.exe", `q"u'o\te.exe`, "z", "updater", "{p:String}",
		"chrome.exe", "Chrome.EXE", "chrome.exe ", "MsMpEng.exe", "msmpeng.EXE", "safari", "SAFARI", "ſafari", "svchost.exe",
		`C:\Program Files\Google\Chrome\Application\chrome.exe`, "/usr/lib/firefox/firefox", `"C:\a b\agent.exe" -x`, "-", "(null)", "N/A", "Google Chrome Helper", "/opt/agent.exe", "chrome.exe --type=utility", "/usr/lib/firefox/firefox (deleted)",
	}
}

func urls() []string {
	return []string{
		"", "c2.example.com", "C2.example.com", "https://cdn.example.net/a?b=c", "a.duckdns.org", "A.DuckDNS.org", "duckdns.org",
		"DUCKDNS.ORG", "notduckdns.org", "duckdns.org.evil.com", "https://x.com/?r=ddns.net", "http://user:pw@b.no-ip.com:8080/p",
		"b.no-ip.com.", "b.no-ip.com", "ftp://B.NO-IP.com/", "//b.no-ip.com/x", ".duckdns.org", "a.duckdns.org.:443",
		"a.duckdns.org:port", "https://evil.com/http://a.duckdns.org/", "https://evil.com?u=x@a.duckdns.org",
		"a.duckdns.org@evil.com", "https://a:80@b.hopto.org#f", "xduckdnſ.org", "a.duckdns-org", "häuser.ddns.net",
		`q'"\.hopto.org`, "a.b.c.myddns.me", "custom.test", "X.custom.test:1", "a.duckdns.org..", "a.DDNS.net/duckdns.org",
		"h.zapto.org\n", "wss+x://w.sytes.net", "https://x.y.mooo.com/", "x.mooo.com.evil.com", "a.forgot.her.name", "1x://w.sytes.net",
		"-", "(empty)", "N/A", "null", "intranet", "http://intranet/x", "b.no-ip.com ", `http:\\b.no-ip.com`, "z\xffq.duckdns.org", "a.duck\x01dns.org", "ａ.ｄｕｃｋｄｎｓ。org", "HÄUSER.ddns.net", "[2001:db8::9]:443",
		"https://[::ffff:203.0.113.5]/", "2001:db8::9", "[fe80::1]:443", "203.0.113.9", "10.0.0.9:8080",
	}
}

func publicIPv4() []string {
	return []string{
		"8.8.8.8", "9.255.255.255", "11.0.0.0", "172.15.255.255", "172.32.0.0", "192.167.255.255", "192.169.0.0",
		"127.0.0.1", "169.254.1.1", "100.64.0.1", "100.127.255.255", "224.0.0.1", "255.255.255.255", "0.0.0.0", "203.0.113.7",
	}
}

func otherAddresses() []string {
	return []string{
		// private, and with a parameter public
		"10.0.0.0", "10.255.255.255", "172.16.0.0", "172.31.255.255", "192.168.0.0", "192.168.255.255",
		// IPv6 in several spellings of one address, and one of each range
		"2001:db8::1", "2001:DB8::1", "2001:0db8:0:0:0:0:0:1", "2606:4700:4700::1111", "64:ff9b::8.8.8.8", "64:ff9b::808:808",
		"::8.8.8.8", "::808:808", "::2", "::ffff:0:8.8.8.8", "fbff::1", "fc00::1", "fdff::1", "fe00::1", "fe7f::1", "fe80::1", "febf::1", "fec0::1",
		"feff::1", "ff02::1", "ffff::1", "::1", "::", "2001:db8:0:1:1:1:1:1", "2001:db8:0:0:1:0:0:1",
		// IPv4-mapped
		"::ffff:8.8.8.8", "::FFFF:808:808", "0:0:0:0:0:ffff:8.8.8.8", "::ffff:10.0.0.1", "::ffff:192.169.0.0", "::fffe:8.8.8.8",
		// no addresses
		"", "n/a", "8.8.8", "08.8.8.8", "8.8.8.08", "8.8.8.008", "::ffff:08.8.8.8", "8.8.8.8 ", " 8.8.8.8", "8.8.8.8:80", "256.1.1.1", "8.8.8.8.8",
		"8.8.8.8\x00", "fe80::1%eth0", "2001:db8::1%eth0", "[2001:db8::1]", "2001:db8::1/64", "1::2::3", "12345::", "0x8.8.8.8", "8.8.8.8\n",
		"٨.8.8.8", `8.8.8.8'`,
		// addresses among what is none of theirs
		"203.0.113.7:443", "[203.0.113.7]", "\t203.0.113.7", "::ffff:203.0.113.7", "::ffff:cb00:7107", "[::ffff:203.0.113.7]:80", "[2001:db8::1]:443", "2001:db8::1%eth0 ", "-", "(empty)", "10.0.0.1:3128",
	}
}

func accounts() []string { return []string{"", "alice", "Alice", `dom\bob`, "o'neil"} }

func subnets() []string {
	return []string{
		"0.0.0.0/0", "8.8.8.0/24", "8.8.8.8/32", "203.0.113.0/25", "198.51.100.77/24", "10.0.0.0/8", "::/0", "2001:db8::/32",
		"2001:db8::1/128", "::ffff:0:0/96", "fe80::/10", "128.0.0.0/1", "8000::/1",
		"::/1", "::/80", "::/96", "::ffff:8.8.8.0/120", "::fffe:0:0/95",
	}
}

// systems are what the dictionary holds: networks within others, of both families, one that nobody routes, and numbers of
// which the analytic suspects some.
func systems() []referee.AS {
	return []referee.AS{
		{Network: "0.0.0.0/1", Number: 64500, Name: "LOW"}, {Network: "8.0.0.0/8", Number: 64501, Name: "EIGHT"}, {Network: "8.8.8.0/24", Number: 14061, Name: "DIGITALOCEAN-ASN"},
		{Network: "9.255.255.255/32", Number: 64502, Name: "one"}, {Network: "127.0.0.0/8", Number: 0, Name: "Not routed"}, {Network: "172.0.0.0/8", Number: 9009, Name: "M247"},
		{Network: "192.0.0.0/3", Number: 64503, Name: `O'Brien "AS"`}, {Network: "198.51.100.0/28", Number: 64504, Name: ""}, {Network: "198.51.100.2/31", Number: 16276, Name: "OVH"},
		{Network: "203.0.113.0/24", Number: 4294967295, Name: "LAST"}, {Network: "2001:db8::/32", Number: 24940, Name: "HETZNER-AS"}, {Network: "2001:db8::/127", Number: 64505, Name: "Ünï"},
		{Network: "2000::/3", Number: 64506, Name: "GLOBAL"}, {Network: "2001:db8::4/126", Number: 0, Name: "Not routed"},
	}
}

// suffixes are domains of a data source: some that names of the pool lie under, some that rename a provider.
func suffixes() []referee.Suffix {
	return []referee.Suffix{
		{Suffix: "Example.com", Provider: "Ours"}, {Suffix: "c2.example.com"}, {Suffix: "custom.test", Provider: `O'Brien "DNS" \`}, {Suffix: "evil.com"}, {Suffix: "duckdns.org", Provider: "Duck"},
		{Suffix: "a.duckdns.org"}, {Suffix: "duckdns.org.evil.com", Provider: "Ünï"}, {Suffix: "b.c.myddns.me"},
	}
}
