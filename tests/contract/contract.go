// Package contract holds what the front end's tests take for the back end's word, a JSON file each, and holds the back
// end to it: src/fixtures/contract.ts reads the files, and a Go test in each package that answers compares them.
package contract

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the contract with the front end anew; read the difference before you commit it")

// folder is where the files are, as seen from a test of a package pkg/<name>.
var folder = filepath.Join("..", "..", "tests", "contract")

// Check compares a value, as JSON, with a file of the contract. With -update it writes the file; a missing file fails.
func Check(t testing.TB, name string, value any) {
	t.Helper()
	var got bytes.Buffer
	encoder := json.NewEncoder(&got)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(value); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(folder, name)
	if *update {
		if err := os.WriteFile(file, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v; run the test with -update to write it", err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("%s (-want +got):\n%s\nRun the test with -update if the change is meant, and the front end's tests after it.", name, diff)
	}
}
