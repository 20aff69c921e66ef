package referee_test

import (
	"encoding/hex"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/referee"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// reading is one of the questions what a text stands for.
type reading struct {
	sql  string // over the text x
	twin func(string) string
	want map[string]string // by hand
}

func readings() map[string]reading {
	devices := map[string]string{
		"WS-9": "ws-9", "ws-9.corp.example": "ws-9", "WS-9.Corp.Example.": "ws-9", `CORP\WS-9`: "ws-9", "10.0.0.5": "10.0.0.5", "6F9619FF-8B86-D011-B42D-00CF4FC964FF": "6f9619ff-8b86-d011-b42d-00cf4fc964ff",
		"host.1": "host.1", "a.b": "a.b", "2001:db8::9": "2001:db8::9", "Ünï-机器": "ünï-机器", "机器-1.公司": "机器-1", "bob’s-mac.local": "bob’s-mac", "ws\u00a09.corp": "ws\u00a09", "a b.corp": "a b.corp", "web_1.lan": "web_1",
		"WS-9$": "ws-9", "WS-9.": "ws-9", `CORP\WS-9$`: "ws-9", "BÜRO-1": "büro-1", "büro-1.corp.example": "büro-1", "$": "$", "10.0.0.5.": "10.0.0.5",
		"::ffff:10.0.0.5": "10.0.0.5", "::FFFF:10.0.0.5": "10.0.0.5", "10.0.0.5:51234": "10.0.0.5", "[::ffff:10.0.0.5]:51234": "10.0.0.5", "fe80::5%eth0": "fe80::5", "[fe80::5%eth0]:443": "fe80::5", "[2001:db8::5]:51234": "2001:db8::5",
		"{6F9619FF-8B86-D011-B42D-00CF4FC964FF}": "6f9619ff-8b86-d011-b42d-00cf4fc964ff", "(ws-9)": "(ws-9)", "00:1a:2b:3c:4d:5e": "00:1a:2b:3c:4d:5e", "ws:9": "ws:9", "a:443": "a:443",
		"0a1b": "0a1b", "ABC": "abc", "0000-0001": "0000-0001", "1a.2.3.ab": "1a", "7.8.corp": "7.8.corp", "a.5b": "a.5b", "a-1.b.c": "a-1.b.c", "web-1.lan-2": "web-1", "a1.corp.": "a1", "na1": "na1",
		"": "", "-": "", "NULL": "", "none": "", " n/a ": "", "n.a.": "",
	}
	return map[string]reading{
		"address": {statement.AddressText("x"), referee.Address, map[string]string{
			"203.0.113.10": "203.0.113.10", "0.0.0.0": "0.0.0.0", "203.0.113.10:443": "203.0.113.10", "203.0.113.10:": "203.0.113.10", " 203.0.113.10": "203.0.113.10", "203.0.113.10 ": "203.0.113.10",
			// as long as their numbers, and not
			"9.9.9.9": "9.9.9.9", "0.0.0.1": "0.0.0.1", "1.0.0.0": "1.0.0.0", "10.99.100.255": "10.99.100.255", "99.9.10.100": "99.9.10.100", "255.255.255.255": "255.255.255.255", "unknown": "", "1.2.3.04": "", "01.2.3.4": "", "00.0.0.0": "", "0.0.0.00": "", "1.2.3.4.": "", "1.2.3.": "", "1..2.3.4": "",
			"203.0.113.10\r\n": "203.0.113.10", "203.0.113.10\x00": "203.0.113.10", "\u00a0203.0.113.10\ufeff": "203.0.113.10", `"203.0.113.10"`: "203.0.113.10", "[203.0.113.10]:80": "203.0.113.10",
			"2001:db8::9": "2001:db8::9", "2001:DB8:0:0::9": "2001:db8::9", "[2001:db8::9]": "2001:db8::9", "[2001:db8::9]:443": "2001:db8::9", "2001:db8::9%eth0": "2001:db8::9", "[fe80::1%eth0]:443": "fe80::1",
			"::ffff:203.0.113.5": "203.0.113.5", "::FFFF:203.0.113.5": "203.0.113.5", "::ffff:cb00:7105": "203.0.113.5", "0:0:0:0:0:ffff:203.0.113.5": "203.0.113.5", "[::ffff:203.0.113.5]:443": "203.0.113.5", "::ffff:203.0.113.5:443": "203.0.113.5",
			"": "", "-": "", "N/A": "", "(empty)": "", "203.0.113": "", "203.0.113.010": "", "::ffff:08.8.8.8": "", "256.1.1.1": "", "8.8.8.8.8": "", "8.8.8.8/32": "", "8.8.8.8:80:90": "", "12345::": "", "٨.8.8.8": "", "8.8.8.8\xff": "", "c2.example.com": "",
		}},
		"host": {statement.Host("x"), referee.Host, map[string]string{
			"c2.duckdns.org": "c2.duckdns.org", "C2.DuckDNS.org": "c2.duckdns.org", "c2.duckdns.org ": "c2.duckdns.org", "\tc2.duckdns.org\n": "c2.duckdns.org", "c2.duck\x01dns.org": "c2.duckdns.org", "c2.\u200bduckdns.org": "c2.duckdns.org",
			`http:\\c2.duckdns.org`: "c2.duckdns.org", "https:/c2.duckdns.org/x": "c2.duckdns.org", "https:///c2.duckdns.org": "c2.duckdns.org", "https:c2.duckdns.org": "c2.duckdns.org", `http:\/\/c2.duckdns.org\/a`: "c2.duckdns.org", "//c2.duckdns.org": "c2.duckdns.org", "wss+x://c2.duckdns.org": "c2.duckdns.org",
			"c2.duckdns.org.": "c2.duckdns.org", "c2.duckdns.org...": "c2.duckdns.org", "c2.duckdns.org.:443": "c2.duckdns.org", "c2.duckdns.org:https": "c2.duckdns.org", "c2.duckdns.org:/x": "c2.duckdns.org", "user:pw@c2.duckdns.org:80/p": "c2.duckdns.org", "http://a@b@c2.duckdns.org": "c2.duckdns.org",
			"ｃ２.ｄｕｃｋｄｎｓ．org": "c2.duckdns.org", "c2。duckdns｡org": "c2.duckdns.org", "HÄUSER.ddns.net": "häuser.ddns.net", "xn--huser-gra.ddns.net": "xn--huser-gra.ddns.net", "z\xffq.duckdns.org": "z\uFFFDq.duckdns.org", "a\xe2\x84\x80.duckdns.org": "aa/c.duckdns.org",
			"[2001:db8::9]:443": "2001:db8::9", "https://[2001:DB8::9]/": "2001:db8::9", "2001:db8::9": "2001:db8::9", "[::ffff:203.0.113.5]:443": "203.0.113.5", "http://[fe80::1%25eth0]/": "fe80::1", "203.0.113.5:443": "203.0.113.5", "http://[v1.x]/": "",
			"https://evil.com?u=x@a.duckdns.org": "evil.com", "https://evil.com/http://a.duckdns.org/": "evil.com", "https://evil.com#@a.duckdns.org": "evil.com", `evil.com\@a.duckdns.org`: "evil.com",
			"": "", "-": "", "--": "", "(empty)": "", "N/A": "", "null": "", "NULL ": "", "none": "", "unknown": "", "undefined": "", "<nil>": "", `\N`: "", "/index.html": "", "http://": "", "proxy:3128": "proxy",
		}},
		"process": {statement.Process("x"), referee.Process, map[string]string{
			"chrome.exe": "chrome.exe", " chrome.exe ": "chrome.exe", `C:\Program Files\Google\Chrome\Application\chrome.exe`: "chrome.exe", `C:\\Windows\\x.exe`: "x.exe", `\\srv\share\x.exe`: "x.exe", "/usr/lib/firefox/firefox": "firefox",
			"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome": "Google Chrome", `"C:\a b\x.exe" --type=renderer`: "x.exe", "'x.exe'": "x.exe", "Google Chrome Helper (Renderer)": "Google Chrome Helper (Renderer)", "/usr/bin/": "bin",
			"": "", "-": "", "n/a": "", "(null)": "", "unknown": "", "none.exe": "none.exe", "É.exe": "É.exe",
			"/usr/lib/firefox/firefox (deleted)": "firefox", `C:\Program Files\Google\Chrome\Application\chrome.exe --type=utility`: "chrome.exe", "chrome.exe --type=utility /x": "chrome.exe", "Chrome.EXE (1234)": "Chrome.EXE",
			"Google Chrome.app": "Google Chrome", "/Applications/Safari.app": "Safari", "x.exe.config": "x.exe.config", `C:\my.exes\a.exe`: "a.exe", "curl -s": "curl -s",
		}},
		"device":             {statement.FoldedDevice("x", "''"), func(s string) string { return referee.Device(s, "") }, devices},
		"device by its name": {statement.FoldedDevice("''", "x"), func(s string) string { return referee.Device("", s) }, devices},
	}
}

// Each spelling was worked out by hand: the SQL and the referee must both read it so.
func TestWhatATextStandsFor(t *testing.T) {
	for name, r := range readings() {
		t.Run(name, func(t *testing.T) {
			var texts []string
			for text := range r.want {
				texts = append(texts, text)
			}
			for i, got := range read(t, r.sql, texts) {
				want := r.want[texts[i]]
				if got != want {
					t.Errorf("the SQL takes %q for %q, want %q", texts[i], got, want)
				}
				if twin := r.twin(texts[i]); twin != want {
					t.Errorf("the referee takes %q for %q, want %q", texts[i], twin, want)
				}
			}
		})
	}
}

// The SQL and the referee read random texts alike.
func TestTheRefereeReadsRandomTextsAsTheSQLDoes(t *testing.T) {
	r := rand.New(rand.NewPCG(*seed, 18))
	texts := make([]string, 20_000)
	for i := range texts {
		texts[i] = randomText(r)
	}
	for name, question := range readings() {
		sql := question.sql
		wrong := 0
		for i, got := range read(t, sql, texts) {
			if want := question.twin(texts[i]); got != want && wrong < 10 {
				wrong++
				t.Errorf("%s: the SQL takes %q for %q, the referee for %q", name, texts[i], got, want)
			}
		}
	}
}

// randomText is a few pieces of what the rules tell apart, in any order.
func randomText(r *rand.Rand) string {
	pieces := []string{
		"http:", "https:", "HTTP:", "ftp:", "wss+x:", "a.b:", "/", "//", `\`, `\\`, "?", "#", "@", ":", ".", "..", "[", "]", "%eth0", "%25", "443", ":443", "0", "08", "8.8.8.8", "203.0.113.5", "::", "::ffff:", "2001:db8::9", "fe80::1",
		" ", "\t", "\n", "\x00", "\x7f", "\"", "'", "\u00a0", "\u200b", "\ufeff", "\xff", "\xe2\x84", "c2", "C2", "duckdns.org", "DuckDNS.org", "a", "b.c", "-", "_", "ä", "Ä", "ｄ", "．", "。", "℀", "ſ", "ß", "K", "机器", "\U0001F600",
		"WS-9", ".corp.example", ".lan", "00000000", "CORP\\", "1", "x-1", "null", "N/A", "(empty)", "unknown", "none", `\N`, "chrome.exe", "Program Files", "usr/bin", "proxy", ";", "&", "=", "~", "{", "}", "|", "^", "`", "<", ">", "*", "+", ",", "$",
	}
	var text strings.Builder
	for range 1 + r.IntN(6) {
		text.WriteString(pieces[r.IntN(len(pieces))])
	}
	return text.String()
}

// read evaluates an expression over each text x.
func read(t *testing.T, sql string, texts []string) []string {
	t.Helper()
	written := make([]string, len(texts))
	for i, text := range texts {
		written[i] = hex.EncodeToString([]byte(text))
	}
	s, err := statement.New("SELECT hex("+sql+") AS Read FROM (SELECT unhex(arrayJoin({texts:Array(String)})) AS x)", map[string]any{"texts": written}, []statement.Column{{Name: "Read", Kind: statement.Text}})
	if err != nil {
		t.Fatal(err)
	}
	client, err := clickhouse.New(chtest.Shared(t).Settings(settings.Native), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Close() }()
	s.RowLimit = len(texts)
	result, err := client.Query(t.Context(), s, clickhouse.Origin{Detector: "test"})
	if err != nil {
		t.Fatal(err)
	}
	got := result.Data[0].([]string)
	if len(got) != len(texts) {
		t.Fatalf("%d answers to %d texts", len(got), len(texts))
	}
	for i := range got {
		bytes, err := hex.DecodeString(got[i])
		if err != nil {
			t.Fatal(err)
		}
		got[i] = string(bytes)
	}
	return got
}
