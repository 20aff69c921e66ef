package feeds_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/indicators/feeds"
)

// The feeds are made up; their form is that of the publishers' documentation.
const (
	feodoCSV = `################################################################
# a remark, with a comma, and no names of columns               #
################################################################
#
# "first_seen_utc","dst_ip","dst_port","c2_status","last_online","malware"
"2026-01-02 03:04:05","203.0.113.7","443","online","2026-03-01","Emotet"
"2026-01-03 03:04:05","203.0.113.8","8080","offline","2026-02-01","Pikabot"
# Number of entries: 2
`
	urlhausCSV = `# remark
# id,dateadded,url,url_status,last_online,threat,tags,urlhaus_link,reporter
"1","2026-01-02 03:04:05","http://203.0.113.7:5000/i","online","2026-03-01 04:05:06","malware_download","elf,mozi","https://urlhaus.example/url/1/","somebody"
"2","2026-01-02 03:04:05","https://files.evil.example/a b.exe","offline","None","malware_download",,"https://urlhaus.example/url/2/","somebody"
`
	threatfoxCSV = `# "first_seen_utc","ioc_id","ioc_value","ioc_type","threat_type","fk_malware","malware_alias","malware_printable","last_seen_utc","confidence_level","is_compromised","reference","tags","anonymous","reporter"
"2026-01-02 03:04:05", "10", "203.0.113.7:443", "ip:port", "botnet_cc", "win.sliver", "None", "Sliver", "", "75", "False", "https://ref.example/1", "sliver", "0", "somebody"
"2026-01-02 03:04:05", "11", "c2.evil.example", "domain", "botnet_cc", "win.x", "None", "Unknown malware", "2026-02-02 03:04:05", "100", "False", "None", "", "0", "somebody"
"2026-01-02 03:04:05", "12", "00ff", "sha256_hash", "payload", "win.x", "None", "X", "", "50", "False", "None", "", "0", "somebody"
`
	threatfoxJSON = `{"10":[{"ioc_value":"203.0.113.7:443","ioc_type":"ip:port","threat_type":"botnet_cc","malware_printable":"Sliver","first_seen_utc":"2026-01-02 03:04:05","last_seen_utc":null,"confidence_level":75,"reference":"https:\/\/ref.example\/1","tags":"a,b"}],
"11":[{"ioc_value":"c2.evil.example","ioc_type":"domain","malware_printable":"Unknown malware","first_seen_utc":"2026-01-02 03:04:05","last_seen_utc":"2026-02-02 03:04:05","confidence_level":100,"reference":null}]}`
	threatfoxAPI = `{"query_status":"ok","data":[{"id":"10","ioc":"203.0.113.7:443","threat_type":"botnet_cc","ioc_type":"ip:port","malware_printable":"Sliver","confidence_level":75,"first_seen":"2026-01-02 03:04:05 UTC","last_seen":null,"reference":"https://ref.example/1"}]}`
	feodoJSON    = `[
  {"ip_address":"203.0.113.7","port":443,"status":"online","hostname":null,"as_number":64500,"as_name":"EXAMPLE","country":"DE","first_seen":"2026-01-02 03:04:05","last_online":"2026-03-01","malware":"Emotet"}
]`
	mispEvent = `{"Event":{"id":"7","uuid":"e-1","info":"a campaign","date":"2026-01-02","Orgc":{"name":"somebody","uuid":"o-1"},
"Attribute":[{"uuid":"a-1","type":"ip-dst","category":"Network activity","value":"203.0.113.7","to_ids":true,"comment":"C2 of x","timestamp":"1767323045"},
{"uuid":"a-2","type":"ip-dst|port","value":"203.0.113.8|8443","to_ids":true,"comment":""},
{"uuid":"a-3","type":"domain|ip","value":"evil.example|203.0.113.9","to_ids":true,"first_seen":"2026-01-02T03:04:05.000000+00:00"},
{"uuid":"a-4","type":"hostname","value":"a.evil.example","to_ids":false},
{"uuid":"a-5","type":"md5","value":"00ff","to_ids":true},
{"uuid":"a-6","type":"link","value":"https://blog.example/post","to_ids":false}],
"Object":[{"name":"url","Attribute":[{"uuid":"a-7","type":"url","value":"http://evil.example/x","to_ids":true}]}],
"Galaxy":[{"type":"threat-actor","GalaxyCluster":[{"value":"Somebody","type":"threat-actor"}]}],"Tag":[{"name":"tlp:clear"}]}}`
	mispCSV = `uuid,event_id,category,type,value,comment,to_ids,date
a-1,7,"Network activity",domain,evil.example,"C2, of x",1,20260102
a-2,7,"Network activity",domain,benign.example,,0,20260102
`
	stixBundle = `{"type":"bundle","id":"bundle--1","objects":[
{"type":"identity","id":"identity--1","name":"somebody"},
{"type":"indicator","id":"indicator--1","pattern_type":"stix","pattern":"[ipv4-addr:value = '203.0.113.7'] OR [domain-name:value = 'evil.example']","valid_from":"2026-01-02T03:04:05Z","valid_until":"2027-01-02T03:04:05Z","confidence":85,"name":"x","external_references":[{"source_name":"a"},{"source_name":"b","url":"https://ref.example/1"}]},
{"type":"indicator","id":"indicator--2","pattern_type":"stix","pattern":"[url:value = 'http://evil.example/it\\'s']","valid_from":"2026-01-02T03:04:05Z"},
{"type":"indicator","id":"indicator--3","pattern_type":"stix","pattern":"[ipv4-addr:value = '203.0.113.8' AND network-traffic:dst_port = 443]","valid_from":"2026-01-02T03:04:05Z"},
{"type":"indicator","id":"indicator--4","pattern_type":"stix","pattern":"[file:hashes.'SHA-256' = '00ff']","valid_from":"2026-01-02T03:04:05Z"},
{"type":"indicator","id":"indicator--5","pattern_type":"yara","pattern":"rule x {}","valid_from":"2026-01-02T03:04:05Z"},
{"type":"indicator","id":"indicator--6","pattern_type":"stix","pattern":"[domain-name:value IN ('a.example', 'b.example')]","valid_from":"2026-01-02T03:04:05Z","revoked":true},
{"type":"indicator","id":"indicator--7","pattern_type":"stix","pattern":"[network-traffic:dst_ref.value = '2001:db8::7']","valid_from":"2026-01-02T03:04:05Z"},
{"type":"indicator","id":"indicator--8","pattern_type":"stix","pattern":"[domain-name:value = 'and.example OR not.example']","valid_from":"2026-01-02T03:04:05Z"}
]}`
)

