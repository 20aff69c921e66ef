package settings_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

func TestDecodeFillsInDefaults(t *testing.T) {
	got, err := settings.Decode([]byte(`{"host":"ch.example","enableSecureSocksProxy":false}`), map[string]string{"password": "s3cret"})
	if err != nil {
		t.Fatal(err)
	}
	want := settings.Settings{
		Addresses: []string{"ch.example:9000"}, Protocol: settings.Native, Username: "default", Password: "s3cret",
		DialTimeout: 10 * time.Second, QueryTimeout: time.Minute, MaxOpenConns: 10, MaxIdleConns: 5, ConnLifetime: 5 * time.Minute,
		Custom: map[string]string{}, Database: "default", Table: "network_events", RowLimit: 100_000, CacheTTL: 30 * time.Second,
		InternalNetworks: settings.PrivateNetworks(),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
}

func TestDecodeReadsEveryField(t *testing.T) {
	got, err := settings.Decode([]byte(`{
		"host":"a, b:9999,[2001:db8::1]:7000,2001:db8::2","port":"8443","protocol":"http","secure":true,"path":"/ch","username":"u",
		"tlsSkipVerify":true,"tlsAuth":true,"tlsAuthWithCACert":true,"serverName":"n","dialTimeout":"3","queryTimeout":4,
		"maxOpenConns":5,"maxIdleConns":0,"connMaxLifetime":7,"customSettings":[{"setting":"max_threads","value":"2"}],
		"database":"d","table":"t","source":"zeek","columns":{"DeviceName":"host name"},"rowLimit":8,"cacheTTL":"0","internalNetworks":["10.0.0.0/8","198.51.100.7"],
		"allowlist":[{"device":"d"}],"allowlistTable":"al","dynamicDnsSuffixes":[{"suffix":"Dyn.example.com"},{"suffix":"häuser.example","provider":"P"}],
		"dynamicDnsSuffixTable":"sf","asnDictionary":"db.asn"}`),
		map[string]string{"password": "p", "tlsCACert": "ca", "tlsClientCert": "cert", "tlsClientKey": "key"})
	if err != nil {
		t.Fatal(err)
	}
	want := settings.Settings{
		Addresses: []string{"a:8443", "b:9999", "[2001:db8::1]:7000", "[2001:db8::2]:8443"},
		Protocol:  settings.HTTP, Secure: true, Path: "/ch", Username: "u", Password: "p",
		TLS:         settings.TLS{SkipVerify: true, ServerName: "n", CACert: "ca", ClientCert: "cert", ClientKey: "key"},
		DialTimeout: 3 * time.Second, QueryTimeout: 4 * time.Second, MaxOpenConns: 5, MaxIdleConns: 0, ConnLifetime: 7 * time.Minute,
		Custom: map[string]string{"max_threads": "2"}, Database: "d", Table: "t", Source: "zeek", Columns: map[string]string{"DeviceName": "host name"}, RowLimit: 8,
		Allowlist: []json.RawMessage{[]byte(`{"device":"d"}`)}, AllowlistTable: "al", SuffixTable: "sf", ASNDictionary: "db.asn",
		InternalNetworks: []string{"10.0.0.0/8", "198.51.100.7/32"},
		Suffixes:         []settings.Suffix{{Suffix: "Dyn.example.com"}, {Suffix: "häuser.example", Provider: "P"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
}

func TestDefaultPortFollowsProtocolAndTLS(t *testing.T) {
	for json, want := range map[string]string{
		`{"host":"h"}`: "h:9000", `{"host":"h","secure":true}`: "h:9440",
		`{"host":"h","protocol":"http"}`: "h:8123", `{"host":"h","protocol":"http","secure":true}`: "h:8443",
	} {
		got, err := settings.Decode([]byte(json), nil)
		if err != nil || got.Addresses[0] != want {
			t.Errorf("%s: got %v, %v; want %s", json, got.Addresses, err, want)
		}
	}
}

func TestDecodeRefusesAndNamesTheField(t *testing.T) {
	for name, c := range map[string]struct{ json, field, reason string }{
		"no JSON":                      {`{`, "jsonData", "JSON object"},
		"a list":                       {`[]`, "jsonData", "JSON object"},
		"a field in another case":      {`{"host":"h","Host":"x"}`, "Host", "must be written host"},
		"a field twice":                {`{"host":"h","port":1,"host":"x"}`, "host", "more than once"},
		"Grafana's own field twice":    {`{"host":"h","pdcInjected":true,"pdcInjected":false}`, "pdcInjected", "more than once"},
		"a column twice":               {`{"host":"h","columns":{"DeviceName":"a","DeviceName":"b"}}`, "columns", `key "DeviceName" stands more than once`},
		"columns that are a list":      {`{"host":"h","columns":["DeviceName"]}`, "columns", "wrong type"},
		"columns that are numbers":     {`{"host":"h","columns":{"DeviceName":7}}`, "columns", "wrong type"},
		"a suffix twice":               {`{"host":"h","dynamicDnsSuffixes":[{"suffix":"a.example.com","suffix":"b.example.com"}]}`, "dynamicDnsSuffixes", `key "suffix" stands more than once`},
		"a suffix in another case":     {`{"host":"h","dynamicDnsSuffixes":[{"suffix":"a.example.com","Suffix":"b.example.com"}]}`, "dynamicDnsSuffixes", `key "Suffix" must be written suffix`},
		"an unknown key of a suffix":   {`{"host":"h","dynamicDnsSuffixes":[{"name":"a.example.com"}]}`, "dynamicDnsSuffixes", `key "name" is unknown; it may be suffix, provider`},
		"a suffix that is a number":    {`{"host":"h","dynamicDnsSuffixes":[{"suffix":7}]}`, "dynamicDnsSuffixes", "wrong type"},
		"a suffix that is no object":   {`{"host":"h","dynamicDnsSuffixes":["a.example.com"]}`, "dynamicDnsSuffixes", "wrong type"},
		"a custom setting's key twice": {`{"host":"h","customSettings":[{"setting":"readonly","setting":"max_threads","value":"1"}]}`, "customSettings", `key "setting" stands more than once`},
		"a key in another case":        {`{"host":"h","customSettings":[{"setting":"max_threads","Value":"1"}]}`, "customSettings", `key "Value" must be written value`},
		"a custom setting twice":       {`{"host":"h","customSettings":[{"setting":"max_threads","value":"1"},{"setting":"max_threads","value":"2"}]}`, "customSettings", "max_threads stands more than once"},
		"no host":                      {``, "host", "missing"},
		"commas only":                  {`{"host":" , "}`, "host", "missing"},
		"a URL as host":                {`{"host":"http://h"}`, "host", "without scheme"},
		"a bad port in the list":       {`{"host":"h:99999"}`, "host", "valid port"},
		"a port out of range":          {`{"host":"h","port":0}`, "port", "1 to 65535"},
		"a port that is no number":     {`{"host":"h","port":"x"}`, "port", "whole number"},
		"an unknown protocol":          {`{"host":"h","protocol":"grpc"}`, "protocol", "native or http"},
		"a text for a boolean":         {`{"host":"h","secure":"yes"}`, "secure", "wrong type"},
		"a timeout of zero":            {`{"host":"h","queryTimeout":0}`, "queryTimeout", "1 to 3600 s"},
		"a huge row limit":             {`{"host":"h","rowLimit":1000001}`, "rowLimit", "1 to 1000000 rows"},
		"a negative cache time":        {`{"host":"h","cacheTTL":-1}`, "cacheTTL", "0 to 3600 s"},
		"too few connections":          {`{"host":"h","maxOpenConns":-1}`, "maxOpenConns", "1 to 1000"},
		"TLS auth without certificate": {`{"host":"h","tlsAuth":true}`, "tlsClientCert", "tlsAuth is on"},
		"CA auth without certificate":  {`{"host":"h","tlsAuthWithCACert":true}`, "tlsCACert", "missing"},
		"a setting that is SQL":        {`{"host":"h","customSettings":[{"setting":"a=1; DROP","value":""}]}`, "customSettings", "not the name"},
		"readonly as custom setting":   {`{"host":"h","customSettings":[{"setting":"readonly","value":"0"}]}`, "customSettings", "cannot be changed"},
		"an unknown column":            {`{"host":"h","columns":{"Device":"d"}}`, "columns.Device", "not a column"},
		"a long list of suffixes":      {`{"host":"h","dynamicDnsSuffixes":[` + strings.Repeat("{},", 1000) + `{}]}`, "dynamicDnsSuffixes", "at most 1000"},
		"an allowlist that is no list": {`{"host":"h","allowlist":{}}`, "allowlist", "wrong type"},
		"a long allowlist":             {`{"host":"h","allowlist":[` + strings.Repeat("{},", 1000) + `{}]}`, "allowlist", "at most 1000"},
		"networks that are a number":   {`{"host":"h","internalNetworks":{}}`, "internalNetworks", "a list of networks"},
		"a list of numbers":            {`{"host":"h","internalNetworks":[10]}`, "internalNetworks", "wrong type"},
		"a long list of networks":      {`{"host":"h","internalNetworks":[` + strings.Repeat(`"",`, 1000) + `""]}`, "internalNetworks", "at most 1000"},
		"weights that are a list":      {`{"host":"h","caseWeights":[1]}`, "caseWeights", "wrong type"},
		"a weight above 100":           {`{"host":"h","caseWeights":{"regular":101}}`, "caseWeights.regular", "-100 to 100"},
		"a weight that is no number":   {`{"host":"h","caseWeights":{"regular":"much"}}`, "caseWeights", "whole number"},
		"an empty column":              {`{"host":"h","columns":{"DeviceName":""}}`, "columns.DeviceName", "remove the entry"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := settings.Decode([]byte(c.json), map[string]string{"password": "s3cret"})
			var refused *settings.Error
			if !errors.As(err, &refused) {
				t.Fatalf("got %v, want a *settings.Error", err)
			}
			if refused.Field != c.field || !strings.Contains(refused.Reason, c.reason) {
				t.Errorf("got field %q, reason %q; want field %q, reason with %q", refused.Field, refused.Reason, c.field, c.reason)
			}
			if strings.Contains(err.Error(), "s3cret") {
				t.Errorf("the password is in the error: %v", err)
			}
		})
	}
}
