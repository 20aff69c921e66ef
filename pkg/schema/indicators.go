package schema

// Names of what stands beside a table of indicators, in the same database.
const (
	networksSuffix = "_networks"
	namesSuffix    = "_names"
)

// IndicatorsTable is the usual name of the table of indicators.
const IndicatorsTable = "indicators"

// IndicatorDictionaries returns the names of the two dictionaries on a table of indicators: of its networks, and of its names and URLs.
func IndicatorDictionaries(table string) (networks, names string) {
	return table + networksSuffix, table + namesSuffix
}

// IndicatorNames are the names in the definition of indicators.
type IndicatorNames struct {
	Table, Networks, Names string              // quoted as identifiers, with their database
	Text                   func(string) string // quotes a text
}

// IndicatorsDDL returns the statements that create the table of indicators and the dictionaries on it.
func IndicatorsDDL(n IndicatorNames) ([]string, error) {
	data := map[string]string{"Table": n.Table, "Networks": n.Networks, "Names": n.Names}
	for name, file := range map[string]string{"NetworksQuery": "indicator_networks_now.sql", "NamesQuery": "indicator_names_now.sql"} {
		query, err := render(file, data)
		if err != nil {
			return nil, err
		}
		data[name] = n.Text(query)
	}
	var statements []string
	for _, file := range []string{"indicators.sql", "indicator_networks.sql", "indicator_names.sql"} {
		text, err := render(file, data)
		if err != nil {
			return nil, err
		}
		statements = append(statements, text)
	}
	return statements, nil
}
