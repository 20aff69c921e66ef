package alertrules_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/planted"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/allowlist"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/repointed"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/indicators/intake"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/indicators/intake/intaketest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/ledger/ledgertest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/lists/indicators"
	listed "github.com/fluxhound/fluxhound-detections-datasource/pkg/lists/ledger"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/querytypes"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/runs/runstest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// unusual are settings of ClickHouse that an administrator may give a user, or a user the data source: a name, a value, and
// where one alone does nothing, others beside it.
var unusual = []map[string]string{
	// What would let an answer come from a part.
	{"read_overflow_mode": "break", "max_rows_to_read": "1"},
	{"group_by_overflow_mode": "any", "max_rows_to_group_by": "1"},
	{"sort_overflow_mode": "break", "max_rows_to_sort": "1"},
	{"distinct_overflow_mode": "break", "max_rows_in_distinct": "1"},
	{"join_overflow_mode": "break", "max_rows_in_join": "1"},
	{"set_overflow_mode": "break", "max_rows_in_set": "1"},
	{"result_overflow_mode": "break", "max_result_rows": "1"},
	{"timeout_overflow_mode": "break"},
	{"limit": "1"}, {"offset": "1"},
	{"additional_result_filter": "0"},
	{"additional_table_filters": "{'default.network_events': 'RemotePort = 1'}"},
	{"skip_unavailable_shards": "1"},
	{"distributed_group_by_no_merge": "1"}, {"distributed_product_mode": "local"}, {"optimize_skip_unused_shards": "1"},
	{"parallel_replicas_count": "2", "parallel_replica_offset": "1"}, {"parallel_replicas_custom_key": "cityHash64(DeviceId)"},
	{"discard_query_data": "1"},
	// Which rows there are.
	{"final": "1"}, {"apply_deleted_mask": "0"},
	{"optimize_using_constraints": "1"}, {"convert_query_to_cnf": "1"},
	// What nothing is.
	{"join_use_nulls": "1"}, {"join_default_strictness": "ANY"},
	{"transform_null_in": "1"}, {"aggregate_functions_null_for_empty": "1"}, {"group_by_use_nulls": "1"},
	{"empty_result_for_aggregation_by_empty_set": "1"},
	{"cast_keep_nullable": "1"}, {"data_type_default_nullable": "1"}, {"least_greatest_legacy_null_behavior": "1"},
	// What names stand for.
	{"enable_analyzer": "0"}, {"prefer_column_name_to_alias": "1"},
	{"enable_global_with_statement": "0"}, {"enable_scopes_for_with_statement": "0"}, {"enable_positional_arguments": "0"}, {"union_default_mode": "DISTINCT"},
	{"asterisk_include_alias_columns": "1"}, {"asterisk_include_materialized_columns": "1"},
	{"describe_compact_output": "1"}, {"describe_include_subcolumns": "1"},
	// What functions give.
	{"count_distinct_implementation": "uniq"}, {"cast_ipv4_ipv6_default_on_conversion_error": "1"},
	{"date_time_input_format": "best_effort_us"}, {"cast_string_to_date_time_mode": "best_effort_us"},
	{"date_time_overflow_behavior": "throw"}, {"session_timezone": "Asia/Kathmandu"}, {"enable_extended_results_for_datetime_functions": "1"},
	{"short_circuit_function_evaluation": "disable"}, {"enable_named_columns_in_function_tuple": "1"},
	{"allow_hyperscan": "0"}, {"max_hyperscan_regexp_length": "1"},
	// How an answer is made.
	{"use_query_cache": "1"}, {"extremes": "1"},
	{"output_format_native_encode_types_in_binary_format": "1"}, {"low_cardinality_allow_in_native_format": "0"},
	// Limits: their errors name them.
	{"max_rows_to_group_by": "1"}, {"max_rows_in_set": "1"},
	{"max_subquery_depth": "1"}, {"max_ast_elements": "100"}, {"max_query_size": "1000"},
	{"force_primary_key": "1"}, {"force_optimize_projection": "1"},
	// Older versions' defaults.
	{"compatibility": "24.8"}, {"compatibility": "20.3"},
}

