package settings

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/strictjson"
)

// grafanas lists fields that Grafana itself keeps in a data source's jsonData, whatever its type: they pass unread.
var grafanas = []string{
	"alertmanagerUid", "allowAsRecordingRulesTarget", "authType", "azureCredentials", "defaultRegion", "disableGrafanaCache", "disableMetricsLookup",
	"disableRecordingRules", "enableSecureSocksProxy", "httpMethod", "implementation", "keepCookies", "manageAlerts", "oauthPassThru", "pdcInjected", "pluginVersion",
	"profile", "prometheusType", "prometheusVersion", "queryCachingTTL", "readOnly", "secureSocksProxyUsername", "sigV4Auth", "sigV4AuthType", "sigV4Region",
	"teamHttpHeaders", "timeInterval", "usageInsights",
}

// grafanasNumbered are those of which there may be several, such as httpHeaderName1.
var grafanasNumbered = regexp.MustCompile(`^httpHeaderName[0-9]+$`)

// aliases are fields of other ClickHouse data sources that mean the same here.
var aliases = map[string]string{
	"server": "host", "user": "username", "defaultDatabase": "database", "defaultTable": "table", "encrypt": "secure",
	"insecureSkipVerify": "tlsSkipVerify",
}

// elsewhere are their fields that mean nothing here, with what is said instead.
var elsewhere = map[string]string{
	"timeout":               "it is called dialTimeout or queryTimeout here",
	"rowCapacityHint":       "rowLimit bounds the rows here",
	"enableRowLimit":        "rowLimit always holds here",
	"schemaCacheTTLSeconds": "cacheTTL is how long answers are shared here",
	"httpHeaders":           "no headers of one's own are sent to ClickHouse",
	"forwardGrafanaHeaders": "Grafana's headers are not sent to ClickHouse",
	"validateSql":           "nobody writes SQL here",
	"logs":                  "the columns are mapped under columns here",
	"traces":                "there are no traces here",
	"aliasTables":           "a table of other column names is mapped under columns here",
}

// weighty are the settings without which a statement would go over an open line, or to other data: a name that is
// probably one of them is refused everywhere, and not only where a person looks.
var weighty = []string{"secure", "tlsAuth", "tlsAuthWithCACert", "database", "table", "columns"}

// known returns the fields that are ours, under our names, and those that are nobody's: they change nothing, and are told.
// It refuses a name where leaving it out would change what is asked or how.
func known(fields map[string]json.RawMessage) (map[string]json.RawMessage, []*Error, error) {
	ours := strictjson.Names(jsonData{})
	kept := map[string]json.RawMessage{}
	var ignored []*Error
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		own, alias := aliases[name]
		_, given := fields[own]
		likely := strictjson.Likely(name, ours)
		_, likelyGiven := fields[likely]
		switch {
		case slices.Contains(ours, name):
			kept[name] = fields[name]
		case slices.Contains(grafanas, name) || grafanasNumbered.MatchString(name):
		case alias && !given && !taken(kept, own):
			kept[own] = fields[name]
		case alias:
			ignored = append(ignored, &Error{name, fmt.Sprintf("it is called %s here, which is given too", own)})
		case elsewhere[name] != "":
			ignored = append(ignored, &Error{name, "there is no such setting: " + elsewhere[name]})
		case strings.EqualFold(name, likely):
			return nil, nil, refuse(name, "it must be written %s", likely)
		case slices.Contains(weighty, likely) && !likelyGiven:
			return nil, nil, refuse(name, "there is no such setting; did you mean %s?", likely)
		case likely != "":
			ignored = append(ignored, &Error{name, fmt.Sprintf("there is no such setting; did you mean %s?", likely)})
		default:
			ignored = append(ignored, &Error{name, "there is no such setting; remove it"})
		}
	}
	return kept, ignored, nil
}

func taken(fields map[string]json.RawMessage, name string) bool {
	_, ok := fields[name]
	return ok
}

// qualified is a table with its database in front, each perhaps in ClickHouse's quotes.
var qualified = regexp.MustCompile("^(?:([^.`\"]+)|`([^`]+)`|\"([^\"]+)\")\\.(?:([^.`\"]+)|`([^`]+)`|\"([^\"]+)\")$")

// quoted is a table alone in quotes, which may have a dot in its name.
var quoted = regexp.MustCompile("^(?:`([^`]+)`|\"([^\"]+)\")$")

// located takes a table that is written with its database in front apart. field is the setting that it stands in.
func located(field, table, database string) (inDatabase, name string, err error) {
	if alone := quoted.FindStringSubmatch(table); alone != nil {
		return database, alone[1] + alone[2], nil
	}
	parts := qualified.FindStringSubmatch(table)
	if parts == nil {
		return database, table, nil
	}
	of, name := parts[1]+parts[2]+parts[3], parts[4]+parts[5]+parts[6]
	if database != "" && database != of {
		return "", "", refuse(field, "%q names the database %s, but the setting database is %s; give one of them (a dot that is part of the table's name stands in backquotes: `%s`)", table, of, database, table)
	}
	return of, name, nil
}
