package catalog

import (
	_ "embed"
	"encoding/json"
	"fmt"
)

// Shipped is what one query of an alert rule that ships asks.
type Shipped struct {
	Rule      string          `json:"rule"` // its title
	QueryType string          `json:"queryType"`
	Format    string          `json:"format"`
	Params    json.RawMessage `json:"params"` // null for the defaults
	// LookbackSeconds is how much time is looked at, EverySeconds how often.
	LookbackSeconds int `json:"lookbackSeconds"`
	EverySeconds    int `json:"everySeconds"`
}

// shippedJSON is a copy of what provisioning/alerting asks: a test of internal/alertrules holds both equal.
//
//go:embed shipped.json
var shippedJSON []byte

// ShippedRules returns the queries of the alert rules that ship, for whoever has to prove that they can be answered.
func ShippedRules() []Shipped {
	var rules []Shipped
	if err := json.Unmarshal(shippedJSON, &rules); err != nil {
		panic(fmt.Sprintf("read shipped.json: %v", err)) // a programmer's error: the file is part of the program
	}
	return rules
}
