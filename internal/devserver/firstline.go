package devserver

import "bytes"

// firstLine hands over the first line that is written to it and drops the rest.
type firstLine struct {
	line  chan []byte // takes one
	begun []byte
	done  bool
}

func newFirstLine() *firstLine { return &firstLine{line: make(chan []byte, 1)} }

func (f *firstLine) Write(p []byte) (int, error) {
	if f.done {
		return len(p), nil
	}
	f.begun = append(f.begun, p...)
	if line, _, whole := bytes.Cut(f.begun, []byte("\n")); whole {
		f.line <- line
		f.done = true
	}
	return len(p), nil
}
