package query

import (
	"regexp"
	"slices"
	"strings"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/strictjson"
)

// own lists Fluxhound's fields.
var own = []string{"queryType", "format", "params", "filters", "limit", "allowlist", "details", "version"}

// grafanas lists those that Grafana adds to every query, whatever its data source: they pass unread.
var grafanas = []string{
	"adhocFilters", "adHocFilters", "app", "cacheDurationSeconds", "conditions", "datasource", "datasourceId", "datasourceUid", "expression", "fromAlert", "groupByKeys",
	"hasRefId", "hide", "interval", "intervalMs", "key", "maxDataPoints", "panelId", "pluginVersion", "queryCachingTTL", "queryLibraryRef", "reducer", "refId",
	"relativeTimeRange", "requestId", "resultAssertions", "savedQueryUid", "scenarioId", "scopedVars", "scopes", "settings", "timeRange", "timezone", "type", "window",
}

// others matches the fields that other data sources' queries are made of: what is left in a panel that was switched.
var others = regexp.MustCompile(`(?i)^(raw_?sql|raw_?query|sql|query|expr|editor_?(type|mode)|meta|builder_?options|selected_?format|data_?set|target|metrics?|bucketaggs|legendformat|instant|range|exemplar|alias|measurement|logql|jsonata|url|source|parser|root_selector|columns)$`)

// CheckFields refuses a query with a field that Decode would leave unread. It is for where a person types.
func CheckFields(data []byte) error {
	fields, err := object("query", data)
	if err != nil {
		return err
	}
	unread, err := unreadFields(fields)
	if err == nil && len(unread) > 0 {
		return unread[0]
	}
	return err
}

// unreadFields returns the fields that are neither Fluxhound's nor Grafana's, in their order. It refuses one that is
// probably Fluxhound's, mistyped: without it something else would be asked.
func unreadFields(fields raw) (unread []*Error, err error) {
	for _, name := range sortedKeys(fields) {
		switch likely := strictjson.Likely(name, own); {
		case slices.Contains(own, name), slices.Contains(grafanas, name), strings.HasPrefix(name, "__"):
		case others.MatchString(name):
			unread = append(unread, &Error{clip(name), "it belongs to another data source's query; what is asked here stands in queryType, params and filters"})
		case likely != "":
			return nil, refuse(clip(name), "unknown field; did you mean %s? %s", likely, oneOf(own))
		default:
			unread = append(unread, &Error{clip(name), "unknown field; " + oneOf(own)})
		}
	}
	return unread, nil
}
