package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

func TestAttackPrintsALayer(t *testing.T) {
	var out, faults bytes.Buffer
	p := program{stdout: &out, stderr: &faults}
	if code := p.run(t.Context(), []string{"attack", "layer"}); code != exitOK {
		t.Fatalf("code %d: %s", code, faults.String())
	}
	var layer struct {
		Domain     string
		Techniques []any
	}
	if err := json.Unmarshal(out.Bytes(), &layer); err != nil || layer.Domain != "enterprise-attack" || len(layer.Techniques) == 0 {
		t.Errorf("%v: %s", err, out.String())
	}
	for _, arguments := range [][]string{{"attack"}, {"attack", "flow"}, {"attack", "layer", "x"}} {
		faults.Reset()
		if code := p.run(t.Context(), arguments); code != exitUsage || !strings.Contains(faults.String(), "fluxhound attack: ") {
			t.Errorf("%v: code %d: %s", arguments, code, faults.String())
		}
	}
}
