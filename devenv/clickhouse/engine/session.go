package engine

import (
	"bytes"
	"context"
	"runtime"
	"strings"
	"unsafe"
)

// Setting is a ClickHouse setting by name, its value as text.
type Setting struct{ Name, Value string }

// Parameter is a query parameter, its value in ClickHouse's escaped text form as HTTP's param_ carries it.
type Parameter struct{ Name, Value string }

// Session is a connection to the engine with its own settings, database and roles. It runs one statement at a time
// and is not safe for concurrent use.
type Session struct {
	lib  *library
	conn *unsafe.Pointer
}

// Close ends the session.
func (s *Session) Close() {
	if s.conn != nil {
		s.lib.closeConn(s.conn)
		s.conn = nil
	}
}

// Query starts a statement and gives its output, in format unless the statement names one, as a stream. The engine
// streams the output of a SELECT; it runs any other statement to its end first. The caller closes the stream from the
// goroutine that called Query: both are bound to one thread meanwhile, for the engine keeps a statement's accounting
// on its thread.
func (s *Session) Query(query, format string, parameters ...Parameter) (*Stream, error) {
	names, values := parameterArrays(parameters)
	defer names.release()
	defer values.release()
	call := func(run engineQuery) unsafe.Pointer {
		return run(*s.conn, cBytes(query), uintptr(len(query)), cBytes(format), uintptr(len(format)),
			&names.pointers[0], &names.lengths[0], &values.pointers[0], &values.lengths[0], uintptr(len(parameters)))
	}
	runtime.LockOSThread()
	result := call(s.lib.streamQuery)
	text := goString(s.lib.resultError(result))
	if text == "" {
		return &Stream{session: s, handle: result}, nil
	}
	s.lib.resultDestroy(result)
	if strings.Contains(text, notStreamable) {
		if s.countStatements(query) > 1 {
			runtime.UnlockOSThread()
			return nil, &Exception{Code: CodeSyntaxError, Name: "SYNTAX_ERROR", Message: "Syntax error (Multi-statements are not allowed)"}
		}
		result = call(s.lib.query)
		if text = goString(s.lib.resultError(result)); text == "" {
			return &Stream{session: s, whole: result}, nil
		}
		s.lib.resultDestroy(result)
	}
	runtime.UnlockOSThread()
	return nil, parseException(text)
}

// notStreamable is in the error with which the engine declines to stream, before it runs anything.
const notStreamable = "Streaming query is not supported for query"

type engineQuery = func(conn unsafe.Pointer, query *byte, queryLen uintptr, format *byte, formatLen uintptr, names **byte, nameLens *uintptr, values **byte, valueLens *uintptr, count uintptr) unsafe.Pointer

// Fetch runs a statement to its end and returns its whole output.
func (s *Session) Fetch(ctx context.Context, query, format string, parameters ...Parameter) ([]byte, error) {
	stream, err := s.Query(query, format, parameters...)
	if err != nil {
		return nil, err
	}
	defer stream.Close()
	var output bytes.Buffer
	for {
		chunk, err := stream.Next(ctx)
		if err != nil {
			return nil, err
		}
		if chunk == nil {
			return output.Bytes(), nil
		}
		output.Write(chunk)
	}
}

// Set applies settings as a SET statement does: the engine checks them against the session's constraints.
func (s *Session) Set(ctx context.Context, settings []Setting) error {
	if len(settings) == 0 {
		return nil
	}
	assignments := make([]string, len(settings))
	for i, setting := range settings {
		assignments[i] = QuoteIdentifier(setting.Name) + " = " + QuoteString(setting.Value)
	}
	_, err := s.Fetch(ctx, "SET "+strings.Join(assignments, ", "), "")
	return err
}

// countStatements says how many statements query holds; 0 when the engine cannot parse it.
func (s *Session) countStatements(query string) int {
	report := analysis{structSize: uint32(unsafe.Sizeof(analysis{}))}
	s.lib.classify(*s.conn, cBytes(query), uintptr(len(query)), nil, 0, &report)
	return int(report.statementCount)
}

func parameterArrays(parameters []Parameter) (names, values *cArray) {
	nameList, valueList := make([]string, len(parameters)), make([]string, len(parameters))
	for i, parameter := range parameters {
		nameList[i], valueList[i] = parameter.Name, parameter.Value
	}
	return newCArray(nameList), newCArray(valueList)
}

// QuoteString is value as a ClickHouse string literal.
func QuoteString(value string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(value) + "'"
}

// QuoteIdentifier is name as a quoted ClickHouse identifier.
func QuoteIdentifier(name string) string {
	return "`" + strings.NewReplacer(`\`, `\\`, "`", "\\`").Replace(name) + "`"
}
