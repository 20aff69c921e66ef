package ingest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
)

// Options say what is imported, and where to.
type Options struct {
	Client   *clickhouse.Client // of a user who may create tables, insert and select
	Database string
	Table    string   // the events table
	Sources  []Source // one where somebody said whose the files are
	// Internal are the networks that are inside, such as 10.0.0.0/8.
	Internal []string
	Stdin    io.Reader
	// Since leaves hours before it as they are, with Make; the zero time leaves none.
	Since time.Time
	// PartSize is how much text is sent at once, in bytes; 0 for 16 MiB. Each file that is read at once takes some five times
	// as much memory.
	PartSize int
	// Progress is told how far the import is, from any goroutine; nil for nobody.
	Progress func(Progress)
}

// Progress is how far an import is.
type Progress struct {
	File        string
	Files, Done int   // to read, and read
	Taken, Size int64 // bytes as they lie in the files; Size is 0 where it is not known
	Records     int64
	Making      bool // the files are read, and events are made
	Hours, Made int  // to make, and made
}

// importer imports files of several sources.
type importer struct {
	Options
	store   store
	landing map[string]landing // by table
	claimed sync.Map           // parts that this import has taken up

	progress struct {
		sync.Mutex
		Progress
	}
}

// Import reads files into landing tables and makes events of them. It may be interrupted and run again at any time: nothing
// counts twice. What cannot be read is in the summary and in the table of rejects, and harms nothing else. The error is
// ClickHouse's or the context's; what was read until then stays, and the summary tells it.
func Import(ctx context.Context, o Options, files []File) (Summary, error) {
	im := &importer{Options: o, store: store{client: o.Client, database: o.Database, events: o.Table}, landing: map[string]landing{}}
	var total Summary
	recognised := im.recognise(files, &total)
	defer closeAll(recognised)
	sources := sourcesOf(recognised)
	if err := im.prepare(ctx, sources); err != nil {
		return total, err
	}
	err := im.readAll(ctx, recognised, &total)
	if err != nil {
		return total, err
	}
	return total, im.derive(ctx, sources, &total)
}

// Make makes events of what landed in any way, such as a pipeline's inserts, and has not been made yet. It may run at any time, and
// again after any fault.
func Make(ctx context.Context, o Options) (Summary, error) {
	im := &importer{Options: o, store: store{client: o.Client, database: o.Database, events: o.Table}, landing: map[string]landing{}}
	var total Summary
	if err := im.store.prepare(ctx, o.Sources); err != nil {
		return total, err
	}
	return total, im.derive(ctx, o.Sources, &total)
}

// prepare creates the tables and learns what they hold.
func (im *importer) prepare(ctx context.Context, sources []Source) error {
	if err := im.store.prepare(ctx, sources); err != nil {
		return err
	}
	for _, source := range sources {
		for _, log := range source.Logs {
			table := source.LandingTable(log.Name)
			l, err := im.store.landingOf(ctx, table)
			if err != nil {
				return err
			}
			l.know()
			im.landing[table] = l
		}
	}
	return nil
}

// atOnce is how many files are read at once.
func atOnce() int { return min(max(runtime.NumCPU(), 2), 4) }

func (im *importer) readAll(ctx context.Context, files []recognised, total *Summary) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	work, results := make(chan recognised), make(chan FileSummary)
	var workers sync.WaitGroup
	for range atOnce() {
		workers.Go(func() {
			for file := range work {
				summary, err := im.read(ctx, file)
				if err != nil {
					cancel(err)
				}
				results <- summary
			}
		})
	}
	go func() {
		defer close(results)
		defer workers.Wait()
		defer close(work)
		for _, file := range files {
			select {
			case work <- file:
			case <-ctx.Done():
				return
			}
		}
	}()
	for summary := range results {
		total.add(summary)
	}
	return context.Cause(ctx)
}

// read imports one file. A fault of the file's own is in its summary; the error is everybody's.
func (im *importer) read(ctx context.Context, r recognised) (FileSummary, error) {
	summary := FileSummary{Path: r.Path, Source: r.source.Name, Format: r.format.name}
	f, err := r.open()
	if err != nil {
		summary.Fault = err.Error()
		return summary, nil
	}
	defer f.Close() // nothing was written to it
	size := cmp.Or(im.PartSize, 16<<20)
	spares := newSpares(size, f.size)
	c := &chain{split: r.format.split(f), parser: r.format.parser(), root: im.root(r.source), after: im.lookup(ctx), size: size, spares: spares, over: f.over}
	l := &lander{importer: im, source: r.source, file: r.Path, parser: r.format.parser(), summary: &summary, spares: spares}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	// The next part is read while one is written.
	parts := make(chan ready)
	var readErr error
	var reader sync.WaitGroup
	reader.Go(func() {
		defer close(parts)
		readErr = im.readParts(ctx, r.Path, f, c, l, parts)
	})
	defer reader.Wait()
	defer stop()
	for part := range parts {
		if err := l.land(ctx, part); err != nil {
			return summary, err
		}
		spares.take(part, c.size)
		if summary.hopeless() {
			summary.Fault = fmt.Sprintf("the first %d records cannot be read; the rest was left", summary.Records)
			return summary, nil
		}
	}
	switch {
	case ctx.Err() != nil:
		return summary, ctx.Err()
	case errors.As(readErr, new(*clickhouse.Error)):
		return summary, readErr
	case readErr != nil: // the file's own, such as a broken archive: what was read before stands
		summary.Fault = fmt.Sprintf("the file cannot be read behind its first %d records, which were read: %v", summary.Records, readErr)
	case c.unfinished() > 0:
		summary.Unfinished = c.unfinished()
	case r.Named && summary.Others > 0 && !summary.used():
		summary.Fault = fmt.Sprintf("none of its %d records is one that the source %s reads: see what it reads in its README, or leave --source out", summary.Records, r.source.Name)
	}
	if readErr == nil && c.half != nil {
		return summary, l.half(ctx, *c.half, c.rest, c.at)
	}
	return summary, nil
}

// readParts reads a file's parts up to its end.
func (im *importer) readParts(ctx context.Context, path string, f *file, c *chain, l *lander, to chan<- ready) error {
	for {
		before := f.taken.n
		p, err := c.next()
		im.tell(path, f.taken.n-before, p)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		select {
		case to <- l.read(p):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// root ties a chain to the source and to the landing tables as they are: where those were dropped, files are read again.
func (im *importer) root(source Source) string {
	root := "1 " + source.Name
	for _, log := range source.Logs {
		root += " " + im.landing[source.LandingTable(log.Name)].id
	}
	return root
}

// lookup asks for what was imported behind a hash, until nothing was.
func (im *importer) lookup(ctx context.Context) func(start string) ([]link, error) {
	fresh := false
	return func(start string) ([]link, error) {
		if fresh {
			return nil, nil
		}
		links, err := im.store.after(ctx, start)
		fresh = len(links) == 0
		return links, err
	}
}

func (im *importer) tell(file string, taken int64, p *part) {
	im.progress.Lock()
	defer im.progress.Unlock()
	im.progress.Taken += taken
	im.progress.File = file
	if p != nil {
		im.progress.Records += int64(len(p.records))
	}
	if im.Progress != nil {
		im.Progress(im.progress.Progress)
	}
}
