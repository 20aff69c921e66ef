package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	driver "github.com/ClickHouse/clickhouse-go/v2"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// pin is a setting of ClickHouse by which a statement would mean something else, or be answered from a part: what it must
// be, whatever the user's profile says.
type pin struct {
	name, value string
	why         string // what another value would do; it ends a sentence that begins with the name
	alias       string // another name of the same setting
	since       string // the version that brought it; empty for one that the oldest supported version has
	own         bool   // the data source's customSettings may say otherwise: the statement then means what they say
	compared    bool   // it cannot be sent, or undoing it would be worse: a user for whom it differs is refused
}

// pinned are all such settings, found by reading system.settings of ClickHouse 26.7 and by running every detector under each
// of its settings. Limits that make a statement fail are not among them: they are the administrator's, and their error
// is told as it is.
var pinned = slices.Concat(pinnedToWhole, pinnedRows, pinnedNulls, pinnedNames, pinnedFunctions, pinnedAnswers)

// What lets ClickHouse answer from a part of the data without a word.
var pinnedToWhole = []pin{
	{name: "read_overflow_mode", value: "throw", why: partial}, {name: "read_overflow_mode_leaf", value: "throw", why: partial},
	{name: "group_by_overflow_mode", value: "throw", why: partial}, {name: "sort_overflow_mode", value: "throw", why: partial},
	{name: "distinct_overflow_mode", value: "throw", why: partial}, {name: "join_overflow_mode", value: "throw", why: partial},
	{name: "set_overflow_mode", value: "throw", why: partial}, {name: "transfer_overflow_mode", value: "throw", why: partial},
	{name: "result_overflow_mode", value: "throw", why: partial}, {name: "timeout_overflow_mode", value: "throw", why: partial},
	{name: "timeout_overflow_mode_leaf", value: "throw", why: partial},
	{name: "limit", value: "0", why: "would cut every answer"},
	{name: "offset", value: "0", why: "would leave out the first rows of every answer"},
	{name: "additional_result_filter", why: "would leave rows out of every answer"},
	{name: "additional_table_filters", value: "{}", compared: true, why: "leaves events out of every answer; a row policy (CREATE ROW POLICY) does the same and holds for every table that is made of them"},
	{name: "partial_result_on_first_cancel", value: "0", why: partial},
	{name: "skip_unavailable_shards", value: "0", why: "would leave out whole shards"},
	{name: "distributed_group_by_no_merge", value: "0", why: "would give one answer for each shard"},
	{name: "distributed_product_mode", value: "deny", why: "would join each shard with itself alone"},
	{name: "optimize_skip_unused_shards", value: "0", own: true, why: "would leave out shards wherever events do not lie where the sharding key says"},
	{name: "max_replica_delay_for_distributed_queries", value: "300", own: true, why: "would answer from a replica that lacks events"},
	{name: "parallel_replicas_count", value: "0", why: "would read a part of the table"},
	{name: "parallel_replica_offset", value: "0", why: "would read a part of the table"},
	{name: "parallel_replicas_custom_key", why: "would read parts of the table by a key that may not cover it"},
	{name: "parallel_replicas_for_non_replicated_merge_tree", value: "0", why: "would take servers with different events for replicas"},
	{name: "ignore_cold_parts_seconds", value: "0", why: "would leave out the newest events"},
	{name: "optimize_trivial_approximate_count_query", value: "0", why: "would count by estimate"},
	{name: "checksum_on_read", value: "1", why: "would read damaged data"},
}

const partial = "would let an answer come from a part of the data"

