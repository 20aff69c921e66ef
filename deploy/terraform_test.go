package deploy_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/dynblock"
	"github.com/hashicorp/hcl/v2/ext/tryfunc"
	"github.com/hashicorp/hcl/v2/hclparse"
	"github.com/hashicorp/hcl/v2/hclwrite"
	yamlfunc "github.com/zclconf/go-cty-yaml"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/alertrules"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

const terraformFolder = "terraform"

// example is the folder's configuration, as far as it can be worked out without a provider.
type example struct {
	resources map[string]hcl.Body // by their type
	context   *hcl.EvalContext
}

// terraform reads the example. Values that only a provider knows are made up. set gives variables other values than their own.
func terraform(t *testing.T, set map[string]cty.Value) example {
	t.Helper()
	text := func(do func(string) (string, error)) function.Function {
		return function.New(&function.Spec{
			Params: []function.Parameter{{Name: "path", Type: cty.String}}, Type: function.StaticReturnType(cty.String),
			Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
				value, err := do(args[0].AsString())
				return cty.StringVal(value), err
			},
		})
	}
	e := example{resources: map[string]hcl.Body{}, context: &hcl.EvalContext{
		Functions: map[string]function.Function{
			"file":       text(func(path string) (string, error) { content, err := os.ReadFile(path); return string(content), err }),
			"yamldecode": yamlfunc.YAMLDecodeFunc, "jsonencode": stdlib.JSONEncodeFunc, "merge": stdlib.MergeFunc,
			"regex": stdlib.RegexFunc, "tonumber": stdlib.MakeToFunc(cty.Number), "try": tryfunc.TryFunc,
		},
		Variables: map[string]cty.Value{
			"path":                cty.ObjectVal(map[string]cty.Value{"module": cty.StringVal(terraformFolder)}),
			"grafana_data_source": named("uid", "fluxhound"), "grafana_folder": named("uid", "fluxhound"), "grafana_contact_point": named("name", "Fluxhound webhook"),
		},
	}}
	paths, err := filepath.Glob(filepath.Join(terraformFolder, "*.tf"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("%d files, %v", len(paths), err)
	}
	parser, variables := hclparse.NewParser(), map[string]cty.Value{}
	var locals []*hcl.Attribute
	for _, path := range paths {
		file, found := parser.ParseHCLFile(path)
		must(t, found)
		content, found := file.Body.Content(&hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{
			{Type: "terraform"}, {Type: "provider", LabelNames: []string{"name"}}, {Type: "locals"},
			{Type: "variable", LabelNames: []string{"name"}}, {Type: "resource", LabelNames: []string{"type", "name"}},
		}})
		must(t, found)
		for _, block := range content.Blocks {
			switch block.Type {
			case "resource":
				e.resources[block.Labels[0]] = block.Body
			case "variable":
				attributes, found := block.Body.JustAttributes()
				must(t, found)
				value := cty.StringVal("made up")
				if byDefault := attributes["default"]; byDefault != nil {
					value = e.value(t, byDefault.Expr)
				}
				variables[block.Labels[0]] = value
			case "locals":
				attributes, found := block.Body.JustAttributes()
				must(t, found)
				for _, attribute := range attributes {
					locals = append(locals, attribute)
				}
			}
		}
	}
	maps.Copy(variables, set)
	e.context.Variables["var"] = cty.ObjectVal(variables)
	slices.SortFunc(locals, func(a, b *hcl.Attribute) int { return a.Range.Start.Byte - b.Range.Start.Byte }) // one of them needs the one above
	known := map[string]cty.Value{}
	for _, local := range locals {
		known[local.Name] = e.value(t, local.Expr)
		e.context.Variables["local"] = cty.ObjectVal(known)
	}
	return e
}

// named is a resource called fluxhound of which one attribute is known.
func named(attribute, value string) cty.Value {
	return cty.ObjectVal(map[string]cty.Value{"fluxhound": cty.ObjectVal(map[string]cty.Value{attribute: cty.StringVal(value)})})
}

func must(t *testing.T, found hcl.Diagnostics) {
	t.Helper()
	if found.HasErrors() {
		t.Fatal(found)
	}
}

func (e example) value(t *testing.T, expression hcl.Expression) cty.Value {
	t.Helper()
	value, found := expression.Value(e.context)
	must(t, found)
	return value
}

