package tasks

import (
	"context"
	"errors"
	"fmt"
)

// goFolders hold the project's Go files.
var goFolders = []string{"Magefile.go", "cmd", "deploy", "devenv", "internal", "pkg", "sources", "tests"}

// engineModule is the nested module of the embedded ClickHouse.
const engineModule = "devenv/clickhouse"

// ErrFormat says that Go files are not as gofmt writes them.
var ErrFormat = errors.New("gofmt would change files; run gofmt -w on them")

// Lint checks the Go code: format, vet, staticcheck and the import direction (.depguard.yaml).
func (p Project) Lint(ctx context.Context) error {
	p.step("gofmt -l")
	changed, err := p.output(ctx, command{line: append([]string{"gofmt", "-l"}, goFolders...)})
	if err != nil {
		return err
	}
	if changed != "" {
		return fmt.Errorf("%w:\n%s", ErrFormat, changed)
	}
	// The nested module has no tools of its own.
	staticcheck, err := p.output(ctx, line("go", "tool", "-n", "staticcheck"))
	if err != nil {
		return err
	}
	return p.all(ctx,
		line("go", "vet", "./..."),
		line("go", "vet", "-tags", "mage", "."),
		line("go", "vet", "-tags", "e2e", "./tests/..."),
		command{dir: engineModule, line: []string{"go", "vet", "./..."}},
		line("go", "tool", "staticcheck", "-tags", "e2e", "./..."),
		command{dir: engineModule, line: []string{staticcheck, "./..."}},
		line("go", "tool", "depguard", "./..."),
	)
}

// LintFrontEnd checks the front end: types, ESLint and Prettier.
func (p Project) LintFrontEnd(ctx context.Context) error {
	return p.all(ctx, line("npm", "run", "typecheck"), line("npm", "run", "lint"))
}
