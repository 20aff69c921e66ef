package query_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
)

var noon = time.Date(2026, 3, 8, 12, 0, 0, 0, time.UTC)

// options has one query type with a parameter of each kind.
func options() query.Options {
	return query.Options{
		Types: map[string]query.Type{
			"beaconing": {
				Formats: []query.Format{query.Table, query.Numeric},
				Params: []query.Param{
					{Name: "count", Kind: query.KindInteger, Min: 1, Max: 100, Default: int64(20)},
					{Name: "rate", Kind: query.KindNumber, Min: 0, Max: 200, Default: 0.5},
					{Name: "ipv6", Kind: query.KindBoolean, Default: false},
					{Name: "match", Kind: query.KindEnum, Options: []string{"contains", "suffix"}, Default: "contains"},
					{Name: "names", Kind: query.KindStringList, Max: 3, Default: []string{"a"}, Check: func(s string) error {
						if s == "" {
							return errors.New("it must not be empty")
						}
						return nil
					}},
					{Name: "by", Kind: query.KindStringList, Max: 2, Options: []string{"DeviceName", "RemoteIP"}, Default: []string{}},
					{Name: "ports", Kind: query.KindIntegerList, Max: 3, Default: []int64{443}},
					{Name: "note", Kind: query.KindString, Default: ""},
				},
			},
			"cases":  {Formats: []query.Format{query.Table, query.Numeric}, Details: true},
			"events": {Formats: []query.Format{query.Logs}},
		},
		Range:    query.Window{From: noon.Add(-time.Hour), To: noon},
		Now:      func() time.Time { return noon },
		RowLimit: 5000,
	}
}

func TestDecodeFillsInDefaults(t *testing.T) {
	got, err := query.Decode([]byte(`{"refId":"A","queryType":"beaconing","hide":false,"datasource":{"uid":"x"},"intervalMs":1000,"maxDataPoints":10,"queryCachingTTL":60000}`), options())
	if err != nil {
		t.Fatal(err)
	}
	want := query.Query{
		Type:      "beaconing",
		Format:    query.Table,
		Params:    query.Values{"count": int64(20), "rate": 0.5, "ipv6": false, "match": "contains", "names": []string{"a"}, "by": []string{}, "ports": []int64{443}, "note": ""},
		Limit:     query.DefaultLimit,
		Allowlist: query.ApplyAllowlist,
		Window:    query.Window{From: noon.Add(-time.Hour), To: noon},
		Now:       noon,
		Interval:  time.Second,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("query (-want +got):\n%s", diff)
	}
}

