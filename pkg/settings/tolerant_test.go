package settings_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

// A provisioning file's environment variables arrive as numbers, booleans or nothing, and numbers and booleans as texts.
func TestWhatHasOneMeaningIsReadWhateverItsType(t *testing.T) {
	plain := func(change func(*settings.Settings)) settings.Settings {
		s, err := settings.Decode([]byte(`{"host":"h"}`), nil)
		if err != nil {
			t.Fatal(err)
		}
		change(&s)
		return s
	}
	secure := func(s *settings.Settings) { s.Secure, s.Addresses = true, []string{"h:9440"} }
	none := func(*settings.Settings) {}
	for name, c := range map[string]struct {
		json string
		want func(*settings.Settings)
	}{
		"a number for a user name":       {`"username":1001`, func(s *settings.Settings) { s.Username = "1001" }},
		"a boolean for a user name":      {`"username":true`, func(s *settings.Settings) { s.Username = "true" }},
		"a number for a database":        {`"database":2024`, func(s *settings.Settings) { s.Database = "2024" }},
		"a number for a table":           {`"allowlistTable":7`, func(s *settings.Settings) { s.AllowlistTable = "7" }},
		"true as a text":                 {`"secure":"true"`, secure},
		"true shouted":                   {`"secure":"TRUE"`, secure},
		"one for true":                   {`"secure":1`, secure},
		"one as a text":                  {`"secure":"1"`, secure},
		"false as a text":                {`"secure":"false"`, none},
		"zero for false":                 {`"secure":0`, none},
		"nothing for a boolean":          {`"secure":""`, none},
		"null for a boolean":             {`"secure":null,"port":null,"username":null,"queryTimeout":null`, none},
		"no port":                        {`"port":""`, none},
		"blanks for a port":              {`"port":" "`, none},
		"a port as a text":               {`"port":"9001"`, func(s *settings.Settings) { s.Addresses = []string{"h:9001"} }},
		"no timeout":                     {`"queryTimeout":"","dialTimeout":"","rowLimit":"","cacheTTL":""`, none},
		"no texts":                       {`"username":"","database":"","table":"","protocol":"","path":""`, none},
		"a protocol in capitals":         {`"protocol":"HTTP"`, func(s *settings.Settings) { s.Protocol, s.Addresses = settings.HTTP, []string{"h:8123"} }},
		"the driver's word for native":   {`"protocol":"tcp"`, none},
		"a number for a setting's value": {`"customSettings":[{"setting":"max_threads","value":2}]`, func(s *settings.Settings) { s.Custom = map[string]string{"max_threads": "2"} }},
		"a table with its database":      {`"table":"soc.network_events"`, func(s *settings.Settings) { s.Database = "soc" }},
		"and the same database":          {`"database":"soc","table":"soc.conn"`, func(s *settings.Settings) { s.Database, s.Table = "soc", "conn" }},
		"both in quotes":                 {"\"table\":\"`soc`.`conn.log`\"", func(s *settings.Settings) { s.Database, s.Table = "soc", "conn.log" }},
		"a dot that is the table's":      {"\"table\":\"`conn.log`\"", func(s *settings.Settings) { s.Table = "conn.log" }},
		"a further list's table": {`"database":"soc","listTables":{"watched":"soc.addresses"}`, func(s *settings.Settings) {
			s.Database, s.ListTables = "soc", map[string]string{"watched": "addresses"}
		}},
		"a list's table": {`"database":"soc","allowlistTable":"soc.allow","dynamicDnsSuffixTable":"soc.\"names\""`, func(s *settings.Settings) {
			s.Database, s.AllowlistTable, s.SuffixTable = "soc", "allow", "names"
		}},
		"the official plugin's words": {`"defaultDatabase":"soc","defaultTable":"conn","encrypt":"true","user":"u"`, func(s *settings.Settings) {
			secure(s)
			s.Database, s.Table, s.Username = "soc", "conn", "u"
		}},
		"networks as one text": {`"internalNetworks":"10.0.0.0/8, 198.51.100.0/24"`, func(s *settings.Settings) { s.InternalNetworks = []string{"10.0.0.0/8", "198.51.100.0/24"} }},
		"no networks":          {`"internalNetworks":""`, none},
		"an empty list":        {`"internalNetworks":[]`, none},
		"no network in a list": {`"internalNetworks":[" "]`, none},
		"weights as provisioning writes them": {`"caseWeights":{"noName":"0","browser":-20,"long":""}`, func(s *settings.Settings) {
			s.CaseWeights = map[string]int64{"noName": 0, "browser": -20}
		}},
		"what Grafana keeps itself": {`"teamHttpHeaders":{},"keepCookies":["a"],"oauthPassThru":true,"pluginVersion":"1","httpHeaderName1":"X","httpHeaderName12":"Y",
			"enableSecureSocksProxy":true,"pdcInjected":true,"alertmanagerUid":"a","manageAlerts":true,"timeInterval":"15s","prometheusType":"Mimir","allowAsRecordingRulesTarget":true`, none},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := settings.Decode([]byte(`{"host":"h",`+c.json+`}`), nil)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(plain(c.want), got); diff != "" {
				t.Errorf("settings (-want +got):\n%s", diff)
			}
		})
	}
	if got, err := settings.Decode([]byte(`{"server":"old"}`), nil); err != nil || got.Addresses[0] != "old:9000" {
		t.Errorf("server: got %v, %v", got.Addresses, err)
	}
}

