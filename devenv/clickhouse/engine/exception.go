package engine

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Exception is an error that ClickHouse itself raised.
type Exception struct {
	Code    int32  // ClickHouse's number, such as 60
	Name    string // ClickHouse's name for the number, such as UNKNOWN_TABLE; "" when it gave none
	Message string // what happened, without code and name
}

// Codes that this server raises itself, with ClickHouse's meaning.
const (
	CodeNotImplemented       = 48
	CodeSyntaxError          = 62
	CodeUnknownFormat        = 73
	CodeUnexpectedPacket     = 99
	CodeReadonly             = 164
	CodeQueryIDRunning       = 216
	CodeQueryWasCancelled    = 394
	CodeAccessDenied         = 497
	CodeAuthenticationFailed = 516
	CodeUnknownException     = 1002
)

// Error is the text ClickHouse writes to a client.
func (e *Exception) Error() string {
	if e.Name == "" {
		return fmt.Sprintf("Code: %d. DB::Exception: %s", e.Code, e.Message)
	}
	return fmt.Sprintf("Code: %d. DB::Exception: %s (%s)", e.Code, e.Message, e.Name)
}

var (
	exceptionHead = regexp.MustCompile(`(?s)^Code: (\d+)\. DB::[A-Za-z:]*Exception: (.*)$`)
	exceptionTail = regexp.MustCompile(`(?s)^(.*?)\s*\(([A-Z][A-Z0-9_]+)\)\s*(?:\(version [^)]*\)\)?\.?)?\s*$`)
)

// parseException reads the engine's error text. Errors raised by the part of the engine that plays the client carry
// the whole text of the server's error inside; only the inner one is kept.
func parseException(text string) *Exception {
	exception := &Exception{Code: CodeUnknownException, Name: "UNKNOWN_EXCEPTION", Message: strings.TrimSpace(text)}
	rest := strings.TrimSpace(text)
	for {
		head := exceptionHead.FindStringSubmatch(rest)
		if head == nil {
			return exception
		}
		code, err := strconv.ParseInt(head[1], 10, 32)
		if err != nil {
			return exception
		}
		exception.Code, exception.Name, exception.Message = int32(code), "", head[2]
		if tail := exceptionTail.FindStringSubmatch(head[2]); tail != nil {
			exception.Message, exception.Name = tail[1], tail[2]
		}
		exception.Message = strings.TrimSpace(strings.TrimPrefix(exception.Message, "Received from localhost. "))
		rest = strings.TrimSuffix(exception.Message, ".")
	}
}
