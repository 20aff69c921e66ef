package engine

import (
	"fmt"
	"runtime"
	"unsafe"

	"github.com/ebitengine/purego"
)

// library is libchdb.so loaded into this process, as Go functions. All strings are passed with their length, so
// that a NUL inside a statement or a parameter arrives whole.
type library struct {
	setSignalHandlersEnabled func(enabled bool)

	connect   func(argc int32, argv **byte) *unsafe.Pointer
	closeConn func(conn *unsafe.Pointer)

	query        func(conn unsafe.Pointer, query *byte, queryLen uintptr, format *byte, formatLen uintptr, names **byte, nameLens *uintptr, values **byte, valueLens *uintptr, count uintptr) unsafe.Pointer
	streamQuery  func(conn unsafe.Pointer, query *byte, queryLen uintptr, format *byte, formatLen uintptr, names **byte, nameLens *uintptr, values **byte, valueLens *uintptr, count uintptr) unsafe.Pointer
	streamFetch  func(conn, stream unsafe.Pointer) unsafe.Pointer
	streamCancel func(conn, stream unsafe.Pointer)

	insertBegin   func(conn unsafe.Pointer, query *byte, queryLen uintptr, format *byte, formatLen uintptr, names **byte, nameLens *uintptr, values **byte, valueLens *uintptr, count uintptr) unsafe.Pointer
	insertAppend  func(stream unsafe.Pointer, data *byte, dataLen uintptr) int32
	insertDone    func(stream unsafe.Pointer) unsafe.Pointer
	insertCancel  func(stream unsafe.Pointer)
	insertError   func(stream unsafe.Pointer) *byte
	insertDestroy func(stream unsafe.Pointer)

	resultBuffer       func(result unsafe.Pointer) *byte
	resultLength       func(result unsafe.Pointer) uintptr
	resultError        func(result unsafe.Pointer) *byte
	resultRows         func(result unsafe.Pointer) uint64
	resultBytes        func(result unsafe.Pointer) uint64
	resultStorageRows  func(result unsafe.Pointer) uint64
	resultStorageBytes func(result unsafe.Pointer) uint64
	resultWrittenRows  func(result unsafe.Pointer) uint64
	resultWrittenBytes func(result unsafe.Pointer) uint64
	resultDestroy      func(result unsafe.Pointer)

	classify func(conn unsafe.Pointer, query *byte, queryLen uintptr, database *byte, databaseLen uintptr, analysis *analysis) int32
}

// load opens the library at path. RTLD_LOCAL keeps the engine's own copies of common C libraries from being found
// by anything else in the process.
func load(path string) (*library, error) {
	handle, err := purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err != nil {
		return nil, fmt.Errorf("load ClickHouse engine %s: %w", path, err)
	}
	lib := &library{}
	for name, function := range lib.symbols() {
		address, err := purego.Dlsym(handle, name)
		if err != nil {
			return nil, fmt.Errorf("load ClickHouse engine %s: it has no %s; run `npm ci` to get the version this server is made for: %w", path, name, err)
		}
		purego.RegisterFunc(function, address)
	}
	// Deadly signals belong to the Go runtime: the engine's handlers would run on goroutine stacks.
	lib.setSignalHandlersEnabled(false)
	return lib, nil
}

func (lib *library) symbols() map[string]any {
	return map[string]any{
		"chdb_set_signal_handlers_enabled": &lib.setSignalHandlersEnabled,
		"chdb_connect":                     &lib.connect,
		"chdb_close_conn":                  &lib.closeConn,
		"chdb_query_with_params_n":         &lib.query,
		"chdb_stream_query_with_params_n":  &lib.streamQuery,
		"chdb_stream_fetch_result":         &lib.streamFetch,
		"chdb_stream_cancel_query":         &lib.streamCancel,
		"chdb_stream_insert_with_params_n": &lib.insertBegin,
		"chdb_stream_append":               &lib.insertAppend,
		"chdb_stream_done":                 &lib.insertDone,
		"chdb_stream_cancel_insert":        &lib.insertCancel,
		"chdb_stream_insert_error":         &lib.insertError,
		"chdb_destroy_insert_stream":       &lib.insertDestroy,
		"chdb_result_buffer":               &lib.resultBuffer,
		"chdb_result_length":               &lib.resultLength,
		"chdb_result_error":                &lib.resultError,
		"chdb_result_rows_read":            &lib.resultRows,
		"chdb_result_bytes_read":           &lib.resultBytes,
		"chdb_result_storage_rows_read":    &lib.resultStorageRows,
		"chdb_result_storage_bytes_read":   &lib.resultStorageBytes,
		"chdb_result_rows_written":         &lib.resultWrittenRows,
		"chdb_result_bytes_written":        &lib.resultWrittenBytes,
		"chdb_destroy_query_result":        &lib.resultDestroy,
		"chdb_classify_query_n":            &lib.classify,
	}
}

// analysis is the engine's chdb_query_analysis_v1.
type analysis struct {
	structSize     uint32
	statementCount uint32
	_              uint32 // flags
	_              uint32 // query class
}

// cArray is a list of byte strings as C wants it: pointers and lengths. The pinner keeps both in place while C
// reads them.
type cArray struct {
	pointers []*byte
	lengths  []uintptr
	pinner   runtime.Pinner
}

func newCArray(values []string) *cArray {
	array := &cArray{pointers: make([]*byte, len(values)+1), lengths: make([]uintptr, len(values)+1)}
	for i, value := range values {
		terminated := append([]byte(value), 0)
		array.pinner.Pin(&terminated[0])
		array.pointers[i] = &terminated[0]
		array.lengths[i] = uintptr(len(value))
	}
	return array
}

func (a *cArray) release() { a.pinner.Unpin() }

// cBytes is value as a pointer that C may read for the length of value; never nil.
func cBytes(value string) *byte {
	terminated := append([]byte(value), 0)
	return &terminated[0]
}

// goString copies a NUL-terminated C string; "" for NULL.
func goString(p *byte) string {
	if p == nil {
		return ""
	}
	length := 0
	for *(*byte)(unsafe.Add(unsafe.Pointer(p), length)) != 0 {
		length++
	}
	return string(unsafe.Slice(p, length))
}
