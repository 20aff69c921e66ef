package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/crash"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// rows answers a statement with as many rows as its limit allows, each of a kilobyte or so.
func rows(_ context.Context, s statement.Statement, _ Origin) (*Result, error) {
	n := s.Params[0].Value.(int64)
	texts, ranks := make([]string, n), make([]int64, n)
	for i := range texts {
		texts[i], ranks[i] = strings.Repeat("x", 1000), int64(i/3+1)
	}
	return &Result{Columns: s.Columns, Data: []any{ranks, texts}, Rows: int(n)}, nil
}

// limited asks for so many rows of what is called name.
func limited(name string, limit int) statement.Statement {
	return statement.Statement{
		SQL: name, Params: []statement.Param{{Name: statement.LimitParam, Type: "Int64", Value: int64(limit)}},
		Columns:  []statement.Column{{Name: statement.RankColumn, Kind: statement.Integer}, {Name: "Text", Kind: statement.Text}},
		RowLimit: limit - 1, Prefix: true,
	}
}

func counted(runs *int) func(context.Context, statement.Statement, Origin) (*Result, error) {
	return func(ctx context.Context, s statement.Statement, o Origin) (*Result, error) {
		*runs++
		return rows(ctx, s, o)
	}
}

func TestAnswersThatDifferInTheirLimitShareTheLarger(t *testing.T) {
	runs := 0
	s := share(counted(&runs), Keep{For: time.Minute, Bytes: 64 << 20, Now: time.Now})
	for _, limit := range []int{500, 1000, 10, 1000, 999} {
		result, err := s.Query(t.Context(), limited("findings", limit), Origin{})
		if err != nil {
			t.Fatal(err)
		}
		if n := len(result.Data[1].([]string)); result.Rows != limit || n != limit {
			t.Errorf("limit %d: got %d rows, %d values", limit, result.Rows, n)
		}
	}
	if runs != 2 || s.kept.Len() != 1 {
		t.Errorf("got %d runs and %d answers, want the first, the larger one, and the larger one alone kept", runs, s.kept.Len())
	}
}

func TestSeriesShareTheLargerBySeries(t *testing.T) {
	runs := 0
	s := share(counted(&runs), Keep{For: time.Minute, Bytes: 64 << 20, Now: time.Now})
	asked := limited("series", 300)
	asked.RowLimit, asked.SeriesLimit = 0, 299
	if _, err := s.Query(t.Context(), asked, Origin{}); err != nil {
		t.Fatal(err)
	}
	asked.Params = []statement.Param{{Name: statement.LimitParam, Type: "Int64", Value: int64(7)}}
	asked.SeriesLimit = 6
	result, err := s.Query(t.Context(), asked, Origin{})
	if err != nil || result.Rows != 3*7 || runs != 1 {
		t.Errorf("got %d rows, %v after %d runs; want the three of each of seven series", result.Rows, err, runs)
	}
}

// What a numeric answer leaves out is chosen: the first of more are others.
func TestAnswersThatAreNoBeginningAreNotShared(t *testing.T) {
	runs := 0
	s := share(counted(&runs), Keep{For: time.Minute, Bytes: 64 << 20, Now: time.Now})
	for _, limit := range []int{1000, 500} {
		asked := limited("numbers", limit)
		asked.Prefix = false
		if _, err := s.Query(t.Context(), asked, Origin{}); err != nil {
			t.Fatal(err)
		}
	}
	if runs != 2 {
		t.Errorf("got %d runs, want 2", runs)
	}
}

func TestAnswersKeptStayWithinTheirBytes(t *testing.T) {
	runs := 0
	const budget = 4 << 20
	s := share(counted(&runs), Keep{For: time.Minute, Bytes: budget, Now: time.Now})
	ask := func(name string, limit int) {
		t.Helper()
		if _, err := s.Query(t.Context(), limited(name, limit), Origin{}); err != nil {
			t.Fatal(err)
		}
	}
	before := heap()
	for i := range 50 {
		ask("first", 1000)
		ask(fmt.Sprint(i), 1000)
		if s.bytes > budget || s.kept.Len() > 4 {
			t.Fatalf("%d answers with %d bytes are kept", s.kept.Len(), s.bytes)
		}
	}
	if runs != 51 {
		t.Errorf("got %d runs: the answer that is given most was not kept", runs)
	}
	if grown := heap() - before; grown > budget*5/4 {
		t.Errorf("the heap has grown by %d bytes", grown)
	}
	ask("huge", 5000)
	if s.kept.Len() == 0 {
		t.Error("an answer too large to keep drove out the others")
	}
	s.Close()
	if s.bytes != 0 || s.kept.Len() != 0 || len(s.runs) != 0 {
		t.Errorf("%d bytes, %d answers and %d runs are left", s.bytes, s.kept.Len(), len(s.runs))
	}
	runtime.KeepAlive(s)
}

func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// A statement's text and parameters may have megabytes: what is kept of them does not grow with them.
func TestAKeyIsAHash(t *testing.T) {
	long := limited(strings.Repeat("x", 1<<20), 10)
	first, _, err := keyOf(long)
	long.SQL += "y"
	if other, _, _ := keyOf(long); err != nil || len(first) != 32 || first == other {
		t.Errorf("got %x and %x, %v", first, other, err)
	}
}

// A panic in the goroutine that reads for several viewers once ended the plugin.
func TestAPanicIsTheErrorOfAllWhoWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := share(func(context.Context, statement.Statement, Origin) (*Result, error) {
			time.Sleep(time.Second)
			var none []int
			return nil, fmt.Errorf("%d", none[7])
		}, Keep{For: time.Minute, Bytes: 1 << 20, Now: time.Now})
		errs := make(chan error, 3)
		for range cap(errs) {
			go func() {
				_, err := s.Query(t.Context(), limited("broken", 1), Origin{})
				errs <- err
			}()
		}
		for range cap(errs) {
			var fault *crash.Error
			if err := <-errs; !errors.As(err, &fault) || !strings.Contains(string(fault.Stack), "keep_test.go") {
				t.Errorf("got %v", err)
			}
		}
		if len(s.runs) != 0 {
			t.Error("it was kept")
		}
	})
}