// What decides which rows a table has.
var pinnedRows = []pin{
	{name: "final", value: "0", own: true, why: "would merge rows of the same key; where that is wanted, as for a ReplacingMergeTree, set it under customSettings"},
	{name: "do_not_merge_across_partitions_select_final", value: "0", own: true, why: "would keep rows of the same key in different partitions"},
	{name: "use_skip_indexes_if_final_exact_mode", value: "1", since: "25.5", why: "would show rows that a newer one replaced"},
	{name: "apply_row_policy_after_final", value: "1", since: "25.10", why: "would show rows that a newer one replaced"},
	{name: "apply_prewhere_after_final", value: "0", since: "25.12", own: true, why: "would decide anew which rows are merged"},
	{name: "apply_deleted_mask", value: "1", why: "would show deleted rows"},
	{name: "apply_patch_parts", value: "1", since: "25.5", why: "would show rows as they were before their update"},
	{name: "optimize_using_constraints", value: "0", why: "would take the table's constraints for true of every row"},
	{name: "optimize_substitute_columns", value: "0", why: "would take the table's constraints for true of every row"},
	{name: "optimize_append_index", value: "0", why: "would take the table's constraints for true of every row"},
}

// What is made of nothing: of a join, a group or a list without a value.
var pinnedNulls = []pin{
	{name: "join_use_nulls", value: "0", why: "would change what a join gives where there is no match"},
	{name: "join_default_strictness", value: "ALL", why: "would change what a join gives"},
	{name: "any_join_distinct_right_table_keys", value: "0", why: "would change what a join gives"},
	{name: "join_any_take_last_row", value: "0", why: "would change what a join gives"},
	{name: "transform_null_in", value: "0", why: "would let IN find NULL"},
	{name: "aggregate_functions_null_for_empty", value: "0", why: "would make aggregates of nothing NULL"},
	{name: "group_by_use_nulls", value: "0", why: "would make keys of groups NULL"},
	{name: "empty_result_for_aggregation_by_empty_set", value: "0", why: "would give no row where none matches"},
	{name: "empty_result_for_aggregation_by_constant_keys_on_empty_set", value: "1", why: "would give a row where there is no group"},
	{name: "cast_keep_nullable", value: "0", why: "would change the types of columns"},
	{name: "data_type_default_nullable", value: "0", why: "would change the types of columns"},
	{name: "least_greatest_legacy_null_behavior", value: "0", since: "24.12", why: "would change what least and greatest make of NULL"},
}

// What a name or a part of a statement stands for.
var pinnedNames = []pin{
	{name: "dialect", value: "clickhouse", why: "would read statements as another language"},
	{name: "allow_experimental_analyzer", alias: "enable_analyzer", value: "1", why: "(enable_analyzer) would read names in statements by older rules"},
	{name: "analyzer_compatibility_join_using_top_level_identifier", value: "0", why: "would take names in joins for others"},
	{name: "analyzer_compatibility_prefer_alias_over_subcolumn", value: "0", since: "26.6", why: "would take names for others"},
	{name: "analyzer_compatibility_allow_non_aggregate_in_having", value: "0", since: "26.7", why: "would move conditions"},
	{name: "prefer_column_name_to_alias", value: "0", why: "would take names for others"},
	{name: "single_join_prefer_left_table", value: "1", why: "would take names for others"},
	{name: "enable_global_with_statement", value: "1", why: "would not find names of WITH"},
	{name: "enable_scopes_for_with_statement", value: "1", since: "25.4", why: "would take names of WITH for others"},
	{name: "enable_positional_arguments", value: "1", why: "would change what a number in GROUP BY means"},
	{name: "union_default_mode", why: "would change what UNION gives"},
	{name: "intersect_default_mode", value: "ALL", why: "would change what INTERSECT gives"},
	{name: "except_default_mode", value: "ALL", why: "would change what EXCEPT gives"},
	{name: "asterisk_include_alias_columns", value: "0", why: "would change what * stands for"},
	{name: "asterisk_include_materialized_columns", value: "0", why: "would change what * stands for"},
	{name: "asterisk_include_virtual_columns", value: "0", since: "26.4", why: "would change what * stands for"},
	{name: "implicit_select", value: "0", since: "24.10", why: "would read statements otherwise"},
	{name: "implicit_table_at_top_level", since: "25.5", why: "would read a table where none is named"},
	{name: "describe_compact_output", value: "0", why: "would leave out columns of a table's description"},
	{name: "describe_include_subcolumns", value: "0", why: "would add columns to a table that it does not have"},
	{name: "describe_include_virtual_columns", value: "0", why: "would add columns to a table that it does not have"},
}

