// Package liststest names lists to data sources of tests.
package liststest

import (
	"encoding/json"
	"testing"
)

// With adds a list's table to a data source's jsonData, beside those of other lists.
func With(t testing.TB, jsonData []byte, list, table string) []byte {
	t.Helper()
	stored := map[string]any{}
	if err := json.Unmarshal(jsonData, &stored); err != nil {
		t.Fatal(err)
	}
	tables, _ := stored["listTables"].(map[string]any)
	if tables == nil {
		tables = map[string]any{}
	}
	tables[list] = table
	stored["listTables"] = tables
	text, err := json.Marshal(stored)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
