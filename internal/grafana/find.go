// Package grafana runs a Grafana on loopback with the plugin in it, for people who look at the demo and for the
// end-to-end tests.
package grafana

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// Environment variables that say which Grafana to use.
const (
	HomeVariable = "GRAFANA_HOME" // the folder of an installed Grafana, with bin/grafana and conf in it
	URLVariable  = "GRAFANA_URL"  // a Grafana that runs already, with the plugin
)

// ErrMissing says that there is no Grafana, and how to get one.
var ErrMissing = errors.New("there is no Grafana: unpack one from https://grafana.com/grafana/download and set GRAFANA_HOME to its folder, or run `docker compose up`")

// Available reports whether the environment names a Grafana to test with.
func Available() bool { return os.Getenv(HomeVariable) != "" || os.Getenv(URLVariable) != "" }

// Find returns the home of the Grafana that GRAFANA_HOME names, or that the grafana on the PATH belongs to. It returns
// ErrMissing when there is none.
func Find() (string, error) {
	if home := os.Getenv(HomeVariable); home != "" {
		if err := check(home); err != nil {
			return "", fmt.Errorf("%s is %s: %w", HomeVariable, home, err)
		}
		return home, nil
	}
	path, err := exec.LookPath("grafana")
	if err != nil {
		return "", ErrMissing
	}
	if path, err = filepath.EvalSymlinks(path); err != nil {
		return "", fmt.Errorf("find Grafana's home: %w", err)
	}
	// Archives have bin/grafana in the home; Debian's package keeps the home apart.
	for _, home := range []string{filepath.Dir(filepath.Dir(path)), "/usr/share/grafana"} {
		if check(home) == nil {
			return home, nil
		}
	}
	return "", fmt.Errorf("%s is a grafana without its home beside it; set %s", path, HomeVariable)
}

func check(home string) error {
	for _, part := range []string{filepath.Join("bin", "grafana"), filepath.Join("conf", "defaults.ini")} {
		if _, err := os.Stat(filepath.Join(home, part)); err != nil {
			return fmt.Errorf("there is no %s in it: %w", part, err)
		}
	}
	return nil
}