// What functions give.
var pinnedFunctions = []pin{
	{name: "count_distinct_implementation", value: "uniqExact", why: "would count by estimate"},
	{name: "cast_ipv4_ipv6_default_on_conversion_error", value: "0", why: "would take what is no address for 0.0.0.0"},
	{name: "date_time_output_format", value: "simple", compared: true, why: "writes times otherwise"},
	{name: "date_time_overflow_behavior", value: "ignore", why: "would change times that are out of range"},
	{name: "session_timezone", why: "would change where hours and days begin"},
	{name: "enable_extended_results_for_datetime_functions", value: "0", why: "would change the types of times"},
	{name: "function_date_trunc_return_type_behavior", value: "0", since: "25.4", why: "would change the types of times"},
	{name: "splitby_max_substrings_includes_remaining_string", value: "0", why: "would cut texts otherwise"},
	{name: "short_circuit_function_evaluation", value: "enable", why: "would run what a condition excludes"},
	{name: "enable_named_columns_in_function_tuple", value: "0", why: "would change the types of tuples"},
	{name: "enable_unaligned_array_join", value: "0", why: "would fill up lists of different lengths"},
	{name: "decimal_check_overflow", value: "1", why: "would let numbers wrap"},
	{name: "allow_hyperscan", value: "1", why: "would forbid the search for many names at once"},
	{name: "max_hyperscan_regexp_length", value: "0", why: "would forbid the search for many names at once"},
	{name: "max_hyperscan_regexp_total_length", value: "0", why: "would forbid the search for many names at once"},
	{name: "optimize_if_transform_strings_to_enum", value: "0", why: "would change texts on a cluster of several versions"},
	{name: "convert_query_to_cnf", value: "0", why: "would rewrite conditions"},
	{name: "query_plan_convert_join_to_in", value: "0", since: "25.4", why: "would rewrite joins, perhaps wrongly"},
	{name: "rewrite_in_to_join", value: "0", since: "25.10", why: "would rewrite conditions"},
}

// How an answer is made and sent.
var pinnedAnswers = []pin{
	{name: "use_query_cache", value: "0", why: "would give answers of a minute ago, and refuses statements that depend on the time"},
	{name: "query_cache_for_subqueries", value: "0", since: "26.5", why: "would give answers of a minute ago"},
	{name: "extremes", value: "0", why: "would add rows to every answer"},
	{name: "inject_random_order_for_select_without_order_by", value: "0", since: "25.10", why: "would shuffle rows"},
	{name: "discard_query_data", value: "0", since: "26.7", why: "would leave every answer empty"},
	{name: "output_format_native_encode_types_in_binary_format", value: "0", compared: true, why: "writes answers in a form that cannot be read"},
	{name: "implicit_transaction", value: "0", why: "would read what another transaction sees"},
	{name: "ast_fuzzer_runs", value: "0", since: "26.2", why: "would run random statements too"},
}

// lookedUp are the settings that a server is asked for: whether it has them, or what they are.
func lookedUp() []string {
	var names []string
	for _, p := range pinned {
		if p.since != "" || p.compared {
			names = append(names, p.name)
		}
	}
	return names
}

// always are the pins that every supported server knows. They go with whatever is sent, so that not even the first
// question on a connection is answered under other rules.
func (c *Client) always() driver.Settings {
	set := driver.Settings{}
	for _, p := range pinned {
		if p.since == "" && !p.compared {
			set[p.name] = c.wanted(p)
		}
	}
	return set
}