// block reads a block that may have these attributes and blocks, and no others: the names are the provider's. A null is none.
func (e example) block(t *testing.T, body hcl.Body, attributes string, blocks ...string) (map[string]cty.Value, hcl.Blocks) {
	t.Helper()
	var schema hcl.BodySchema
	for _, name := range strings.Fields(attributes) {
		schema.Attributes = append(schema.Attributes, hcl.AttributeSchema{Name: name})
	}
	for _, name := range blocks {
		schema.Blocks = append(schema.Blocks, hcl.BlockHeaderSchema{Type: name})
	}
	content, found := body.Content(&schema)
	must(t, found)
	set := map[string]cty.Value{}
	for name, attribute := range content.Attributes {
		if slices.Contains([]string{"for_each", "count", "depends_on"}, name) {
			continue
		}
		if value := e.value(t, attribute.Expr); !value.IsNull() {
			set[name] = value
		}
	}
	return set, content.Blocks
}

func text(value cty.Value) string {
	if value == cty.NilVal {
		return ""
	}
	return value.AsString()
}

func number(value cty.Value) int {
	if value == cty.NilVal {
		return 0
	}
	n, _ := value.AsBigFloat().Int64()
	return int(n)
}

func texts(value cty.Value) map[string]string {
	list := map[string]string{}
	for name, of := range value.AsValueMap() {
		list[name] = of.AsString()
	}
	return list
}

func TestTheTerraformExampleIsLaidOutAsTerraformDoes(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join(terraformFolder, "*.tf"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(hclwrite.Format(content)), string(content)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
	}
}

// Every rule that the files hold is made a rule, field by field.
func TestTheTerraformExampleMakesTheShippedRules(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "provisioning", "alerting", "*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var all []cty.Value
	for _, file := range files {
		all = append(all, cty.StringVal(filepath.Base(file)))
	}
	if byDefault := terraform(t, nil).context.Variables["var"].GetAttr("rule_files").LengthInt(); byDefault >= len(all) {
		t.Errorf("%d of %d files are made rules by default: those that need more than events are not to be", byDefault, len(all))
	}
	e := terraform(t, map[string]cty.Value{"rule_files": cty.SetVal(all)})
	shipped, err := alertrules.Read(filepath.Join("..", "provisioning", "alerting"))
	if err != nil {
		t.Fatal(err)
	}
	byName := map[string]alertrules.Group{}
	for _, group := range shipped {
		byName[group.Name] = group
	}
	groups := e.context.Variables["local"].GetAttr("rule_groups").AsValueMap()
	if len(groups) != len(byName) {
		t.Fatalf("%d groups, want %d", len(groups), len(byName))
	}
	for name, group := range groups {
		t.Run(name, func(t *testing.T) {
			want := byName[name]
			e := e
			e.context = e.context.NewChild()
			e.context.Variables = map[string]cty.Value{"each": cty.ObjectVal(map[string]cty.Value{"key": cty.StringVal(name), "value": group})}
			set, rules := e.block(t, dynblock.Expand(e.resources["grafana_rule_group"], e.context), "for_each name folder_uid interval_seconds", "rule")
			every, err := time.ParseDuration(want.Interval)
			if err != nil {
				t.Fatal(err)
			}
			if text(set["name"]) != want.Name || number(set["interval_seconds"]) != int(every.Seconds()) || text(set["folder_uid"]) != "fluxhound" {
				t.Errorf("the group is %v, want %s every %s", set, want.Name, every)
			}
			var got []alertrules.Rule
			for _, block := range rules {
				got = append(got, e.rule(t, block.Body))
			}
			for i := range want.Rules { // Terraform gives a panel by annotations alone, which the rules have as well
				want.Rules[i].DashboardUID, want.Rules[i].PanelID = "", 0
				want.Rules[i].Data = slices.Clone(want.Rules[i].Data)
			}
			if diff := cmp.Diff(normal(t, want.Rules), normal(t, got)); diff != "" {
				t.Errorf("rules (-shipped +terraform):\n%s", diff)
			}
		})
	}
}

