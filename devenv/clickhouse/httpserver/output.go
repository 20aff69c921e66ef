package httpserver

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/devenv/clickhouse/engine"
)

// headBuffer is how much output is held back, in bytes, so that an error up to there still gets its own status. A
// server's buffer is the same.
const headBuffer = 1 << 20

// tagLength is how long ClickHouse makes the mark of a late exception, in bytes.
const tagLength = 16

// output is the answer to a statement.
type output struct {
	response http.ResponseWriter
	header   http.Header
	started  time.Time
	progress engine.Progress
	hold     bool // until the statement ends
	held     bytes.Buffer
	sent     bool   // the status is out
	tag      string // marks an exception that comes after the status
	body     io.Writer
	closers  []io.Closer
}

func newOutput(w http.ResponseWriter, request *request) *output {
	o := &output{response: w, header: w.Header(), started: time.Now(), hold: request.waitEndOfQuery, body: w}
	switch {
	case request.compressResponse:
		o.body = newFrameWriter(w, request.compressMethod)
	case strings.Contains(request.acceptEncoding, "gzip"):
		o.encode("gzip", gzip.NewWriter(w))
	case strings.Contains(request.acceptEncoding, "deflate"):
		o.encode("deflate", zlib.NewWriter(w))
	}
	return o
}

func (o *output) encode(name string, writer io.WriteCloser) {
	o.header.Set("Content-Encoding", name)
	o.body, o.closers = writer, append(o.closers, writer)
}

// describe says in the header what format the output has.
func (o *output) describe(format string) {
	o.header.Set("Content-Type", contentType(format))
	o.header.Set("X-ClickHouse-Format", format)
}

func (o *output) write(piece []byte) error {
	if !o.sent {
		o.held.Write(piece)
		if o.hold || o.held.Len() < headBuffer {
			return nil
		}
		return o.send()
	}
	_, err := o.body.Write(piece)
	return err
}

func (o *output) finish() error {
	if !o.sent {
		if err := o.send(); err != nil {
			return err
		}
	}
	for _, closer := range o.closers {
		if err := closer.Close(); err != nil {
			return err
		}
	}
	return nil
}

// send lets the status, the header and what was held back go.
func (o *output) send() error {
	o.header.Set("X-ClickHouse-Summary", o.summary())
	o.tag = rand.Text()[:tagLength]
	o.header.Set("X-ClickHouse-Exception-Tag", o.tag)
	o.sent = true
	if o.held.Len() == 0 {
		return nil
	}
	_, err := o.body.Write(o.held.Bytes())
	o.held = bytes.Buffer{}
	return err
}

func (o *output) summary() string {
	p := o.progress
	return fmt.Sprintf(`{"read_rows":"%d","read_bytes":"%d","written_rows":"%d","written_bytes":"%d","total_rows_to_read":"%d","result_rows":"%d","result_bytes":"%d","elapsed_ns":"%d"}`,
		p.ReadRows, p.ReadBytes, p.WrittenRows, p.WrittenBytes, p.ReadRows, p.ResultRows, p.ResultBytes, time.Since(o.started).Nanoseconds())
}

// fail answers with an exception. Once output is on its way the status is 200 already: then the exception stands at
// the end of the body, framed as ClickHouse frames it, and the connection is broken off.
func (o *output) fail(exception *engine.Exception, version string) {
	text := fmt.Sprintf("%s (version %s)\n", exception.Error(), version)
	if o.sent {
		_, _ = fmt.Fprintf(o.body, "\r\n__exception__\r\n%s\r\n%s%d %s\r\n__exception__\r\n", o.tag, text, len(text), o.tag)
		for _, closer := range o.closers {
			_ = closer.Close()
		}
		if flusher, ok := o.response.(http.Flusher); ok {
			flusher.Flush()
		}
		panic(http.ErrAbortHandler)
	}
	o.header.Set("Content-Type", "text/plain; charset=UTF-8")
	o.header.Set("X-ClickHouse-Exception-Code", strconv.Itoa(int(exception.Code)))
	o.response.WriteHeader(statusOf(exception.Code))
	_, _ = io.WriteString(o.body, text)
	for _, closer := range o.closers {
		_ = closer.Close()
	}
}
