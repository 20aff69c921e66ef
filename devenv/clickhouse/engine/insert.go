package engine

import (
	"errors"
	"unsafe"
)

// Insert is an INSERT that waits for its data.
type Insert struct {
	session  *Session
	handle   unsafe.Pointer
	finished bool
}

// Insert starts query, an INSERT without FORMAT or data, whose data will follow in format. The caller closes it.
func (s *Session) Insert(query, format string, parameters ...Parameter) (*Insert, error) {
	names, values := parameterArrays(parameters)
	defer names.release()
	defer values.release()
	handle := s.lib.insertBegin(*s.conn, cBytes(query), uintptr(len(query)), cBytes(format), uintptr(len(format)),
		&names.pointers[0], &names.lengths[0], &values.pointers[0], &values.lengths[0], uintptr(len(parameters)))
	if text := goString(s.lib.insertError(handle)); text != "" {
		s.lib.insertDestroy(handle)
		return nil, parseException(text)
	}
	return &Insert{session: s, handle: handle}, nil
}

// ErrInsertStopped says that the engine takes no more data; Finish knows why.
var ErrInsertStopped = errors.New("the engine stopped reading the INSERT's data")

// Write hands data to the engine and waits while the engine is behind.
func (i *Insert) Write(data []byte) (int, error) {
	if len(data) == 0 {
		return 0, nil
	}
	if i.session.lib.insertAppend(i.handle, &data[0], uintptr(len(data))) != 0 {
		return 0, ErrInsertStopped
	}
	return len(data), nil
}

// Finish says that the data has ended, waits for the engine to store it, and returns what was written.
func (i *Insert) Finish() (Progress, error) {
	i.finished = true
	lib := i.session.lib
	result := lib.insertDone(i.handle)
	defer lib.resultDestroy(result)
	if text := goString(lib.resultError(result)); text != "" {
		return Progress{}, parseException(text)
	}
	return Progress{WrittenRows: lib.resultWrittenRows(result), WrittenBytes: lib.resultWrittenBytes(result)}, nil
}

// Close frees the insert; one that has not finished is dropped.
func (i *Insert) Close() {
	if i.handle == nil {
		return
	}
	if !i.finished {
		i.session.lib.insertCancel(i.handle)
	}
	i.session.lib.insertDestroy(i.handle)
	i.handle = nil
}