func (e example) rule(t *testing.T, body hcl.Body) alertrules.Rule {
	t.Helper()
	set, data := e.block(t, body, "uid name condition for keep_firing_for missing_series_evals_to_resolve no_data_state exec_err_state is_paused labels annotations", "data")
	rule := alertrules.Rule{
		UID: text(set["uid"]), Title: text(set["name"]), Condition: text(set["condition"]), For: text(set["for"]), KeepFiringFor: text(set["keep_firing_for"]),
		MissingEvals: number(set["missing_series_evals_to_resolve"]), NoDataState: text(set["no_data_state"]), ExecErrState: text(set["exec_err_state"]),
		IsPaused: set["is_paused"].True(), Labels: texts(set["labels"]), Annotations: texts(set["annotations"]),
	}
	for _, block := range data {
		set, ranges := e.block(t, block.Body, "ref_id query_type datasource_uid model", "relative_time_range")
		query := alertrules.Query{RefID: text(set["ref_id"]), QueryType: text(set["query_type"]), DatasourceUID: text(set["datasource_uid"])}
		if err := json.Unmarshal([]byte(text(set["model"])), &query.Model); err != nil {
			t.Fatal(err)
		}
		for _, block := range ranges {
			set, _ := e.block(t, block.Body, "from to")
			query.Range = alertrules.Range{From: number(set["from"]), To: number(set["to"])}
		}
		rule.Data = append(rule.Data, query)
	}
	return rule
}

// normal writes rules in one way, whatever types their numbers have.
func normal(t *testing.T, rules []alertrules.Rule) []any {
	t.Helper()
	encoded, err := json.Marshal(rules)
	if err != nil {
		t.Fatal(err)
	}
	var list []any
	if err := json.Unmarshal(encoded, &list); err != nil {
		t.Fatal(err)
	}
	return list
}

func TestTheTerraformExamplesDataSourceCanBeRead(t *testing.T) {
	e := terraform(t, nil)
	set, _ := e.block(t, e.resources["grafana_data_source"], "name uid type json_data_encoded secure_json_data_encoded")
	if got, want := text(set["type"]), field(t, "id", "plugin.json"); got != want {
		t.Errorf("its type is %s, want %s", got, want)
	}
	var secrets map[string]string
	if err := json.Unmarshal([]byte(text(set["secure_json_data_encoded"])), &secrets); err != nil {
		t.Fatal(err)
	}
	decoded, err := settings.Decode([]byte(text(set["json_data_encoded"])), secrets)
	if err != nil || len(decoded.Ignored) > 0 || decoded.Password == "" {
		t.Errorf("%v, ignored %v, password %t", err, decoded.Ignored, decoded.Password != "")
	}
}

// What the other resources name is there, and their attributes are the provider's.
func TestTheTerraformExampleSendsNotifications(t *testing.T) {
	e := terraform(t, nil)
	template, _ := e.block(t, e.resources["grafana_message_template"], "name template")
	_, webhooks := e.block(t, e.resources["grafana_contact_point"], "name depends_on", "webhook")
	if len(webhooks) != 1 {
		t.Fatalf("%d webhooks, want 1", len(webhooks))
	}
	webhook, _ := e.block(t, webhooks[0].Body, "url http_method title message")
	for _, attribute := range []string{"title", "message"} {
		name := strings.Split(text(webhook[attribute]), `"`)[1]
		if !strings.Contains(text(template["template"]), `{{ define "`+name+`" -}}`) {
			t.Errorf("no template is called %s", name)
		}
	}
	_, policies := e.block(t, e.resources["grafana_notification_policy"], "count contact_point group_by", "policy")
	if len(policies) != 1 {
		t.Fatalf("%d policies, want 1", len(policies))
	}
	_, matchers := e.block(t, policies[0].Body, "contact_point group_by group_wait group_interval repeat_interval", "matcher")
	matcher, _ := e.block(t, matchers[0].Body, "label match value")
	shipped, err := alertrules.Read(filepath.Join("..", "provisioning", "alerting"))
	if err != nil {
		t.Fatal(err)
	}
	for _, group := range shipped {
		for _, rule := range group.Rules {
			if rule.Labels[text(matcher["label"])] != text(matcher["value"]) {
				t.Errorf("the rule %s does not have the label that the policy routes by", rule.Title)
			}
		}
	}
	e.block(t, e.resources["grafana_folder"], "uid title")
	if _, there := e.resources["grafana_dashboard"]; !there {
		t.Error("there are no dashboards")
	}
}
