package statement_test

import (
	"errors"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

func TestNewJoinsPlaceholdersAndValues(t *testing.T) {
	sql := "SELECT 1 WHERE a = {a:String} AND t >= {from:DateTime64(3, 'UTC')} AND b IN {b:Array(String)} OR a = {a:String}"
	from := time.Unix(0, 0)
	got, err := statement.New(sql, map[string]any{"a": "x", "from": from, "b": []string{"y"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []statement.Param{{"a", "String", "x"}, {"b", "Array(String)", []string{"y"}}, {"from", "DateTime64(3, 'UTC')", from}}
	if diff := cmp.Diff(want, got.Params); diff != "" {
		t.Errorf("params (-want +got):\n%s", diff)
	}
}

func TestNewRefusesWhatDoesNotMatch(t *testing.T) {
	for name, c := range map[string]struct {
		sql    string
		values map[string]any
	}{
		"a placeholder without a value": {"SELECT {a:String}", nil},
		"a value without a placeholder": {"SELECT 1", map[string]any{"a": "x"}},
		"one name of two types":         {"SELECT {a:String}, {a:Int64}", map[string]any{"a": "x"}},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := statement.New(c.sql, c.values, nil); !errors.Is(err, statement.ErrMismatch) {
				t.Errorf("got %v, want ErrMismatch", err)
			}
		})
	}
}

func TestIdentifierStaysOneIdentifier(t *testing.T) {
	for name, want := range map[string]string{
		"DeviceName": `"DeviceName"`,
		`a"b`:        `"a\"b"`,
		`a\`:         `"a\\"`,
		"a b; DROP":  `"a b; DROP"`,
		"a\nb":       `"a\nb"`,
	} {
		if got := statement.Identifier(name); got != want {
			t.Errorf("%q: got %s, want %s", name, got, want)
		}
	}
}

// table resolves a table whose columns have the given types where one is named, and a plain type otherwise.
func table(t *testing.T, types map[string]string) schema.Table {
	t.Helper()
	plain := map[schema.Kind]string{schema.Time: "DateTime64(3, 'UTC')", schema.Text: "String", schema.Address: "String", schema.Integer: "UInt64"}
	var described []schema.Described
	mapping := map[string]string{}
	for _, c := range schema.Columns() {
		chType, named := types[c.Name]
		if !named {
			chType = plain[c.Kind]
		}
		if chType == "" { // absent
			continue
		}
		described = append(described, schema.Described{Name: "own " + c.Name, Type: chType})
		mapping[c.Name] = "own " + c.Name
	}
	resolved, err := schema.Resolve("db", `ev"ents`, mapping, described)
	if err != nil {
		t.Fatal(err)
	}
	return resolved
}

func source(t *testing.T, types map[string]string, filters ...query.Filter) statement.Source {
	t.Helper()
	window := query.Window{From: time.Unix(100, 0).UTC(), To: time.Unix(200, 0).UTC()}
	s, err := statement.NewSource(table(t, types), window, filters)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSelectMapsColumnsAndBoundsTheWindowOnTheOwnColumn(t *testing.T) {
	got := source(t, map[string]string{"SentBytes": ""}).Select(0, "Timestamp", "DeviceName", "SentBytes")
	want := `SELECT
    t."own Timestamp" AS Timestamp,
    t."own DeviceName" AS DeviceName,
    CAST(NULL, 'Nullable(Int64)') AS SentBytes
FROM "db"."ev\"ents" AS t
WHERE t."own Timestamp" >= {from:DateTime64(3, 'UTC')}
  AND t."own Timestamp" < {to:DateTime64(3, 'UTC')}`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("SELECT (-want +got):\n%s", diff)
	}
}

func TestSelectGivesEveryTypeItsCanonicalForm(t *testing.T) {
	for chType, want := range map[string]string{
		"DateTime":                         `toDateTime64(t."own Timestamp", 3, 'UTC')`,
		"Nullable(DateTime64(6))":          `toDateTime64(assumeNotNull(t."own Timestamp"), 3, 'UTC')`,
		"String":                           `t."own RemoteIP"`,
		"LowCardinality(Nullable(String))": `ifNull(t."own RemoteIP", '')`,
		"IPv4":                             `toString(t."own RemoteIP")`,
		"Nullable(IPv4)":                   `ifNull(toString(t."own RemoteIP"), '')`,
		"IPv6":                             `replaceRegexpOne(ifNull(toString(t."own RemoteIP"), ''), '^::ffff:([0-9]+[.])', '\\1')`,
	} {
		t.Run(chType, func(t *testing.T) {
			column := "RemoteIP"
			if strings.Contains(chType, "DateTime") {
				column = "Timestamp"
			}
			got := source(t, map[string]string{column: chType}).Select(0, column)
			if line := "SELECT\n    " + want + " AS " + column + "\n"; !strings.HasPrefix(got, line) {
				t.Errorf("got %s, want it to start with %s", got, line)
			}
		})
	}
}

func TestEachOperatorBecomesAConditionWithParameters(t *testing.T) {
	for name, c := range map[string]struct {
		types  map[string]string
		filter query.Filter
		want   string
		values map[string]any
	}{
		"equal":       {nil, query.Filter{Column: "DeviceName", Operator: query.Equal, Values: []string{"a'b"}}, `t."own DeviceName" = {filter0:String}`, map[string]any{"filter0": "a'b"}},
		"not equal":   {map[string]string{"DeviceName": "Nullable(String)"}, query.Filter{Column: "DeviceName", Operator: query.NotEqual, Values: []string{"a"}}, `ifNull(t."own DeviceName", '') != {filter0:String}`, map[string]any{"filter0": "a"}},
		"in":          {nil, query.Filter{Column: "DeviceName", Operator: query.In, Values: []string{"a", "b"}}, `t."own DeviceName" IN {filter0:Array(String)}`, map[string]any{"filter0": []string{"a", "b"}}},
		"not in":      {map[string]string{"RemotePort": "Nullable(UInt16)"}, query.Filter{Column: "RemotePort", Operator: query.NotIn, Values: []string{"80"}}, `ifNull(t."own RemotePort", 0) NOT IN {filter0:Array(Int64)}`, map[string]any{"filter0": []int64{80}}},
		"contains":    {nil, query.Filter{Column: "RemoteUrl", Operator: query.Contains, Values: []string{"%"}}, `positionCaseInsensitive(t."own RemoteUrl", {filter0:String}) > 0`, map[string]any{"filter0": "%"}},
		"starts with": {nil, query.Filter{Column: "RemoteUrl", Operator: query.StartsWith, Values: []string{"x"}}, `startsWith(t."own RemoteUrl", {filter0:String})`, map[string]any{"filter0": "x"}},
		"ends with":   {nil, query.Filter{Column: "RemoteUrl", Operator: query.EndsWith, Values: []string{"x"}}, `endsWith(t."own RemoteUrl", {filter0:String})`, map[string]any{"filter0": "x"}},
		"in subnet": {map[string]string{"RemoteIP": "IPv6"}, query.Filter{Column: "RemoteIP", Operator: query.InSubnet, Values: []string{"10.1.2.3/8"}},
			`arrayExists(number -> ifNull(bitShiftRight(number, 24) IN {filter0_104bits:Array(UInt128)}, 0), [toUInt128(t."own RemoteIP")])`,
			map[string]any{"filter0_104bits": []*big.Int{new(big.Int).Rsh(mapped(10<<24), 24)}}},
		"in an IPv4-mapped subnet": {map[string]string{"RemoteIP": "IPv6"}, query.Filter{Column: "RemoteIP", Operator: query.InSubnet, Values: []string{"::ffff:10.0.0.0/104"}},
			`arrayExists(number -> ifNull(bitShiftRight(number, 24) IN {filter0_104bits:Array(UInt128)}, 0), [toUInt128(t."own RemoteIP")])`,
			map[string]any{"filter0_104bits": []*big.Int{new(big.Int).Rsh(mapped(10<<24), 24)}}},
		"in an IPv6 subnet around the IPv4-mapped addresses": {map[string]string{"RemoteIP": "IPv6"}, query.Filter{Column: "RemoteIP", Operator: query.InSubnet, Values: []string{"::/64"}},
			`arrayExists(number -> ifNull(bitShiftRight(number, 64) IN {filter0_64bits:Array(UInt128)} AND bitShiftRight(number, 32) != 0xFFFF, 0), [toUInt128(t."own RemoteIP")])`,
			map[string]any{"filter0_64bits": []*big.Int{new(big.Int)}}},
	} {
		t.Run(name, func(t *testing.T) {
			s := source(t, c.types, c.filter)
			if got := s.Select(0, "Timestamp"); !strings.HasSuffix(got, "\n  AND "+c.want) {
				t.Errorf("got %s\nwant it to end with %s", got, c.want)
			}
			got := s.Values()
			delete(got, "from")
			delete(got, "to")
			if diff := cmp.Diff(c.values, got, cmp.Comparer(func(a, b *big.Int) bool { return a.Cmp(b) == 0 })); diff != "" {
				t.Errorf("values (-want +got):\n%s", diff)
			}
		})
	}
}

// mapped is an IPv4 address as the number of its IPv4-mapped form, ::ffff:a.b.c.d.
func mapped(v4 int64) *big.Int {
	return new(big.Int).Add(big.NewInt(v4), new(big.Int).Lsh(big.NewInt(0xFFFF), 32))
}

func TestAFilterOnAMissingColumnIsTheUsersError(t *testing.T) {
	filters := []query.Filter{{Column: "DeviceName"}, {Column: "RemotePort"}}
	_, err := statement.NewSource(table(t, map[string]string{"RemotePort": ""}), query.Window{}, filters)
	var refused *query.Error
	if !errors.As(err, &refused) || refused.Field != "filters[1].column" {
		t.Errorf("got %v, want a *query.Error on filters[1].column", err)
	}
}

func TestPublicNamesItsParametersByDetector(t *testing.T) {
	got := statement.Public("beaconing", false, []string{"10.0.0.0/8"})
	want := "arrayExists(number -> NOT (number BETWEEN {beaconing_private0_first:UInt32} AND {beaconing_private0_last:UInt32})\n      AND (number != 0 OR RemoteAddress = '0.0.0.0'), [RemoteIPv4Number])"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("condition (-want +got):\n%s", diff)
	}
	values := map[string]any{"beaconing_private0_first": uint32(10 << 24), "beaconing_private0_last": uint32(11<<24 - 1)}
	if diff := cmp.Diff(values, statement.PublicValues("beaconing", false, []string{"10.0.0.0/8"})); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
}
