package ingest

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/klauspost/compress/zstd"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// peeked is how much of a file is read at once, and looked at first to tell what it is, in bytes.
const peeked = 64 << 10

// file is the text of a file: unpacked, and in UTF-8 where the file says that it is UTF-16.
type file struct {
	*bufio.Reader
	name  string
	size  int64         // bytes as they lie there; 0 where that is not known
	taken *countingFile // how many of them were read
	over  bool          // nothing will be written to it any more: it is packed, or no file, or was not written to for a while
	once  bool          // it cannot be opened again, such as a pipe
	close []func() error
}

// Quiet is how long a file was not written to whose last line is taken although it has no end.
const Quiet = 5 * time.Minute

// Stdin is the name of the standard input among the paths.
const Stdin = "-"

// open opens a file, or the standard input. The caller owes Close.
func open(path string, stdin io.Reader) (*file, error) {
	f := &file{name: path}
	var in io.Reader = stdin
	if path != Stdin {
		opened, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		f.close = append(f.close, opened.Close)
		in = opened
	}
	f.over, f.once = true, true
	if at, ok := in.(interface{ Stat() (fs.FileInfo, error) }); ok { // the standard input may be a file as well
		if info, err := at.Stat(); err == nil && info.Mode().IsRegular() {
			f.size, f.over, f.once = info.Size(), time.Since(info.ModTime()).Abs() >= Quiet, path == Stdin
		}
	}
	f.taken = &countingFile{in: in}
	unpacked, err := f.unpack(bufio.NewReaderSize(f.taken, peeked))
	if err != nil {
		_ = f.Close() // the error that matters is the first
		return nil, fmt.Errorf("unpack %s: %w", path, err)
	}
	// A byte order mark says what the text is in: it is taken off, and UTF-16 becomes UTF-8.
	f.Reader = bufio.NewReaderSize(transform.NewReader(unpacked, unicode.BOMOverride(transform.Nop)), peeked)
	return f, nil
}

// unpack tells how a file is packed by its first bytes, whatever its name says.
func (f *file) unpack(packed *bufio.Reader) (io.Reader, error) {
	magic, _ := packed.Peek(4) // a shorter file is packed in no way
	switch {
	case bytes.HasPrefix(magic, []byte{0x1f, 0x8b}):
		f.over = true
		return newMembers(packed)
	case bytes.HasPrefix(magic, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		reader, err := zstd.NewReader(packed, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(256<<20))
		if err != nil {
			return nil, err
		}
		f.over = true
		f.close = append(f.close, func() error { reader.Close(); return nil })
		return reader, nil
	case bytes.HasPrefix(magic, []byte("BZh")):
		f.over = true
		return bzip2.NewReader(packed), nil
	}
	return packed, nil
}

// Close closes what was opened.
func (f *file) Close() error {
	var first error
	for i := len(f.close) - 1; i >= 0; i-- {
		if err := f.close[i](); first == nil {
			first = err
		}
	}
	f.close = nil
	return first
}

// lookAhead gives the file's first bytes, up to so many, and does not take them. A fault behind them is left to who reads on.
func (f *file) lookAhead(most int) []byte {
	ahead := bytes.NewBuffer(make([]byte, 0, min(most, peeked)))
	_, _ = io.CopyN(ahead, f.Reader, int64(most))
	f.Reader = bufio.NewReaderSize(io.MultiReader(bytes.NewReader(ahead.Bytes()), f.Reader), peeked)
	return ahead.Bytes()
}

// countingFile counts what is read.
type countingFile struct {
	in io.Reader
	n  int64
}

func (c *countingFile) Read(p []byte) (int, error) {
	n, err := c.in.Read(p)
	c.n += int64(n)
	return n, err
}
