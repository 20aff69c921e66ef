package hosttest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// Build returns the path of a program of this tree, compiled once a test process into the tree's folder bin, for another
// checkout may have another program of that name. dir is a folder of the program's module, empty for the test's own.
// Test processes of several packages may build the same program at the same time: each renames its own file into place,
// so that nobody starts half a file.
func Build(t testing.TB, name, dir, pkg string) string {
	t.Helper()
	once, _ := builds.LoadOrStore(name, sync.OnceValues(func() (string, error) { return compile(name, dir, pkg) }))
	path, err := once.(func() (string, error))()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// builds holds what each build of this process came to, by the program's name: a tree does not change under its tests.
var builds sync.Map

func compile(name, dir, pkg string) (string, error) {
	root, err := tree()
	if err != nil {
		return "", fmt.Errorf("find a folder for %s: %w", name, err)
	}
	folder := filepath.Join(root, "bin", "test")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return "", fmt.Errorf("make a folder for %s: %w", name, err)
	}
	path := filepath.Join(folder, name)
	own := fmt.Sprintf("%s.%d", path, os.Getpid())
	command := exec.Command("go", "build", "-o", own, pkg)
	command.Dir = dir
	if output, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build %s: %w\n%s", name, err, output)
	}
	return path, os.Rename(own, path)
}

// tree is the checkout that the test's package is in.
func tree() (string, error) {
	start, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for at := start; ; at = filepath.Dir(at) {
		if _, err := os.Stat(filepath.Join(at, "Magefile.go")); err == nil {
			return at, nil
		}
		if at == filepath.Dir(at) {
			return "", fmt.Errorf("there is no Magefile.go in %s or above", start)
		}
	}
}
