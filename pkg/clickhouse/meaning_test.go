package clickhouse

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// another is a value that the pin is not.
func another(p pin) string {
	for _, mode := range []struct{ value, other string }{
		{"throw", "break"}, {"ALL", map[bool]string{true: "ANY", false: "DISTINCT"}[p.name == "join_default_strictness"]},
		{"deny", "allow"}, {"enable", "disable"}, {"clickhouse", "kusto"}, {"ignore", "saturate"}, {"uniqExact", "uniq"},
		{"simple", "iso"}, {"{}", "{'default.t': '1'}"}, {"300", "301"}, {"1", "0"}, {"0", "1"},
	} {
		if p.value == mode.value {
			return mode.other
		}
	}
	switch p.name {
	case "session_timezone":
		return "Asia/Kathmandu"
	case "union_default_mode":
		return "DISTINCT"
	case "implicit_table_at_top_level":
		return "t"
	}
	return "1"
}

// What a pin must be is what a statement runs with, by whatever way another value comes; or the user is refused, and told
// which setting it is.
func TestEveryPinHoldsOrIsRefusedByName(t *testing.T) {
	var users []chtest.User
	for _, p := range pinned {
		users = append(users,
			chtest.User{Name: "u_" + p.name, Settings: map[string]string{p.name: another(p)}},
			chtest.User{Name: "r_" + p.name, Settings: map[string]string{p.name: another(p), "readonly": "1"}})
	}
	server := chtest.Start(t, chtest.WithUsers(users...))
	asks := func(s settings.Settings, p pin) (string, error) {
		client, err := New(s, nil)
		if err != nil {
			return "", err
		}
		defer func() { _ = client.Close() }()
		asked, err := statement.New("SELECT value AS Value FROM system.settings WHERE name = {name:String}", map[string]any{"name": p.name}, []statement.Column{{Name: "Value", Kind: statement.Text}})
		if err != nil {
			return "", err
		}
		result, err := client.Query(t.Context(), asked, Origin{})
		if err != nil {
			return "", err
		}
		if result.Rows != 1 {
			return "", fmt.Errorf("%d rows", result.Rows)
		}
		return result.text(0)[0], nil
	}
	for _, protocol := range []settings.Protocol{settings.Native, settings.HTTP} {
		for _, p := range pinned {
			profile, fixed, custom := server.Settings(protocol), server.Settings(protocol), server.Settings(protocol)
			profile.Username, fixed.Username, custom.Custom = "u_"+p.name, "r_"+p.name, map[string]string{p.name: another(p)}
			for how, s := range map[string]settings.Settings{"in a profile": profile, "in a profile with readonly=1": fixed, "in customSettings": custom} {
				what := fmt.Sprintf("%s = %q %s over %s", p.name, another(p), how, protocol)
				value, err := asks(s, p)
				mayRefuse := how != "in a profile" || p.compared || strings.Contains(unaskable, p.name)
				switch {
				case err == nil && p.own && how == "in customSettings":
					if !same(value, another(p)) {
						t.Errorf("%s: it is %q, though the user may choose it", what, value)
					}
				case err == nil && !same(value, p.value):
					t.Errorf("%s: a statement runs with %q, want %q", what, value, p.value)
				case err != nil && (!mayRefuse || !strings.Contains(err.Error(), p.name)):
					t.Errorf("%s: %v", what, err)
				case err != nil && !is[*Error](err) && !is[*settings.Error](err):
					t.Errorf("%s: %v is of no category", what, err)
				case err == nil && how != "in a profile" && !p.own:
					t.Errorf("%s: it is neither undone nor refused", what)
				}
			}
		}
	}
}

// A user who may set nothing is let in where the profile leaves everything at what it must be: every pin, but for what the
// user may choose, is ClickHouse's own default.
func TestPinsAreClickHousesDefaults(t *testing.T) {
	client, err := New(chtest.Shared(t).Settings(settings.Native), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Close() }()
	for _, p := range pinned {
		asked := statement.Statement{
			SQL:     "SELECT default AS Value FROM system.settings WHERE name = {name:String} AND NOT is_obsolete",
			Params:  []statement.Param{{Name: "name", Type: "String", Value: p.name}},
			Columns: []statement.Column{{Name: "Value", Kind: statement.Text}}, RowLimit: 1,
		}
		result, err := client.Query(t.Context(), asked, Origin{})
		if err != nil {
			t.Fatal(err)
		}
		if result.Rows != 1 || !same(result.text(0)[0], p.value) {
			t.Errorf("%s: the default is %v, the pin %q", p.name, result.Data, p.value)
		}
	}
}

// A setting whose name ends like that of an external table's description does not reach ClickHouse beside a form.
func TestNoPinThatIsSentEndsLikeAnExternalTable(t *testing.T) {
	for _, p := range pinned {
		for _, suffix := range []string{"_format", "_structure", "_types"} {
			if strings.HasSuffix(p.name, suffix) && !p.compared {
				t.Errorf("%s", p.name)
			}
		}
	}
}

func TestACustomSettingMayRepeatAPin(t *testing.T) {
	for value, refused := range map[string]bool{"0": false, "false": false, "False": false, "1": true, "true": true, "": true} {
		err := checkCustom(map[string]string{"join_use_nulls": value})
		if got := errors.As(err, new(*settings.Error)); got != refused {
			t.Errorf("%q: got %v", value, err)
		}
	}
}
