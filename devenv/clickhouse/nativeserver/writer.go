package nativeserver

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/ClickHouse/ch-go/compress"
	"github.com/ClickHouse/ch-go/proto"

	"github.com/fluxhound/fluxhound-detections-datasource/devenv/clickhouse/engine"
	"github.com/fluxhound/fluxhound-detections-datasource/devenv/clickhouse/native"
)

// writer writes a server's packets.
type writer struct {
	target     io.Writer
	revision   int
	buffer     proto.Buffer
	compressor *compress.Writer // nil when blocks go as they are
	method     compress.Method
	started    time.Time
	reported   engine.Progress // what progress packets have said already
}

func newWriter(target io.Writer) *writer { return &writer{target: target} }

// compression says how the next statement's blocks go, and starts its clock.
func (w *writer) compression(enabled bool, method string) error {
	w.started, w.reported = time.Now(), engine.Progress{}
	if !enabled {
		w.compressor = nil
		return nil
	}
	methods := map[string]compress.Method{"": compress.LZ4, "LZ4": compress.LZ4, "LZ4HC": compress.LZ4HC, "ZSTD": compress.ZSTD, "NONE": compress.None}
	chosen, ok := methods[strings.ToUpper(method)]
	if !ok {
		return w.exception(&engine.Exception{Code: 36, Name: "BAD_ARGUMENTS", Message: "Unknown network_compression_method " + method})
	}
	if w.compressor == nil || w.method != chosen {
		w.compressor, w.method = compress.NewWriter(0, chosen), chosen
	}
	return nil
}

func (w *writer) hello(hello proto.ServerHello) error {
	hello.EncodeAware(&w.buffer, w.revision)
	return w.flush()
}

func (w *writer) pong() error {
	proto.ServerCodePong.Encode(&w.buffer)
	return w.flush()
}

func (w *writer) endOfStream() error {
	proto.ServerCodeEndOfStream.Encode(&w.buffer)
	return w.flush()
}

func (w *writer) exception(exception *engine.Exception) error {
	proto.ServerCodeException.Encode(&w.buffer)
	message := exception.Message
	if exception.Name != "" {
		message += " (" + exception.Name + ")"
	}
	packet := proto.Exception{Code: proto.Error(exception.Code), Name: "DB::Exception", Message: "DB::Exception: " + message}
	packet.EncodeAware(&w.buffer, w.revision)
	return w.flush()
}

// header writes a block that has columns and no rows.
func (w *writer) header(columns []native.Column) error {
	var block bytes.Buffer
	native.Translator{To: w.revision}.Empty(&block, columns)
	return w.block(block.Bytes())
}

// block writes a block of the client's revision.
func (w *writer) block(block []byte) error {
	proto.ServerCodeData.Encode(&w.buffer)
	w.buffer.PutString("") // no external table
	if w.compressor == nil {
		w.buffer.PutRaw(block)
		return w.flush()
	}
	for len(block) > 0 {
		size := min(len(block), maxFrame)
		if err := w.compressor.Compress(block[:size]); err != nil {
			return fmt.Errorf("compress a block: %w", err)
		}
		w.buffer.PutRaw(w.compressor.Data)
		block = block[size:]
	}
	return w.flush()
}

// maxFrame is the largest piece of a block that goes into one compressed frame, in bytes, as in ClickHouse.
const maxFrame = 1 << 20

// progress says what has been done since the last time.
func (w *writer) progress(now engine.Progress) error {
	proto.ServerCodeProgress.Encode(&w.buffer)
	packet := proto.Progress{
		Rows:       now.ReadRows - w.reported.ReadRows,
		Bytes:      now.ReadBytes - w.reported.ReadBytes,
		WroteRows:  now.WrittenRows - w.reported.WrittenRows,
		WroteBytes: now.WrittenBytes - w.reported.WrittenBytes,
		ElapsedNs:  uint64(time.Since(w.started).Nanoseconds()),
	}
	packet.EncodeAware(&w.buffer, w.revision)
	w.reported = now
	return w.flush()
}

// summary writes what a server says of a statement that has ended well.
func (w *writer) summary(total engine.Progress) error {
	profile := proto.Profile{Rows: total.ResultRows, Bytes: total.ResultBytes}
	profile.EncodeAware(&w.buffer, w.revision)
	return w.progress(total)
}

func (w *writer) flush() error {
	_, err := w.target.Write(w.buffer.Buf)
	w.buffer.Reset()
	return err
}
