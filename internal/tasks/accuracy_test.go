package tasks

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFoldersBehindAccuracyAreNoTargets(t *testing.T) {
	for _, c := range []struct{ line, left, folders []string }{
		{[]string{"mage", "accuracy"}, []string{"mage", "accuracy"}, nil},
		{[]string{"mage", "-v", "Accuracy", "a", "b c"}, []string{"mage", "-v", "Accuracy"}, []string{"a", "b c"}},
		{[]string{"mage", "hunt", "logs"}, []string{"mage", "hunt", "logs"}, nil},
		{[]string{"mage"}, []string{"mage"}, nil},
	} {
		t.Setenv(foldersVariable, "")
		if diff := cmp.Diff(c.left, TakeFolders(c.line)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", c.line, diff)
		}
		var folders []string
		if text := os.Getenv(foldersVariable); text != "" {
			folders = filepath.SplitList(text)
		}
		if diff := cmp.Diff(c.folders, folders); diff != "" {
			t.Errorf("folders of %q (-want +got):\n%s", c.line, diff)
		}
	}
}