// questions are every detector in each of its formats, and the query of every shipped rule, by a name.
func questions(t *testing.T, table schema.Table, now time.Time) map[string]statement.Statement {
	t.Helper()
	site := detect.Site{Allowlist: []allowlist.Entry{{Domain: "allowed.example"}, {Process: "updater.exe", Device: "WS-1"}}, Indicators: indicators.Names(table.Database, schema.IndicatorsTable)}
	// What the ledger of names is asked is dear to plan: its own detector asks it, and one rule about cases.
	remembering := site
	remembering.Ledger = detect.Ledger{Table: listed.Quoted(table.Database, ledgertest.Table), Since: now.AddDate(0, 0, -40), Until: now}
	types := map[string]query.Type{}
	all := querytypes.At(site)
	for _, d := range all {
		types[d.Spec().Name] = d.Spec().Type()
	}
	made := map[string]statement.Statement{}
	ask := func(name, text string, window query.Window) {
		q, err := query.Decode([]byte(text), query.Options{Types: types, Range: window, Now: func() time.Time { return now }, Interval: time.Hour, RowLimit: 10_000})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		from := all
		if q.Type == repointed.Name || name == highRisk {
			from = querytypes.At(remembering)
		}
		for _, d := range from {
			if d.Spec().Name == q.Type {
				if made[name], err = d.Statement(q, table); err != nil {
					t.Fatalf("%s: %v", name, err)
				}
			}
		}
	}
	week := query.Window{From: now.AddDate(0, 0, -7), To: now}
	for _, d := range all {
		for _, format := range d.Spec().Formats {
			if d.Spec().Kind == detect.KindFindings && format != query.Table { // which are made of the same relation
				continue
			}
			ask(d.Spec().Name+" "+string(format), fmt.Sprintf(`{"queryType":%q,"format":%q}`, d.Spec().Name, format), week)
		}
	}
	for _, r := range rules(t) {
		for _, q := range r.Data {
			if !q.Decides() {
				continue
			}
			text, err := q.JSON()
			if err != nil {
				t.Fatal(err)
			}
			ask(r.UID, string(text), query.Window{From: now.Add(-time.Duration(q.Range.From) * time.Second), To: now.Add(-time.Duration(q.Range.To) * time.Second)})
		}
	}
	return made
}

// asker asks the questions as one user over one protocol.
type asker struct {
	as      string
	client  *clickhouse.Client
	inForce string
}

// inForce tells apart, by a hash, what all settings of ClickHouse are while a statement of the client runs, but for readonly,
// which only forbids, and query_cache_tag, by which devenv/clickhouse finds each statement again. It is empty where a setting
// forbids even to look.
func inForce(t *testing.T, client *clickhouse.Client) string {
	t.Helper()
	texts, err := client.Texts(t.Context(), statement.Statement{
		SQL:     "SELECT hex(SHA256(arrayStringConcat(arraySort(groupArray(concat(name, '=', value, toString(changed)))), '\\n'))) AS InForce FROM system.settings WHERE name NOT IN ('readonly', 'query_cache_tag')",
		Columns: []statement.Column{{Name: "InForce", Kind: statement.Text}},
	}, clickhouse.Origin{})
	if err != nil || len(texts) != 1 || len(texts[0]) != 1 {
		return ""
	}
	return texts[0][0]
}

// answered are the questions that were asked, by the settings that were in force.
type answered struct {
	mu   sync.Mutex
	asks map[[2]string]bool
}

