package chtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

// shared is the one server of this test process. Starting one costs seconds, so a package's tests share it.
var shared struct {
	once      sync.Once
	mainRuns  atomic.Bool
	dir       string
	process   *process
	err       error
	databases atomic.Int64
}

// Main is a package's TestMain: it runs the tests, and then stops the shared server and removes its data.
//
//	func TestMain(m *testing.M) { chtest.Main(m) }
func Main(m *testing.M) {
	shared.mainRuns.Store(true)
	code := m.Run()
	if shared.process != nil {
		if err := shared.process.stop(); err != nil {
			fmt.Fprintln(os.Stderr, "stop ClickHouse:", err)
			code = max(code, 1)
		}
		if err := os.RemoveAll(shared.dir); err != nil {
			fmt.Fprintln(os.Stderr, "remove ClickHouse's data:", err)
			code = max(code, 1)
		}
	}
	os.Exit(code)
}

// Shared gives the one server of the test process, started if no test has asked yet, and its database default. The
// package's TestMain must be Main. The server dies with the test process, however that ends.
func Shared(t testing.TB) Server {
	t.Helper()
	shared.once.Do(func() { shared.err = startShared() })
	if shared.err != nil {
		t.Fatalf("start the shared ClickHouse: %v", shared.err)
	}
	return Server{Database: settings.DefaultDatabase, t: t, process: shared.process}
}

// Database makes a new, empty database on the shared server and drops it when the test ends.
func Database(t testing.TB) Server {
	t.Helper()
	s := Shared(t)
	name := fmt.Sprintf("test_%d", shared.databases.Add(1))
	s.Exec(t, "CREATE DATABASE "+name)
	t.Cleanup(func() {
		// The test's context is done by now.
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := s.exec(ctx, "DROP DATABASE "+name); err != nil {
			t.Errorf("drop the test's database: %v", err)
		}
	})
	s.Database = name
	return s
}

func startShared() (err error) {
	if !shared.mainRuns.Load() {
		return errors.New("nobody would stop it: the package needs func TestMain(m *testing.M) { chtest.Main(m) }")
	}
	if shared.dir, err = os.MkdirTemp("", "fluxhound-chtest-"); err != nil {
		return err
	}
	arguments, _, err := options{}.arguments(shared.dir)
	if err != nil {
		return err
	}
	shared.process, err = launch(arguments)
	return err
}
