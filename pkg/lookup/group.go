package lookup

import (
	"context"
	"sync"
)

// Group owns the goroutines in which lookups read. Its context is no request's: a request that ends ends no read.
type Group struct {
	ctx  context.Context
	end  context.CancelFunc
	mu   sync.Mutex
	done bool
	runs sync.WaitGroup
}

// NewGroup makes a group. Close ends it.
func NewGroup() *Group {
	ctx, end := context.WithCancel(context.Background())
	return &Group{ctx: ctx, end: end}
}

// Close stops the reads under way and waits for them. None begins afterwards.
func (g *Group) Close() {
	g.mu.Lock()
	g.done = true
	g.mu.Unlock()
	g.end()
	g.runs.Wait()
}

// run starts a read; it reports false where the group is closed.
func (g *Group) run(read func(ctx context.Context)) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.done {
		return false
	}
	g.runs.Go(func() { read(g.ctx) })
	return true
}
