package clickhouse

import (
	"context"
	"strings"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// Dictionary is a dictionary of autonomous systems as a lookup meets it.
type Dictionary struct {
	Layout            string // as system.dictionaries calls it, such as Trie; empty where the user may not see it
	ASNType, NameType string // of the attributes ASN and Name; empty where it lacks one
	Prefix            string // one of its keys; empty where it has none with an ASN
	ASN               int64  // what a lookup of that prefix's first address finds; 0 for nothing
}

// Dictionary looks up an address of a prefix that stands in the dictionary. The user needs dictGet, as for any lookup.
func (c *Client) Dictionary(ctx context.Context, database, name string) (Dictionary, error) {
	op := "read the dictionary " + name
	table := "dictionary(" + statement.Quoted(name) + ")"
	columns, err := c.query(ctx, op, request{more: true, Statement: statement.Statement{
		SQL: "DESCRIBE TABLE " + table, Columns: describedColumns("default_type"), RowLimit: maxColumns,
	}}, Origin{RefID: "health"})
	if err != nil {
		return Dictionary{}, err
	}
	var d Dictionary
	for i, column := range columns.text(0) {
		switch column {
		case "ASN":
			d.ASNType = columns.text(1)[i]
		case "Name":
			d.NameType = columns.text(1)[i]
		}
	}
	if d.Layout, err = c.layout(ctx, op, database, name); err != nil || d.ASNType != "UInt32" || columns.Rows == 0 || d.Layout != "" && d.Layout != "Trie" {
		return d, err
	}
	// The key comes first. A prefix of IPv4 is shown in its IPv4-mapped form.
	key := "toString(" + statement.Identifier(columns.text(0)[0]) + ")"
	found, err := c.query(ctx, op, request{Statement: statement.Statement{
		SQL: "SELECT " + key + " AS Prefix, toInt64(dictGetOrDefault({dictionary:String}, 'ASN', toIPv6OrDefault(splitByChar('/', Prefix)[1]), toUInt32(0))) AS Found" +
			" FROM " + table + " WHERE ASN != 0 LIMIT 1",
		Params:   []statement.Param{{Name: "dictionary", Type: "String", Value: name}},
		Columns:  []statement.Column{{Name: "Prefix", Kind: statement.Text}, {Name: "Found", Kind: statement.Integer}},
		RowLimit: 1,
	}}, Origin{RefID: "health"})
	if err == nil && found.Rows > 0 {
		d.Prefix, d.ASN = found.text(0)[0], found.integer(1)[0]
	}
	return d, err
}

// layout asks for the dictionary's layout, which a lookup has loaded.
func (c *Client) layout(ctx context.Context, op, database, name string) (string, error) {
	if own, rest, qualified := strings.Cut(name, "."); qualified {
		database, name = own, rest
	}
	result, err := c.query(ctx, op, request{Statement: statement.Statement{
		SQL: "SELECT type FROM system.dictionaries WHERE database = {database:String} AND name = {name:String}",
		Params: []statement.Param{
			{Name: "database", Type: "String", Value: database}, {Name: "name", Type: "String", Value: name},
		},
		Columns:  []statement.Column{{Name: "type", Kind: statement.Text}},
		RowLimit: 1,
	}}, Origin{RefID: "health"})
	if err != nil || result.Rows == 0 {
		return "", nil // it only names a fault that the lookup itself would show
	}
	return result.text(0)[0], nil
}
