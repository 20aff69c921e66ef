package schema_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
)

// complete describes a table with every canonical column under its own name.
func complete() []schema.Described {
	types := map[schema.Kind]string{schema.Time: "DateTime64(3, 'UTC')", schema.Text: "LowCardinality(String)", schema.Address: "String", schema.Integer: "Nullable(UInt64)"}
	var list []schema.Described
	for _, c := range schema.Columns() {
		list = append(list, schema.Described{Name: c.Name, Type: types[c.Kind]})
	}
	return list
}

func without(name string) []schema.Described {
	return slices.DeleteFunc(complete(), func(d schema.Described) bool { return d.Name == name })
}

func with(name, chType string) []schema.Described {
	return append(without(name), schema.Described{Name: name, Type: chType})
}

func TestResolve(t *testing.T) {
	for name, c := range map[string]struct {
		described []schema.Described
		mapping   map[string]string
		faults    []string // in the error; none means that it resolves
	}{
		"every column":                            {described: complete()},
		"a missing optional column":               {described: without("SentBytes")},
		"a missing required column":               {described: without("DeviceId"), faults: []string{"required column DeviceId"}},
		"two faults at once":                      {described: slices.DeleteFunc(without("DeviceId"), func(d schema.Described) bool { return d.Name == "RemoteIP" }), faults: []string{"DeviceId", "RemoteIP"}},
		"a mapped required column":                {described: append(without("DeviceId"), schema.Described{Name: "agent id", Type: "UUID"}), mapping: map[string]string{"DeviceId": "agent id"}},
		"a mapping to nowhere":                    {described: complete(), mapping: map[string]string{"SentBytes": "out"}, faults: []string{"SentBytes is mapped to out"}},
		"a time that is a text":                   {described: with("Timestamp", "String"), faults: []string{"Timestamp", "String", "DateTime64"}},
		"a time of another zone":                  {described: with("Timestamp", "DateTime('Europe/Berlin')")},
		"a nullable low-cardinality name":         {described: with("DeviceName", "LowCardinality(Nullable(String))")},
		"an enumeration":                          {described: with("ActionType", "Enum8('ConnectionSuccess' = 1)")},
		"an address as IPv6":                      {described: with("RemoteIP", "Nullable(IPv6)")},
		"an address as a number":                  {described: with("RemoteIP", "UInt32"), faults: []string{"RemoteIP", "UInt32", "IPv4"}},
		"bytes as a text":                         {described: with("SentBytes", "String"), faults: []string{"SentBytes", "String", "UInt64"}},
		"a column in another case is another one": {described: append(without("DeviceId"), schema.Described{Name: "deviceid", Type: "String"}), faults: []string{"required column DeviceId"}},
	} {
		t.Run(name, func(t *testing.T) {
			table, err := schema.Resolve("db", "events", c.mapping, c.described)
			if errors.Is(err, schema.ErrUnusable) != (len(c.faults) > 0) {
				t.Fatalf("got %v, want faults %q", err, c.faults)
			}
			for _, fault := range c.faults {
				if !strings.Contains(err.Error(), fault) {
					t.Errorf("error %q does not tell %q", err, fault)
				}
			}
			if err == nil && !table.Has("Timestamp") {
				t.Error("the resolved table has no Timestamp")
			}
		})
	}
}

func TestMissingKeepsTheOrderAsked(t *testing.T) {
	table, err := schema.Resolve("db", "events", nil, slices.DeleteFunc(without("SentBytes"), func(d schema.Described) bool { return d.Name == "RemotePort" }))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"SentBytes", "RemotePort"}, table.Missing("SentBytes", "DeviceId", "RemotePort")); diff != "" {
		t.Errorf("missing (-want +got):\n%s", diff)
	}
}

func TestTypesAreReadWithoutTheirWrappers(t *testing.T) {
	for chType, want := range map[string]struct {
		base     string
		nullable bool
	}{
		"String":                           {"String", false},
		"LowCardinality(String)":           {"String", false},
		"Nullable(IPv4)":                   {"IPv4", true},
		"LowCardinality(Nullable(String))": {"String", true},
		"Nullable(DateTime64(3, 'UTC'))":   {"DateTime64", true},
		"FixedString(16)":                  {"FixedString", false},
	} {
		if base, nullable := schema.Base(chType), schema.Nullable(chType); base != want.base || nullable != want.nullable {
			t.Errorf("%s: got %s, %v; want %s, %v", chType, base, nullable, want.base, want.nullable)
		}
	}
}