func TestDecodeReadsEveryKindOfParameter(t *testing.T) {
	got, err := query.Decode([]byte(`{"queryType":"beaconing","format":"numeric","version":1,"limit":7,"params":{
		"count":100,"rate":1e2,"ipv6":true,"match":"suffix","names":["b'\\","{x:String}"],"by":["RemoteIP"],"ports":[],"note":null}}`), options())
	if err != nil {
		t.Fatal(err)
	}
	want := query.Values{"count": int64(100), "rate": 100.0, "ipv6": true, "match": "suffix", "names": []string{`b'\`, "{x:String}"}, "by": []string{"RemoteIP"}, "ports": []int64{}, "note": ""}
	if diff := cmp.Diff(want, got.Params); diff != "" {
		t.Errorf("params (-want +got):\n%s", diff)
	}
	if got.Limit != 7 || got.Format != query.Numeric {
		t.Errorf("limit %d, format %s", got.Limit, got.Format)
	}
}

func TestDecodeReadsEveryOperator(t *testing.T) {
	got, err := query.Decode([]byte(`{"queryType":"events","filters":[
		{"column":"DeviceName","operator":"=","values":["WS-1"]},
		{"column":"RemotePort","operator":"notIn","values":["80","443"]},
		{"column":"RemoteIP","operator":"inSubnet","values":["203.0.113.0/24","2001:db8::/32"]}]}`), options())
	if err != nil {
		t.Fatal(err)
	}
	want := []query.Filter{
		{Column: "DeviceName", Operator: query.Equal, Values: []string{"WS-1"}},
		{Column: "RemotePort", Operator: query.NotIn, Values: []string{"80", "443"}},
		{Column: "RemoteIP", Operator: query.InSubnet, Values: []string{"203.0.113.0/24", "2001:db8::/32"}},
	}
	if diff := cmp.Diff(want, got.Filters); diff != "" {
		t.Errorf("filters (-want +got):\n%s", diff)
	}
}

func TestAFilterOnSeverityChoosesFindingsAndNoEvents(t *testing.T) {
	for filters, want := range map[string][]string{
		``: nil,
		`{"column":"Severity","operator":"=","values":["high"]}`:                                                              {"high"},
		`{"column":"Severity","operator":"!=","values":["high"]}`:                                                             {"low", "medium", "critical"},
		`{"column":"Severity","operator":"in","values":["critical","low","low"]}`:                                             {"low", "critical"},
		`{"column":"Severity","operator":"notIn","values":["critical","low"]}`:                                                {"medium", "high"},
		`{"column":"Severity","operator":"in","values":["critical","high","medium","low"]}`:                                   nil,
		`{"column":"Severity","operator":"notIn","values":["low"]},{"column":"Severity","operator":"!=","values":["medium"]}`: {"high", "critical"},
		`{"column":"Severity","operator":"=","values":["low"]},{"column":"Severity","operator":"=","values":["high"]}`:        {},
	} {
		got, err := query.Decode([]byte(`{"queryType":"beaconing","filters":[`+filters+`]}`), options())
		if err != nil {
			t.Errorf("%s: %v", filters, err)
			continue
		}
		if diff := cmp.Diff(want, got.Severities); diff != "" || len(got.Filters) > 0 {
			t.Errorf("%s: %v of events; the severities (-want +got):\n%s", filters, got.Filters, diff)
		}
	}
	_, err := query.DecodeFilters([]byte(`[{"column":"Severity","operator":"=","values":["high"]}]`))
	var refused *query.Error
	if !errors.As(err, &refused) || !strings.Contains(refused.Reason, "Severity is a column of findings") {
		t.Errorf("of events: %v, want it refused", err)
	}
}

// What another data source left in a panel, or what a later Grafana adds, must not stop an alert rule.
func TestDecodeReadsDetails(t *testing.T) {
	for text, want := range map[string]bool{
		`{"queryType":"cases","format":"numeric","details":true}`:  true,
		`{"queryType":"cases","format":"numeric","details":false}`: false,
		`{"queryType":"cases","format":"numeric","details":null}`:  false,
		`{"queryType":"cases","details":false}`:                    false,
		`{"queryType":"beaconing","details":false}`:                false,
	} {
		if q, err := query.Decode([]byte(text), options()); err != nil || q.Details != want {
			t.Errorf("%s: %v, %v", text, q.Details, err)
		}
	}
}

func TestAFieldThatIsNobodysIsNamedAndStopsNothing(t *testing.T) {
	for name, reason := range map[string]string{
		"rawSql": "another data source", "expr": "another data source", "editorType": "another data source", "meta": "another data source",
		"builderOptions": "another data source", "newInGrafana14": "it may be one of queryType",
	} {
		text := []byte(`{"queryType":"events","` + name + `":{"a":1}}`)
		q, err := query.Decode(text, options())
		if err != nil || len(q.Unread) != 1 || q.Unread[0].Field != name || !strings.Contains(q.Unread[0].Reason, reason) {
			t.Errorf("%s: got %v, %v; want it named, with %q", name, q.Unread, err, reason)
		}
		var refused *query.Error
		if err := query.CheckFields(text); !errors.As(err, &refused) || refused.Field != name {
			t.Errorf("%s: where a person types it is %v, want it refused", name, err)
		}
	}
	for _, name := range []string{"pluginVersion", "queryCachingTTL", "scopes", "adhocFilters", "timeRange", "resultAssertions", "intervalMs", "__anything"} {
		text := []byte(`{"queryType":"events","` + name + `":{"a":1}}`)
		if q, err := query.Decode(text, options()); err != nil || len(q.Unread) > 0 {
			t.Errorf("%s: got %v, %v; want it to pass", name, q.Unread, err)
		}
		if err := query.CheckFields(text); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWhatIsProbablyOursIsRefusedWithTheLikelyWord(t *testing.T) {
	for text, want := range map[string]string{
		`{"queryType":"events","filter":[]}`:                         "did you mean filters?",
		`{"queryType":"events","parms":{}}`:                          "did you mean params?",
		`{"queryType":"events","Limit":1}`:                           "did you mean limit?",
		`{"queryType":"events","allowList":"ignore"}`:                "did you mean allowlist?",
		`{"queryType":"beaconnig"}`:                                  "did you mean beaconing?",
		`{"queryType":"beaconing","params":{"conut":5}}`:             "did you mean count?",
		`{"queryType":"events","filters":[{"column":"DeviceNmae"}]}`: "did you mean DeviceName?",
		`{"queryType":"events","filters":[{"colunm":"DeviceName"}]}`: "did you mean column?",
		`{"queryType":"events","filters":[{"column":"remoteip"}]}`:   "did you mean RemoteIP?",
	} {
		if _, err := query.Decode([]byte(text), options()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", text, err, want)
		}
	}
}

func TestDecodeRefusesAndNamesTheField(t *testing.T) {
	many := `"` + strings.Repeat(`x","`, 9999) + `x"`
	huge := strings.Repeat("y", 1<<20)
	for name, c := range map[string]struct{ json, field, reason string }{
		"no JSON":                          {`{`, "query", "not valid JSON"},
		"a list":                           {`[]`, "query", "must be a JSON object"},
		"null":                             {`null`, "query", "must be a JSON object"},
		"a field twice":                    {`{"queryType":"events","limit":1,"limit":2}`, "limit", "more than once"},
		"Grafana's own field twice":        {`{"queryType":"events","hide":true,"hide":false}`, "hide", "more than once"},
		"a field in another case":          {`{"queryType":"events","Limit":1}`, "Limit", "queryType, format, params"},
		"a parameter twice":                {`{"queryType":"beaconing","params":{"count":5,"count":1}}`, "params.count", "more than once"},
		"a parameter in another case":      {`{"queryType":"beaconing","params":{"Count":5}}`, "params.Count", "count, rate"},
		"a filter's field twice":           {`{"queryType":"events","filters":[{"column":"DeviceName","operator":"=","values":["a"],"values":["b"]}]}`, "filters[0].values", "more than once"},
		"a filter's field in another case": {`{"queryType":"events","filters":[{"column":"DeviceName","operator":"=","Values":["a"]}]}`, "filters[0].Values", "column, operator, values"},
		"a byte that is no UTF-8":          {"{\"queryType\":\"beaconing\",\"params\":{\"note\":\"\xff\"}}", "query", "UTF-8"},
		"no query type":                    {`{}`, "queryType", "missing"},
		"an unknown query type":            {`{"queryType":"beacon"}`, "queryType", "beaconing, cases, events"},
		"a query type of wrong case":       {`{"queryType":"Beaconing"}`, "queryType", "beaconing, cases, events"},
		"a format of another type":         {`{"queryType":"events","format":"numeric"}`, "format", "logs"},
		"an unknown parameter":             {`{"queryType":"beaconing","params":{"cnt":1}}`, "params.cnt", "count, rate"},
		"params that are a list":           {`{"queryType":"beaconing","params":[1]}`, "params", "JSON object"},
		"a count under its range":          {`{"queryType":"beaconing","params":{"count":0}}`, "params.count", "1 to 100"},
		"a count over its range":           {`{"queryType":"beaconing","params":{"count":101}}`, "params.count", "1 to 100"},
		"a huge count":                     {`{"queryType":"beaconing","params":{"count":1e300}}`, "params.count", "whole number"},
		"a count beyond float64":           {`{"queryType":"beaconing","params":{"count":1e999}}`, "params.count", "finite"},
		"a fraction for a count":           {`{"queryType":"beaconing","params":{"count":1.5}}`, "params.count", "whole number"},
		"a text for a number":              {`{"queryType":"beaconing","params":{"rate":"1"}}`, "params.rate", "must be a number"},
		"NaN":                              {`{"queryType":"beaconing","params":{"rate":NaN}}`, "query", "not valid JSON"},
		"NaN as a text":                    {`{"queryType":"beaconing","params":{"rate":"NaN"}}`, "params.rate", "must be a number"},
		"a negative rate":                  {`{"queryType":"beaconing","params":{"rate":-0.1}}`, "params.rate", "0 to 200"},
		"a number for a boolean":           {`{"queryType":"beaconing","params":{"ipv6":1}}`, "params.ipv6", "true or false"},
		"a word that is no option":         {`{"queryType":"beaconing","params":{"match":"regex"}}`, "params.match", "contains, suffix"},
		"an entry that is no option":       {`{"queryType":"beaconing","params":{"by":["DeviceName","1; DROP TABLE t"]}}`, "params.by[1]", "DeviceName, RemoteIP"},
		"too many entries":                 {`{"queryType":"beaconing","params":{"names":["a","b","c","d"]}}`, "params.names", "at most 3"},
		"an entry that Check refuses":      {`{"queryType":"beaconing","params":{"names":["a",""]}}`, "params.names[1]", "must not be empty"},
		"a text among ports":               {`{"queryType":"beaconing","params":{"ports":[80,"443"]}}`, "params.ports[1]", "must be a number"},
		"a NUL":                            {`{"queryType":"beaconing","params":{"note":"a\u0000b"}}`, "params.note", "NUL"},
		"a text of a megabyte":             {`{"queryType":"beaconing","params":{"note":"` + huge + `"}}`, "params.note", "4096"},
		"an unknown allowlist word":        {`{"queryType":"beaconing","allowlist":"off"}`, "allowlist", "apply"},
		"details that are no boolean":      {`{"queryType":"cases","format":"numeric","details":"yes"}`, "details", "true or false"},
		"details of a table":               {`{"queryType":"cases","details":true}`, "details", "a table has them as columns"},
		"details that there are not":       {`{"queryType":"beaconing","format":"numeric","details":true}`, "details", "have none"},
		"an allowlist that is no text":     {`{"queryType":"beaconing","allowlist":true}`, "allowlist", "must be a text"},
		"a limit of 0":                     {`{"queryType":"events","limit":0}`, "limit", "1 to 5000"},
		"a negative limit":                 {`{"queryType":"events","limit":-1}`, "limit", "1 to 5000"},
		"a limit over the row limit":       {`{"queryType":"events","limit":5001}`, "limit", "1 to 5000"},
		"a newer version":                  {`{"queryType":"events","version":2}`, "version", "update"},
		"filters that are no list":         {`{"queryType":"events","filters":{}}`, "filters", "list"},
		"an unknown filter field":          {`{"queryType":"events","filters":[{"column":"DeviceName","operator":"=","values":["a"],"sql":"1"}]}`, "filters[0].sql", "column, operator, values"},
		"an unknown column":                {`{"queryType":"events","filters":[{"column":"devicename","operator":"=","values":["a"]}]}`, "filters[0].column", "DeviceName"},
		"a filter on Timestamp":            {`{"queryType":"events","filters":[{"column":"Timestamp","operator":"=","values":["a"]}]}`, "filters[0].column", "DeviceName"},
		"SQL for a column":                 {`{"queryType":"events","filters":[{"column":"1=1 OR DeviceName","operator":"=","values":["a"]}]}`, "filters[0].column", "DeviceName"},
		"an unknown operator":              {`{"queryType":"events","filters":[{"column":"DeviceName","operator":"like","values":["a"]}]}`, "filters[0].operator", "startsWith"},
		"inSubnet on a name":               {`{"queryType":"events","filters":[{"column":"DeviceName","operator":"inSubnet","values":["10.0.0.0/8"]}]}`, "filters[0].operator", "does not fit"},
		"contains on a port":               {`{"queryType":"events","filters":[{"column":"RemotePort","operator":"contains","values":["4"]}]}`, "filters[0].operator", "does not fit"},
		"no values":                        {`{"queryType":"events","filters":[{"column":"DeviceName","operator":"in","values":[]}]}`, "filters[0].values", "empty"},
		"a severity that is none":          {`{"queryType":"beaconing","filters":[{"column":"Severity","operator":"in","values":["high","severe"]}]}`, "filters[0].values[1]", "it may be one of critical, high, medium, low"},
		"a severity in another case":       {`{"queryType":"beaconing","filters":[{"column":"Severity","operator":"!=","values":["High"]}]}`, "filters[0].values[0]", "it may be one of critical, high, medium, low"},
		"a part of a severity":             {`{"queryType":"beaconing","filters":[{"column":"Severity","operator":"contains","values":["i"]}]}`, "filters[0].operator", "=, !=, in, notIn"},
		"two values for =":                 {`{"queryType":"events","filters":[{"column":"DeviceName","operator":"=","values":["a","b"]}]}`, "filters[0].values", "in or notIn"},
		"10,000 values":                    {`{"queryType":"events","filters":[{"column":"DeviceName","operator":"in","values":[` + many + `]}]}`, "filters[0].values", "at most 1000"},
		"a number as a value":              {`{"queryType":"events","filters":[{"column":"DeviceName","operator":"=","values":[1]}]}`, "filters[0].values[0]", "text"},
		"a subnet that is none":            {`{"queryType":"events","filters":[{"column":"RemoteIP","operator":"inSubnet","values":["10.0.0.0/33"]}]}`, "filters[0].values[0]", "203.0.113.0/24"},
		"a port that is none":              {`{"queryType":"events","filters":[{"column":"RemotePort","operator":"=","values":["https"]}]}`, "filters[0].values[0]", "whole number"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := query.Decode([]byte(c.json), options())
			var refused *query.Error
			if !errors.As(err, &refused) {
				t.Fatalf("got %v, want a *query.Error", err)
			}
			if refused.Field != c.field || !strings.Contains(refused.Reason, c.reason) {
				t.Errorf("got field %q, reason %q; want field %q, reason with %q", refused.Field, refused.Reason, c.field, c.reason)
			}
			if len(err.Error()) > 1500 {
				t.Errorf("the error has %d bytes: it repeats the user's text", len(err.Error()))
			}
		})
	}
}

func TestDecodeBoundsFiltersTogether(t *testing.T) {
	value := strings.Repeat("v", 4000)
	filter := fmt.Sprintf(`{"column":"RemoteUrl","operator":"=","values":[%q]}`, value)
	_, err := query.DecodeFilters([]byte("[" + strings.Repeat(filter+",", 16) + filter + "]"))
	var refused *query.Error
	if !errors.As(err, &refused) || refused.Field != "filters" {
		t.Errorf("17 filters of 4,000 bytes: got %v, want the bound on all filters", err)
	}
	small := `{"column":"RemoteUrl","operator":"=","values":["v"]}`
	if _, err := query.DecodeFilters([]byte("[" + strings.Repeat(small+",", 50) + small + "]")); !errors.As(err, &refused) {
		t.Errorf("51 filters: got %v, want a refusal", err)
	}
}

func TestWindow(t *testing.T) {
	for name, c := range map[string]struct {
		asked query.Window
		want  query.Window
		field string
	}{
		"none means the last 7 days":       {query.Window{}, query.Window{From: noon.Add(-7 * 24 * time.Hour), To: noon}, ""},
		"milliseconds count, finer do not": {query.Window{From: noon.Add(1500 * time.Microsecond), To: noon.Add(time.Second)}, query.Window{From: noon.Add(time.Millisecond), To: noon.Add(time.Second)}, ""},
		"an empty one is allowed":          {query.Window{From: noon, To: noon}, query.Window{From: noon, To: noon}, ""},
		"an inverted one is refused":       {query.Window{From: noon, To: noon.Add(-time.Second)}, query.Window{}, "timeRange"},
		"before 1900 is refused":           {query.Window{From: noon.AddDate(-200, 0, 0), To: noon}, query.Window{}, "timeRange"},
		"after April 2262 is refused":      {query.Window{From: noon, To: noon.AddDate(400, 0, 0)}, query.Window{}, "timeRange"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := query.DecodeWindow(c.asked, func() time.Time { return noon })
			var refused *query.Error
			if errors.As(err, &refused) != (c.field != "") || (refused != nil && refused.Field != c.field) {
				t.Fatalf("got error %v, want field %q", err, c.field)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("window (-want +got):\n%s", diff)
			}
		})
	}
}

func TestIntervalIsWholeSecondsAndBoundsThePoints(t *testing.T) {
	for name, c := range map[string]struct {
		asked, window, want time.Duration
	}{
		"none":                       {0, time.Hour, time.Second},
		"half a second":              {500 * time.Millisecond, time.Hour, time.Second},
		"a fraction is rounded up":   {1500 * time.Millisecond, time.Hour, 2 * time.Second},
		"a week by seconds is wider": {time.Second, 7 * 24 * time.Hour, time.Minute},
		"a week by the minute fits":  {time.Minute, 7 * 24 * time.Hour, time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			o := options()
			o.Interval, o.Range = c.asked, query.Window{From: noon.Add(-c.window), To: noon}
			got, err := query.Decode([]byte(`{"queryType":"events"}`), o)
			if err != nil {
				t.Fatal(err)
			}
			if got.Interval != c.want {
				t.Errorf("got %s, want %s", got.Interval, c.want)
			}
		})
	}
}

// FuzzDecode proves that whatever arrives ends in a valid query or in an *Error, and that a valid one keeps its bounds.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		`{"queryType":"beaconing"}`,
		`{"queryType":"beaconing","params":{"count":1e2,"names":["'","\\","{x:String}","\u0000"],"ports":[1]}}`,
		`{"queryType":"events","limit":10,"filters":[{"column":"RemoteIP","operator":"inSubnet","values":["::/0"]}]}`,
		`{"queryType":"events","filters":[{"column":"DeviceName","operator":"in","values":["a","'; DROP TABLE x --"]}]}`,
		`{"queryType":{"a":1}}`, `[[[[`, `{"limit":1e400}`, "{\"queryType\":\"\xff\"}",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		q, err := query.Decode(data, options())
		if err != nil {
			var refused *query.Error
			if !errors.As(err, &refused) || refused.Field == "" || refused.Reason == "" {
				t.Fatalf("%q: got %v, want an *Error with field and reason", data, err)
			}
			return
		}
		if q.Limit < 1 || q.Limit > 5000 || len(q.Filters) > query.MaxFilters {
			t.Fatalf("%q: out of bounds: %+v", data, q)
		}
		for _, filter := range q.Filters {
			if len(filter.Values) == 0 || len(filter.Values) > query.MaxFilterValues {
				t.Fatalf("%q: a filter has %d values", data, len(filter.Values))
			}
			for _, v := range filter.Values {
				if strings.ContainsRune(v, 0) || len(v) > query.MaxValueBytes {
					t.Fatalf("%q: the value %q passed", data, v)
				}
			}
		}
	})
}
