package tasks

import (
	"context"
	"errors"
	"os"
	"os/exec"
)

// browserVariable names the browser that Playwright drives, for playwright.config.ts.
const browserVariable = "PLAYWRIGHT_CHROMIUM_EXECUTABLE_PATH"

// Browser returns the Chromium to test with, and installs Debian's where it may. An empty path means Playwright's own.
func (p Project) Browser(ctx context.Context) (string, error) {
	if path := os.Getenv(browserVariable); path != "" {
		return path, nil
	}
	if own, err := p.output(ctx, line("node", "-e", "console.log(require('playwright-core').chromium.executablePath())")); err == nil {
		if _, err := os.Stat(own); err == nil {
			return "", nil
		}
	}
	if path, err := findChromium(); err == nil {
		return path, nil
	}
	if _, err := exec.LookPath("apt-get"); err != nil || os.Geteuid() != 0 {
		return "", errors.New("there is no Chromium to test with: run `npx playwright install --with-deps chromium`, or set " + browserVariable)
	}
	if err := p.all(ctx, line("apt-get", "update", "-q"),
		command{line: []string{"apt-get", "install", "-q", "-y", "--no-install-recommends", "chromium"}, env: []string{"DEBIAN_FRONTEND=noninteractive"}}); err != nil {
		return "", err
	}
	return findChromium()
}

func findChromium() (string, error) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("there is no Chromium on the PATH")
}