func TestEachFormatIsRead(t *testing.T) {
	for name, c := range map[string]struct {
		text   string
		format feeds.Format
		want   []string
	}{
		"a plain list": {"# remark\n203.0.113.7\n\nevil.example # bad\n; remark\n203.0.113.0/24,x\nhttp://evil.example/a b\nnothing at all\n", feeds.Auto, []string{
			"line 2: network 203.0.113.7", "line 4: domain evil.example", "line 6: network 203.0.113.0/24", "line 7: url http://evil.example/a b", "line 8: refused: it is neither an address, a name nor a URL",
		}},
		"a hosts file": {"# hosts\n127.0.0.1 localhost localhost.localdomain\n::1 ip6-localhost\n0.0.0.0 evil.example\n0.0.0.0\ta.example b.example # two\n0.0.0.0 0.0.0.0", feeds.Auto, []string{
			"line 2: network 127.0.0.1", "line 3: network ::1", "line 4: host evil.example", "line 5: host a.example", "line 5: host b.example", "line 6: network 0.0.0.0",
		}},
		"odd addresses": {"203.0.113.5-203.0.113.9\n203.0.113.010\n.evil.example\nevil.example:8080\n", feeds.Auto, []string{
			"line 1: refused: it is a range of addresses: write its networks, such as 203.0.113.0/28", "line 2: refused: it is neither an address, a name nor a URL",
			"line 3: domain .evil.example", "line 4: domain evil.example:8080",
		}},
		"Feodo Tracker's CSV": {feodoCSV, feeds.Auto, []string{
			"row 1: network 203.0.113.7, Emotet, first 2026-01-02, last 2026-03-01", "row 2: network 203.0.113.8, Pikabot, first 2026-01-03, last 2026-02-01",
		}},
		"URLhaus's CSV": {urlhausCSV, feeds.Auto, []string{
			"row 1: url http://203.0.113.7:5000/i, malware_download, first 2026-01-02, last 2026-03-01, see https://urlhaus.example/url/1/",
			"row 2: url https://files.evil.example/a b.exe, malware_download, first 2026-01-02, see https://urlhaus.example/url/2/",
		}},
		"ThreatFox's CSV": {threatfoxCSV, feeds.Auto, []string{
			"row 1: network 203.0.113.7, Sliver, 75, first 2026-01-02, see https://ref.example/1", "row 2: domain c2.evil.example, 100, first 2026-01-02, last 2026-02-02",
			`row 3: refused: indicators of the kind "sha256_hash" cannot be seen in connections`,
		}},
		"ThreatFox's JSON": {threatfoxJSON, feeds.Auto, []string{
			"10.1: network 203.0.113.7, Sliver, 75, first 2026-01-02, see https://ref.example/1", "11.1: domain c2.evil.example, 100, first 2026-01-02, last 2026-02-02",
		}},
		"ThreatFox's answers":  {threatfoxAPI, feeds.Auto, []string{"10: network 203.0.113.7, Sliver, 75, first 2026-01-02, see https://ref.example/1"}},
		"Feodo Tracker's JSON": {feodoJSON, feeds.Auto, []string{"object 1: network 203.0.113.7, Emotet, first 2026-01-02, last 2026-03-01"}},
		"a MISP event": {mispEvent, feeds.Auto, []string{
			"a-1: network 203.0.113.7, C2 of x", "a-2: network 203.0.113.8", "a-3: domain evil.example, first 2026-01-02",
			"a-4: refused: its source does not mean it to be looked for (to_ids)", `a-5: refused: indicators of the kind "md5" cannot be seen in connections`,
			"a-6: refused: its source does not mean it to be looked for (to_ids)", "a-7: url http://evil.example/x",
		}},
		"MISP's CSV": {mispCSV, feeds.Auto, []string{"row 1: domain evil.example, C2, of x, first 2026-01-02", "row 2: refused: its source does not mean it to be looked for (to_ids)"}},
		"a STIX bundle": {stixBundle, feeds.Auto, []string{
			"indicator--1: network 203.0.113.7, x, 85, first 2026-01-02, until 2027-01-02, see https://ref.example/1",
			"indicator--1: domain evil.example, x, 85, first 2026-01-02, until 2027-01-02, see https://ref.example/1",
			"indicator--2: url http://evil.example/it's, first 2026-01-02", "indicator--3: refused: its pattern has several conditions that must hold together",
			"indicator--4: refused: its pattern asks for what cannot be seen in connections", "indicator--5: refused: it is a rule of yara, and no list of values",
			"indicator--6: domain a.example, first 2026-01-02, revoked", "indicator--6: domain b.example, first 2026-01-02, revoked",
			"indicator--7: network 2001:db8::7, first 2026-01-02", "indicator--8: domain and.example OR not.example, first 2026-01-02",
		}},
		"CSV with columns of one's own": {"Indicator;Type\nx;y\n", feeds.Plain, []string{"line 1: refused: it is neither an address, a name nor a URL", "line 2: refused: it is neither an address, a name nor a URL"}},
		"CSV with names in any case":    {"\ufeffIndicator,Type,Confidence,Expires\r\nevil.example,FQDN,90%,2027-01-01\r\n203.0.113.7,,,\r\n", feeds.Auto, []string{"row 1: domain evil.example, 90, until 2027-01-01", "row 2: network 203.0.113.7"}},
		"several documents":             {`{"value":"evil.example","type":"domain"}` + "\n" + `{"value":"203.0.113.7","type":"ip"}`, feeds.JSON, []string{"object: domain evil.example", "object: network 203.0.113.7"}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := all(c.text, c.format)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("entries (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhatIsNoFeedIsAnError(t *testing.T) {
	for name, c := range map[string]struct {
		text   string
		format feeds.Format
	}{
		"half of a document":         {stixBundle[:400], feeds.Auto},
		"a document without any":     {`{"type":"bundle","objects":[]}`, feeds.STIX},
		"CSV without names":          {"1,2\n3,4\n", feeds.CSV},
		"an empty CSV":               {"", feeds.CSV},
		"no document":                {"", feeds.JSON},
		"a line without an end":      {strings.Repeat("x", 2<<20), feeds.Plain},
		"a format that is not there": {"x", "xml"},
		"a page of HTML":             {"<!DOCTYPE html>\n<html><body>sign in</body></html>", feeds.JSON},
	} {
		if got, err := all(c.text, c.format); !errors.Is(err, feeds.ErrFormat) {
			t.Errorf("%s: %v, %v; want an error of the format", name, got, err)
		}
	}
}

// all are the entries of a feed in words.
func all(text string, format feeds.Format) ([]string, error) {
	var list []string
	err := feeds.Read(strings.NewReader(text), format, func(e feeds.Entry) error {
		list = append(list, inWords(e))
		return nil
	})
	return list, err
}

func inWords(e feeds.Entry) string {
	where := e.Where
	if where == "" {
		where = "object"
	}
	if e.Problem != nil {
		_, reason, _ := strings.Cut(e.Problem.Error(), `": `)
		return where + ": refused: " + reason
	}
	parts := []string{fmt.Sprintf("%s: %s %s", where, e.Kind, e.Value)}
	add := func(holds bool, format string, args ...any) {
		if holds {
			parts = append(parts, fmt.Sprintf(format, args...))
		}
	}
	add(e.Threat != "", "%s", e.Threat)
	add(e.Confidence >= 0, "%d", e.Confidence)
	add(!e.FirstSeen.IsZero(), "first %s", e.FirstSeen.Format("2006-01-02"))
	add(!e.LastSeen.IsZero(), "last %s", e.LastSeen.Format("2006-01-02"))
	add(!e.Expires.IsZero(), "until %s", e.Expires.Format("2006-01-02"))
	add(e.Reference != "", "see %s", e.Reference)
	add(e.Revoked, "revoked")
	return strings.Join(parts, ", ")
}

// Whatever a feed holds, reading it ends, and with entries or an error.
func FuzzRead(f *testing.F) {
	for _, text := range []string{feodoCSV, urlhausCSV, threatfoxCSV, threatfoxJSON, mispEvent, mispCSV, stixBundle, "203.0.113.7\n"} {
		for _, format := range feeds.Formats() {
			f.Add(text, string(format))
		}
	}
	f.Fuzz(func(t *testing.T, text, format string) {
		err := feeds.Read(strings.NewReader(text), feeds.Format(format), func(e feeds.Entry) error {
			if e.Problem == nil {
				_ = e.Settle()
			}
			return nil
		})
		if err != nil && !errors.Is(err, feeds.ErrFormat) {
			t.Error(err)
		}
	})
}
