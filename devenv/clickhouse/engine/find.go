package engine

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// LibraryVariable names the environment variable that says where libchdb.so is.
const LibraryVariable = "CHDB_LIB_PATH"

// ErrLibraryMissing is returned, wrapped, when libchdb.so is nowhere to be found.
var ErrLibraryMissing = errors.New("libchdb.so, the ClickHouse engine, is missing")

// FindLibrary says where libchdb.so is: the file CHDB_LIB_PATH names, else the npm package of this platform in the
// nearest node_modules at or above dir. It returns ErrLibraryMissing with what to run when neither is there.
func FindLibrary(dir string) (string, error) {
	if path := os.Getenv(LibraryVariable); path != "" {
		if _, err := os.Stat(path); err != nil {
			return "", fmt.Errorf("%w: %s names %s: %w; unset it, or set it to the file", ErrLibraryMissing, LibraryVariable, path, err)
		}
		return path, nil
	}
	start, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("find libchdb.so from %s: %w", dir, err)
	}
	for at := start; ; at = filepath.Dir(at) {
		path := filepath.Join(at, "node_modules", "@chdb", platformPackage(), "libchdb.so")
		if _, err := os.Stat(path); err == nil {
			return path, nil
		}
		if at == filepath.Dir(at) {
			return "", fmt.Errorf("%w: looked for node_modules/@chdb/%s in %s and every folder above; run `npm ci` in the project's root, or set %s to the file",
				ErrLibraryMissing, platformPackage(), start, LibraryVariable)
		}
	}
}

// platformPackage is the npm package that carries the engine for this platform, by Node's names for it.
func platformPackage() string {
	arch := map[string]string{"amd64": "x64"}[runtime.GOARCH]
	if arch == "" {
		arch = runtime.GOARCH
	}
	if runtime.GOOS == "linux" {
		return "lib-linux-" + arch + "-gnu"
	}
	return "lib-" + runtime.GOOS + "-" + arch
}
