package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/fluxhound/fluxhound-detections-datasource/devenv/clickhouse/engine"
)

// identity is what the engine says of itself.
type identity struct {
	version  string // such as 26.7.2.1
	numbers  [3]int // the first three of it
	timezone string
	host     string
}

func identify(ctx context.Context, running *engine.Engine) (identity, error) {
	const question = "SELECT version(), timezone(), displayName()"
	answer, err := running.Control(ctx, question, "JSONCompactEachRow")
	if err != nil {
		return identity{}, fmt.Errorf("ask the engine who it is: %w", err)
	}
	var columns []string
	if err := json.Unmarshal(answer, &columns); err != nil || len(columns) != 3 {
		return identity{}, fmt.Errorf("ask the engine who it is: unexpected answer %q: %w", answer, err)
	}
	who := identity{version: columns[0], timezone: columns[1], host: columns[2]}
	if _, err := fmt.Sscanf(who.version, "%d.%d.%d", &who.numbers[0], &who.numbers[1], &who.numbers[2]); err != nil {
		return identity{}, fmt.Errorf("read the engine's version %q: %w", who.version, err)
	}
	return who, nil
}
