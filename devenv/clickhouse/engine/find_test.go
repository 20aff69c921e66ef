package engine

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The library is looked for in node_modules upwards from the working directory; the variable goes before.
func TestFindLibrary(t *testing.T) {
	t.Setenv(LibraryVariable, "")
	root := t.TempDir()
	below := filepath.Join(root, "devenv", "clickhouse")
	library := filepath.Join(root, "node_modules", "@chdb", platformPackage(), "libchdb.so")
	for _, dir := range []string{below, filepath.Dir(library)} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := FindLibrary(below); !errors.Is(err, ErrLibraryMissing) || !strings.Contains(err.Error(), "npm ci") {
		t.Errorf("without a library: want ErrLibraryMissing and what to run, got %v", err)
	}
	if err := os.WriteFile(library, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := FindLibrary(below); got != library || err != nil {
		t.Errorf("in node_modules: want %s, got %s, %v", library, got, err)
	}
	other := filepath.Join(root, "other.so")
	t.Setenv(LibraryVariable, other)
	if _, err := FindLibrary(below); !errors.Is(err, ErrLibraryMissing) || !strings.Contains(err.Error(), other) {
		t.Errorf("variable to nothing: want ErrLibraryMissing with the path, got %v", err)
	}
	if err := os.WriteFile(other, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := FindLibrary(below); got != other || err != nil {
		t.Errorf("variable: want %s, got %s, %v", other, got, err)
	}
}
