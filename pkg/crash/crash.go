// Package crash turns a panic into an error, so that one answer fails and the plugin stands.
package crash

import (
	"fmt"
	"runtime/debug"
)

// Error is a panic that was caught: a fault of the plugin's.
type Error struct {
	Op    string // what was under way, such as "read the allowlist"
	Value any    // what panic was called with
	Stack []byte // where; for the log, never for a person
}

func (e *Error) Error() string {
	return fmt.Sprintf("%s: the plugin broke off: %.300v. Please report this as a fault of the plugin, with its log", e.Op, e.Value)
}

// Unwrap gives what panic was called with, where that is an error.
func (e *Error) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// Caught runs f. Where f panics, the error is an *Error.
func Caught(op string, f func() error) (err error) {
	defer func() {
		if value := recover(); value != nil {
			err = &Error{Op: op, Value: value, Stack: debug.Stack()}
		}
	}()
	return f()
}
