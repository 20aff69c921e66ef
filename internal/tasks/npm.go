package tasks

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Install runs npm ci, unless node_modules holds what the lock file says.
func (p Project) Install(ctx context.Context) error {
	locked, err := readLockFile(p.path("package-lock.json"))
	if err != nil {
		return err
	}
	// npm writes this file last, so a broken installation has none.
	if installed, err := readLockFile(p.path("node_modules", ".package-lock.json")); err == nil && locked.satisfiedBy(installed) {
		return nil
	}
	p.step("npm ci: about 1.1 GB in node_modules, among it the ClickHouse engine")
	watch, stop := context.WithCancel(ctx)
	watched := make(chan struct{})
	go func() { // ends with npm
		defer close(watched)
		p.showGrowth(watch)
	}()
	err = p.run(ctx, line("npm", "ci", "--no-audit", "--no-fund"))
	stop()
	<-watched
	return err
}

// InstallEngine makes sure that the ClickHouse engine is there: the library that CHDB_LIB_PATH names, or the npm package.
func (p Project) InstallEngine(ctx context.Context) error {
	if os.Getenv("CHDB_LIB_PATH") != "" {
		return nil // the embedded ClickHouse says so if it is not there
	}
	return p.Install(ctx)
}

// showGrowth shows that npm works: it is silent for minutes when nobody is at a terminal.
func (p Project) showGrowth(ctx context.Context) {
	ticker := time.NewTicker(10 * time.Second)
	defer ticker.Stop()
	started := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-ticker.C:
			fmt.Fprintf(p.Out, "   %d MB after %.0f s\n", p.sizeOf(ctx, "node_modules")>>20, now.Sub(started).Seconds())
		}
	}
}

// sizeOf adds up what is in a folder, in bytes; what npm moves away meanwhile does not count.
func (p Project) sizeOf(ctx context.Context, folder string) int64 {
	var size int64
	_ = filepath.WalkDir(p.path(folder), func(_ string, entry fs.DirEntry, err error) error {
		if ctx.Err() != nil {
			return fs.SkipAll
		}
		if err == nil && entry.Type().IsRegular() {
			if info, err := entry.Info(); err == nil {
				size += info.Size()
			}
		}
		return nil
	})
	return size
}
