package httpserver

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/ClickHouse/ch-go/compress"
)

// frameWriter writes ClickHouse's compressed frames.
type frameWriter struct {
	target     io.Writer
	compressor *compress.Writer
}

func newFrameWriter(target io.Writer, method string) *frameWriter {
	methods := map[string]compress.Method{"ZSTD": compress.ZSTD, "NONE": compress.None, "LZ4HC": compress.LZ4HC}
	chosen, ok := methods[strings.ToUpper(method)]
	if !ok {
		chosen = compress.LZ4
	}
	return &frameWriter{target: target, compressor: compress.NewWriter(0, chosen)}
}

// maxFrame is the largest piece that goes into one frame, in bytes; a client must hold a frame whole.
const maxFrame = 1 << 20

func (f *frameWriter) Write(p []byte) (int, error) {
	written := 0
	for written < len(p) {
		piece := p[written:min(len(p), written+maxFrame)]
		if err := f.compressor.Compress(piece); err != nil {
			return written, fmt.Errorf("compress: %w", err)
		}
		if _, err := f.target.Write(f.compressor.Data); err != nil {
			return written, err
		}
		written += len(piece)
	}
	return written, nil
}

// frameReader reads ClickHouse's compressed frames and ends, as a reader should, with a bare io.EOF.
type frameReader struct{ *compress.Reader }

func (r frameReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if errors.Is(err, io.EOF) {
		err = io.EOF
	}
	return n, err
}
