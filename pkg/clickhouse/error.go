package clickhouse

import (
	"fmt"
	"strings"
)

// Category says what kind of fault an error is, and so who can mend it.
type Category string

// The categories.
const (
	Auth       Category = "auth"       // ClickHouse refuses the user's name or password
	Network    Category = "network"    // ClickHouse cannot be reached, or the connection broke
	TLS        Category = "tls"        // the secure connection cannot be made
	Timeout    Category = "timeout"    // a statement took longer than its limit
	Permission Category = "permission" // the user lacks a right
	Schema     Category = "schema"     // a database, table, column or function is not there
	Query      Category = "query"      // ClickHouse refuses the statement, or answers with what was not asked for
	Limit      Category = "limit"      // rows, bytes, memory, connections or a quota ran out
)

// Error is a fault of ClickHouse, of the way to it, or of the data source's settings. Its text holds no secret.
type Error struct {
	Category Category
	Op       string // what was tried, such as "connect to ClickHouse at db:9000"
	Hint     string // what to do about it: one or two sentences
	Err      error  // what happened
}

// Error is "[category] what was tried: what happened. What to do.".
func (e *Error) Error() string {
	return fmt.Sprintf("[%s] %s: %s. %s", e.Category, e.Op, strings.TrimRight(e.Err.Error(), ". \n"), e.Hint)
}

// Unwrap gives what happened.
func (e *Error) Unwrap() error { return e.Err }
