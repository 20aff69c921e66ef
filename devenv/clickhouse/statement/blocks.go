package statement

import (
	"bytes"
	"context"
	"io"

	"github.com/ClickHouse/ch-go/proto"

	"github.com/fluxhound/fluxhound-detections-datasource/devenv/clickhouse/engine"
	"github.com/fluxhound/fluxhound-detections-datasource/devenv/clickhouse/native"
)

// Blocks are the Native blocks of a statement's output at a client's protocol revision.
type Blocks struct {
	translator native.Translator
	source     *proto.Reader
	buffer     bytes.Buffer
}

// NewBlocks reads stream, the output of a statement in Native.
func NewBlocks(ctx context.Context, stream *engine.Stream, revision int) *Blocks {
	return &Blocks{
		translator: native.Translator{To: revision},
		source:     proto.NewReader(&streamReader{ctx: ctx, stream: stream}),
	}
}

// Next gives the next block and what is in it; io.EOF at the end. The bytes are valid until the next call.
func (b *Blocks) Next() ([]byte, native.Shape, error) {
	b.buffer.Reset()
	shape, err := b.translator.Block(&b.buffer, b.source)
	return b.buffer.Bytes(), shape, err
}

// streamReader reads a stream as one.
type streamReader struct {
	ctx    context.Context
	stream *engine.Stream
	rest   []byte
}

func (r *streamReader) Read(p []byte) (int, error) {
	if len(r.rest) == 0 {
		chunk, err := r.stream.Next(r.ctx)
		if err != nil {
			return 0, err
		}
		if chunk == nil {
			return 0, io.EOF
		}
		r.rest = chunk
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}