// first says whether nobody has asked the question under the same settings.
func (a *answered) first(inForce, question string) bool {
	if inForce == "" {
		return true
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	key := [2]string{inForce, question}
	before := a.asks[key]
	a.asks[key] = true
	return !before
}

// alive are those who may ask at all under a setting. Whoever may not is told the setting.
func alive(t *testing.T, server chtest.Server, n int) []asker {
	t.Helper()
	var list []asker
	for _, protocol := range []settings.Protocol{settings.Native, settings.HTTP} {
		profile, fixed, custom := server.Settings(protocol), server.Settings(protocol), server.Settings(protocol)
		profile.Username, fixed.Username, custom.Custom = fmt.Sprintf("u%d", n), fmt.Sprintf("r%d", n), unusual[n]
		for as, s := range map[string]settings.Settings{"in a profile": profile, "in a profile with readonly=1": fixed, "in customSettings": custom} {
			as = fmt.Sprintf("%v %s over %s", unusual[n], as, protocol)
			client, err := clickhouse.New(s, nil)
			if err == nil {
				t.Cleanup(func() { _ = client.Close() })
				_, err = client.Probe(t.Context())
			}
			switch {
			case err == nil:
				list = append(list, asker{as, client, inForce(t, client)})
			case !namesOne(err, unusual[n]):
				t.Errorf("%s: the error names no setting: %v", as, err)
			}
		}
	}
	return list
}

// Whatever a profile or customSettings say, an answer is the same, or an error names the setting.
//
// A profile and customSettings come to a statement as the settings that are in force while it runs, and in no other way: what
// is pinned has its own value again by then. So what is asked under each setting alone is first which settings are in force.
// Where they are all the same, each with its value, as for somebody whose answer is known, the statement, the engine and the
// settings are the same, and one question serves to show it: each setting has its own, and they take turns. Where one
// is not the same, every question is asked, and those who come to the setting by several ways take turns: by what way it comes
// makes no difference to the question, and that it comes by each is asked of every setting in pkg/clickhouse. An older version's
// defaults are asked by all, for what is pinned of them may be left to the profile by one way and not by the other.
// No two settings of the list are ever in force together, so that none can hide what another does.
func TestNoSettingOfClickHouseChangesAnAnswerInSilence(t *testing.T) {
	var users []chtest.User
	for i, set := range unusual {
		fixed := maps.Clone(set)
		fixed["readonly"] = "1"
		users = append(users, chtest.User{Name: fmt.Sprintf("u%d", i), Settings: set}, chtest.User{Name: fmt.Sprintf("r%d", i), Settings: fixed})
	}
	server := chtest.Start(t, chtest.WithUsers(users...))
	server.CreateTable(t, settings.DefaultTable)
	now := time.Now()
	server.Insert(t, settings.DefaultTable, planted.Attack(now)...)
	server.Insert(t, settings.DefaultTable, planted.DynamicBeacon(now)...)
	server.Insert(t, settings.DefaultTable, planted.SlowBeacon(now)...)
	runstest.Keep(t, server)
	now = time.Now() // a run is of the last whole minute, which may have begun meanwhile
	client, err := clickhouse.New(server.Settings(settings.Native), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Close() }()
	described, err := client.Describe(t.Context(), server.Database, settings.DefaultTable)
	if err != nil {
		t.Fatal(err)
	}
	table, err := schema.Resolve(server.Database, settings.DefaultTable, nil, described)
	if err != nil {
		t.Fatal(err)
	}
	intaketest.Fill(t, server, intake.Feed{Source: "feed", Confidence: 90, Holds: 24 * time.Hour}, planted.BeaconURL+"\n")
	ledgertest.Fill(t, server)
	ledgertest.Move(t, server, planted.DynamicBeaconURL, planted.DynamicBeaconNetwork)
	asked, want := questions(t, table, now), map[string][]any{}
	for name, s := range asked {
		result, err := client.Query(t.Context(), s, clickhouse.Origin{})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if result.Rows == 0 && name != "fluxhound-detector-failing" {
			t.Errorf("%s finds nothing in the planted attack", name)
		}
		want[name] = result.Data
	}
	names := differing(asked)
	known := answered{asks: map[[2]string]bool{}}
	usual := inForce(t, client)
	if usual == "" {
		t.Fatal("the settings in force cannot be read")
	}
	if again := inForce(t, client); again != usual {
		t.Fatal("the settings in force differ from one statement of a client to the next: nothing can be told by them")
	}
	for _, name := range names {
		known.first(usual, name)
	}
	var unpinned atomic.Int64
	work := make(chan int)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for n := range work {
				askers := alive(t, server, n)
				asks := 0
				for i, name := range names {
					// The union is dear, and each of its parts is asked anyway: one format of it serves.
					union, ok := strings.CutPrefix(name, "alerts ")
					spared := ok && union != []string{"table", "numeric", "timeseries"}[n%3]
					turn := (n + i) % max(len(askers), 1)
					for at, by := range askers {
						switch {
						case i == n%len(names) && at == turn: // the setting's own question
						case at != turn && unusual[n]["compatibility"] == "", spared, !known.first(by.inForce, name):
							continue
						}
						asks++
						result, err := by.client.Query(t.Context(), asked[name], clickhouse.Origin{})
						switch {
						case err != nil && !namesOne(err, unusual[n]):
							t.Errorf("%s, %s: the error names no setting: %v", by.as, name, err)
						case err == nil:
							if diff := cmp.Diff(want[name], result.Data, cmpopts.EquateNaNs(), cmpopts.EquateEmpty()); diff != "" {
								t.Errorf("%s, %s: another answer (-want +got):\n%.2000s", by.as, name, diff)
							}
						}
					}
				}
				if asks > 1 {
					unpinned.Add(1)
				}
			}
		})
	}
	for n := range unusual {
		work <- n
	}
	close(work)
	all.Wait()
	// Limits and the defaults of older versions are the administrator's: were all found alike, nothing would be looked at.
	if n := unpinned.Load(); n < 10 || n == int64(len(unusual)) {
		t.Errorf("every question was asked under %d of %d settings: what is in force does not tell them apart", n, len(unusual))
	}
}

// differing are the names of the questions, sorted, without those whose statement another has as well: what a setting makes of it
// does not depend on its parameters' values.
func differing(asked map[string]statement.Statement) (names []string) {
	seen := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(asked)) {
		if text := asked[name].SQL; !seen[text] {
			seen[text] = true
			names = append(names, name)
		}
	}
	return names
}

// namesOne says whether a refusal names one of the settings.
func namesOne(err error, set map[string]string) bool {
	if fault := new(clickhouse.Error); !errors.As(err, &fault) && !errors.As(err, new(*settings.Error)) {
		return false
	}
	for name := range set {
		if strings.Contains(err.Error(), name) {
			return true
		}
	}
	return false
}
