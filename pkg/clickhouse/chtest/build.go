package chtest

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
)

// sourceDir finds devenv/clickhouse, from the test's package upwards.
func sourceDir() (string, error) {
	start, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for at := start; ; at = filepath.Dir(at) {
		dir := filepath.Join(at, "devenv", "clickhouse")
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		} else if !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
		if at == filepath.Dir(at) {
			return "", fmt.Errorf("devenv/clickhouse is in no folder above %s", start)
		}
	}
}

// built is what the first build of this process came to, for tests of one package do not change the server.
var built struct {
	once sync.Once
	path string
	err  error
}

// build compiles the server into the tree's folder bin, where the next test process finds it. Another checkout has its own.
func build(dir string) (string, error) {
	built.once.Do(func() { built.path, built.err = compile(dir) })
	return built.path, built.err
}

func compile(dir string) (string, error) {
	folder := filepath.Join(dir, "..", "..", "bin", "test")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return "", err
	}
	unlock, err := lock(filepath.Join(folder, "lock")) // go test runs packages at the same time
	if err != nil {
		return "", err
	}
	defer unlock()
	path := filepath.Join(folder, "clickhouse")
	command := exec.Command("go", "build", "-o", path, ".")
	command.Dir = dir
	command.Env = append(os.Environ(), "GOWORK=off")
	if output, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build devenv/clickhouse: %w\n%s", err, output)
	}
	return path, nil
}
