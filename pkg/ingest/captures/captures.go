// Package captures finds the captures of real traffic, which are no part of the project.
package captures

import (
	"os"
	"path/filepath"
	"testing"
)

// Beside returns the folder shared/captures beside a folder or above it; the empty text where there is none.
func Beside(folder string) string {
	at, err := filepath.Abs(folder)
	if err != nil {
		return ""
	}
	for ; at != filepath.Dir(at); at = filepath.Dir(at) {
		found := filepath.Join(filepath.Dir(at), "shared", "captures")
		if info, err := os.Stat(found); err == nil && info.IsDir() {
			return found
		}
	}
	return ""
}

// Folder is Beside the test's package. Where there is none, the test is skipped: `go tool mage test` says so.
func Folder(t testing.TB) string {
	t.Helper()
	folder := Beside(".")
	if folder == "" {
		t.Skip("NOT RUN: there is no folder shared/captures, the real traffic, beside the project")
	}
	return folder
}
