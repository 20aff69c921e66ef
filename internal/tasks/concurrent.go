package tasks

import (
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
)

// concurrent splits the module's packages into those that start goroutines, whose tests run under the race detector, and the
// others: for them it would only make the tests several times dearer.
func (p Project) concurrent(ctx context.Context) (with, without []string, err error) {
	listed, err := p.output(ctx, line("go", "list", "-f", "{{.ImportPath}}\t{{.Dir}}\t{{range .GoFiles}}{{.}} {{end}}", "./..."))
	if err != nil {
		return nil, nil, err
	}
	for _, text := range strings.Split(strings.TrimSpace(listed), "\n") {
		parts := strings.Split(text, "\t")
		starts, err := startsGoroutines(parts[1], strings.Fields(parts[2]))
		if err != nil {
			return nil, nil, err
		}
		if starts {
			with = append(with, parts[0])
		} else {
			without = append(without, parts[0])
		}
	}
	return with, without, nil
}

// startsGoroutines reports whether one of a folder's files has a go statement, or a call of a method Go, as sync.WaitGroup and
// errgroup.Group have it.
func startsGoroutines(dir string, files []string) (bool, error) {
	found := false
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			return false, fmt.Errorf("look for goroutines: %w", err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.GoStmt:
				found = true
			case *ast.CallExpr:
				method, ok := n.Fun.(*ast.SelectorExpr)
				found = found || ok && method.Sel.Name == "Go"
			}
			return !found
		})
	}
	return found, nil
}
