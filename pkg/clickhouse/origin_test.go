package clickhouse

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAnOriginIsAShortJSONComment(t *testing.T) {
	full := Origin{User: "alice", Dashboard: "soc-wall", Panel: "3", Rule: "r1", RefID: "A", Detector: "beaconing"}
	const want = `{"app":"fluxhound","user":"alice","dashboard":"soc-wall","panel":"3","rule":"r1","refId":"A","detector":"beaconing"}`
	if diff := cmp.Diff(want, full.comment()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if diff := cmp.Diff(`{"app":"fluxhound"}`, Origin{}.comment()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	for name, text := range map[string]string{
		"long": strings.Repeat("x", 1<<20), "control characters": strings.Repeat("\x01", 1<<20), "not ASCII": strings.Repeat("🦊", 1<<20),
		"not UTF-8": strings.Repeat("\xff", 1<<20), "quotes": strings.Repeat(`"'\`, 1<<20),
	} {
		t.Run(name, func(t *testing.T) {
			comment := Origin{User: text, Dashboard: text, Panel: text, Rule: text, RefID: text, Detector: text}.comment()
			if len(comment) > 2500 || !json.Valid([]byte(comment)) {
				t.Errorf("%d bytes: %.200s", len(comment), comment)
			}
		})
	}
}
