package host

import (
	"bytes"
	"io"
	"strings"
	"sync"
)

// tailSize bounds what is kept of the plugin's standard error for an error's text, in bytes.
const tailSize = 4 << 10

// tail passes everything on and keeps the end of it.
type tail struct {
	next io.Writer
	mu   sync.Mutex
	kept []byte
	cut  bool
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.kept = append(t.kept, p...)
	if over := len(t.kept) - tailSize; over > 0 {
		t.kept = append(t.kept[:0], t.kept[over:]...)
		t.cut = true
	}
	return t.next.Write(p)
}

// String returns the kept end, whole lines only.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	kept := t.kept
	if t.cut {
		_, kept, _ = bytes.Cut(kept, []byte("\n"))
	}
	return strings.TrimSpace(string(kept))
}