// What nobody asks about must not stop alerting; where a person looks it is named, with the likely word.
func TestAFieldThatIsNobodysIsNamedAndStopsNothing(t *testing.T) {
	for name, want := range map[string]string{
		"newInGrafana14": "remove it", "rowLimt": "did you mean rowLimit?", "hots": "did you mean host?", "validateSql": "nobody writes SQL here",
		"logs": "mapped under columns", "traces": "no traces", "aliasTables": "mapped under columns", "timeout": "dialTimeout or queryTimeout", "server": "it is called host here, which is given too",
	} {
		got, err := settings.Decode([]byte(`{"host":"h","`+name+`":{"a":1}}`), nil)
		if err != nil || len(got.Ignored) != 1 || got.Ignored[0].Field != name || !strings.Contains(got.Ignored[0].Reason, want) {
			t.Errorf("%s: got %v, %v; want a reason with %q", name, got.Ignored, err, want)
		}
	}
	got, err := settings.Decode([]byte(`{"host":"h","b":1,"a":2}`), nil)
	if err != nil || len(got.Ignored) != 2 || got.Ignored[0].Field != "a" {
		t.Errorf("got %v, %v; want both, in their order", got.Ignored, err)
	}
}

func TestAFieldWhoseAbsenceWouldChangeWhatIsAskedIsRefused(t *testing.T) {
	for stored, c := range map[string]struct{ field, reason string }{
		`"secur":true`:                            {"secur", "did you mean secure?"},
		`"tlsAuthWithCaCrt":true`:                 {"tlsAuthWithCaCrt", "did you mean tlsAuthWithCACert?"},
		`"databse":"soc"`:                         {"databse", "did you mean database?"},
		`"tabel":"conn"`:                          {"tabel", "did you mean table?"},
		`"colums":{}`:                             {"colums", "did you mean columns?"},
		`"Secure":true`:                           {"Secure", "must be written secure"},
		`"protocol":"https"`:                      {"protocol", "http with secure"},
		`"secure":"maybe"`:                        {"secure", "true or false"},
		`"secure":2`:                              {"secure", "true or false"},
		`"secure":[]`:                             {"secure", "wrong type"},
		`"encrypt":"strict"`:                      {"secure", "true or false"},
		`"username":12345678901234567890`:         {"username", "in quotes"},
		`"username":1e3`:                          {"username", "in quotes"},
		`"username":{}`:                           {"username", "wrong type"},
		`"port":9000.5`:                           {"port", "whole number"},
		`"port":true`:                             {"port", "whole number"},
		`"port":"9000/tcp"`:                       {"port", "whole number"},
		`"database":"soc","table":"other.conn"`:   {"table", "names the database other"},
		`"database":"soc","allowlistTable":"x.y"`: {"allowlistTable", "names the database x"},
		`"allowlistTable":[]`:                     {"allowlistTable", "wrong type"},
		`"database":"soc","listTables":{"watched":"x.y"}`: {"listTables.watched", "names the database x"},
	} {
		_, err := settings.Decode([]byte(`{"host":"h",`+stored+`}`), nil)
		var refused *settings.Error
		if !errors.As(err, &refused) || refused.Field != c.field || !strings.Contains(refused.Reason, c.reason) {
			t.Errorf("%s: got %v; want field %s, reason with %q", stored, err, c.field, c.reason)
		}
	}
}
