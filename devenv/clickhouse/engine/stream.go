package engine

import (
	"context"
	"runtime"
	"unsafe"
)

// Progress counts what a statement has done so far.
type Progress struct {
	ReadRows, ReadBytes       uint64 // from storage
	ResultRows, ResultBytes   uint64
	WrittenRows, WrittenBytes uint64
}

// Stream is the output of a statement, in pieces.
type Stream struct {
	session  *Session
	handle   unsafe.Pointer // of a statement that still runs
	whole    unsafe.Pointer // the result of one that has ended; nil once given
	chunk    unsafe.Pointer // the engine's memory behind the last piece
	progress Progress
	ended    bool
	closed   bool
}

// Next gives the next piece of output, nil at the end. The piece is the engine's memory: it is valid until the next
// call. Once ctx is done no further piece is asked for, and the error is ctx's; to end a call that is already
// inside the engine, kill the statement.
func (s *Stream) Next(ctx context.Context) ([]byte, error) {
	s.freeChunk()
	if s.ended {
		return nil, nil
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	result := s.take()
	lib := s.session.lib
	if text := goString(lib.resultError(result)); text != "" {
		s.ended = true
		lib.resultDestroy(result)
		return nil, parseException(text)
	}
	s.count(result)
	length := lib.resultLength(result)
	if length == 0 {
		s.ended = true
		lib.resultDestroy(result)
		return nil, nil
	}
	s.chunk = result
	return unsafe.Slice(lib.resultBuffer(result), int(length)), nil
}

// Progress is what the statement has done so far.
func (s *Stream) Progress() Progress { return s.progress }

// Close ends the statement, wherever it is, and frees what it held.
func (s *Stream) Close() {
	if s.closed {
		return
	}
	s.closed = true
	s.freeChunk()
	lib := s.session.lib
	if s.whole != nil {
		lib.resultDestroy(s.whole)
	}
	if s.handle != nil {
		if !s.ended {
			lib.streamCancel(*s.session.conn, s.handle)
		}
		lib.resultDestroy(s.handle)
	}
	runtime.UnlockOSThread()
}

// take gives the next result, which the caller destroys.
func (s *Stream) take() unsafe.Pointer {
	if s.handle != nil {
		return s.session.lib.streamFetch(*s.session.conn, s.handle)
	}
	result := s.whole
	s.whole, s.ended = nil, true
	return result
}

func (s *Stream) count(result unsafe.Pointer) {
	lib := s.session.lib
	s.progress.ReadRows += lib.resultStorageRows(result)
	s.progress.ReadBytes += lib.resultStorageBytes(result)
	s.progress.ResultRows += lib.resultRows(result)
	s.progress.ResultBytes += lib.resultBytes(result)
	s.progress.WrittenRows += lib.resultWrittenRows(result)
	s.progress.WrittenBytes += lib.resultWrittenBytes(result)
}

func (s *Stream) freeChunk() {
	if s.chunk != nil {
		s.session.lib.resultDestroy(s.chunk)
		s.chunk = nil
	}
}