// Meaning renders the settings that keep a statement's meaning, and bound it, for a statement that ClickHouse runs by itself: name =
// value, separated by commas. A setting that the server does not know is left out.
func (c *Client) Meaning(ctx context.Context) (string, error) {
	server, err := c.access(ctx, "ask what ClickHouse sets")
	if err != nil {
		return "", err
	}
	set := c.always()
	maps.Copy(set, c.newer(server))
	for _, name := range unviewable {
		delete(set, name)
	}
	maps.Copy(set, c.bounds())
	set["max_memory_usage"] = uint64(jobMemory)
	for name, value := range c.settings.Custom {
		set[name] = value
	}
	var texts []string
	for _, name := range slices.Sorted(maps.Keys(set)) {
		value := fmt.Sprint(set[name])
		if _, err := strconv.ParseUint(value, 10, 64); err != nil { // a number is none in quotes
			value = statement.Quoted(value)
		}
		texts = append(texts, name+" = "+value)
	}
	return strings.Join(texts, ", "), nil
}

// jobMemory is what a statement that ClickHouse runs by itself may use: all that it finds is held until it is written.
const jobMemory = 4 << 30

// unviewable are pins that a view cannot carry: they are the session's.
var unviewable = []string{"dialect", "implicit_transaction", "implicit_table_at_top_level"}

// newer are the pins that this server knows and an older one may not.
func (c *Client) newer(server Server) driver.Settings {
	set := driver.Settings{}
	for _, p := range pinned {
		if _, known := server.lookedUp[p.name]; known && !p.compared {
			set[p.name] = c.wanted(p)
		}
	}
	return set
}

func (c *Client) wanted(p pin) string {
	if value, ok := c.settings.Custom[p.name]; ok && p.own {
		return value
	}
	return p.value
}

// checkCustom refuses customSettings that would undo a pin.
func checkCustom(custom map[string]string) error {
	for _, p := range pinned {
		for _, name := range []string{p.name, p.alias} {
			value, ok := custom[name]
			if !ok || p.own || same(value, p.value) {
				continue
			}
			return &settings.Error{Field: "customSettings", Reason: fmt.Sprintf("%s must stay %q, for another value %s; remove the entry", name, p.value, p.why)}
		}
	}
	return nil
}

// same says whether two texts are one value of a setting.
func same(a, b string) bool {
	plain := func(value string) string {
		switch value = strings.ToLower(strings.TrimSpace(value)); value {
		case "true":
			return "1"
		case "false":
			return "0"
		default:
			return value
		}
	}
	return plain(a) == plain(b)
}

// refusal is the error of a user whose profile sets what cannot be sent; nil for one who may ask.
func (s Server) refusal(op string) error {
	for _, p := range pinned {
		if value, known := s.lookedUp[p.name]; known && p.compared && !same(value, p.value) {
			return &Error{
				Category: Permission, Op: op, Err: fmt.Errorf("the user's profile sets %s, which %s", p.name, p.why),
				Hint: fmt.Sprintf("Remove %s from the profile of ClickHouse's user, or use another user.", p.name),
			}
		}
	}
	return nil
}

// unaskable are settings under which ClickHouse cannot even be asked which settings it has.
const unaskable = "dialect, implicit_table_at_top_level, implicit_transaction, inject_random_order_for_select_without_order_by and output_format_native_encode_types_in_binary_format"

// explainAsking tells, where the first question on a connection fails in an odd way, what may be behind it.
func explainAsking(err error) error {
	fault := new(Error)
	if !errors.As(err, &fault) || !is[*driver.Exception](err) || fault.Category != Query && fault.Category != Schema || fault.Hint == tooOldHint {
		return err
	}
	told := *fault
	told.Hint = "ClickHouse cannot be asked which settings the user has: look whether the user's profile sets one of " + unaskable + ", and remove it."
	return &told
}

// pinIn finds the pin that ClickHouse's refusal names.
func pinIn(message string) (pin, bool) {
	for _, p := range pinned {
		for _, quoted := range []string{"'" + p.name + "'", " " + p.name + " "} {
			if strings.Contains(message, quoted) {
				return p, true
			}
		}
	}
	return pin{}, false
}
