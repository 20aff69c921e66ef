package strictjson_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/strictjson"
)

type entry struct {
	Domain string `json:"domain"`
	Port   int    `json:"port,omitempty"`
}

func TestAnObjectIsReadByItsNamesAsTheyAreWritten(t *testing.T) {
	var got entry
	if err := strictjson.Struct([]byte(` {"domain":"a","port":7} `), &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(entry{"a", 7}, got); diff != "" {
		t.Errorf("entry (-want +got):\n%s", diff)
	}
	for name, c := range map[string]struct{ json, reason string }{
		"a name twice":               {`{"domain":"a","port":7,"domain":""}`, `key "domain" stands more than once`},
		"a name twice, once escaped": {`{"domain":"a","\u0064omain":""}`, `key "domain" stands more than once`},
		"a name in another case":     {`{"domain":"a","Domain":""}`, `key "Domain" must be written domain`},
		"a name that folds":          {`{"\u212aort":7,"domain":"a"}`, "is unknown"},
		"an unknown name":            {`{"host":"a"}`, `key "host" is unknown; it may be domain, port`},
		"no name":                    {`{"":"a"}`, `key "" is unknown`},
		"a long name":                {`{"` + strings.Repeat("x", 1000) + `":"a"}`, strings.Repeat("x", 60) + `" is unknown`},
		"null":                       {`null`, "must be a JSON object"},
		"a list":                     {`[]`, "array"},
		"more behind it":             {`{"domain":"a"}{}`, "after top-level value"},
		"another type":               {`{"port":"a"}`, "string"},
		"a byte that is no UTF-8":    {"{\"domain\":\"\xff\"}", "valid UTF-8"},
	} {
		t.Run(name, func(t *testing.T) {
			var into entry
			if err := strictjson.Struct([]byte(c.json), &into); err == nil || !strings.Contains(err.Error(), c.reason) {
				t.Errorf("got %+v, %v; want an error with %q", into, err, c.reason)
			}
		})
	}
}

func TestWhatALevelHoldsIsLeftToItsReader(t *testing.T) {
	members, err := strictjson.Object([]byte(`{"a":{"b":1,"b":2},"A":[{}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if string(members["a"]) != `{"b":1,"b":2}` || len(members) != 2 {
		t.Errorf("got %s", members)
	}
	var named *strictjson.NameError
	if _, err := strictjson.Object(members["a"]); !errors.As(err, &named) || named.Name != "b" || !named.Repeated {
		t.Errorf("got %v, want the name b", err)
	}
}
