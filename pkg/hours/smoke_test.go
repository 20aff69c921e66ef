package hours_test

import (
	"testing"
	"time"
)

func TestSmoke(t *testing.T) {
	b := newBench(t)
	b.insert(t, 3000, -50*time.Hour, 0)
	b.apply(t)
	start := time.Now()
	t.Log(b.run(t), time.Since(start))
	table, others := b.valid(t)
	t.Log(len(table.Hours()), others)
	b.insert(t, 3, -30*time.Hour, -29*time.Hour)
	table, others = b.valid(t)
	t.Log(len(table.Hours()), others)
	t.Log(b.run(t))
	table, others = b.valid(t)
	t.Log(len(table.Hours()), others)
}
