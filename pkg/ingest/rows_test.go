package ingest

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/fluxhound/fluxhound-detections-datasource/sources"
)

// Records are told quicker where the one before had the same fields, and never otherwise.
func TestFieldsAloneTellTheSameLog(t *testing.T) {
	list, err := Load(sources.Files)
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	for _, source := range list {
		known := []string{"other"}
		values := []string{"", "some", `{"a":"b"}`}
		for _, log := range source.Logs {
			for _, m := range log.Match {
				known = append(append(known, m.Keys...), m.Absent...)
				for key, texts := range m.Equals {
					known, values = append(known, key), append(values, texts...)
				}
				for key := range m.Like {
					known = append(known, key)
				}
			}
		}
		for _, key := range known { // what it may lie in
			known = append(known, aboves(key)...)
			if at := slices.Index([]byte(key), '.'); at > 0 {
				values = append(values, `{"`+key[at+1:]+`":"some"}`)
			}
		}
		var told lastTold
		sure := 0
		for range 2000 {
			var record fields
			for range random.IntN(6) {
				record.keys, record.values = append(record.keys, known[random.IntN(len(known))]), append(record.values, "")
			}
			for range 3 {
				for i := range record.values {
					record.values[i] = values[random.IntN(len(values))]
				}
				want, got := source.logOf(&record), told.logOf(source, &record)
				if want != got {
					t.Fatalf("%s: %v is %v, and by its fields %v", source.Name, record, want, got)
				}
				if told.sure {
					sure++
				}
			}
		}
		if sure == 0 {
			t.Errorf("%s: no record was told by its fields", source.Name)
		}
	}
}
