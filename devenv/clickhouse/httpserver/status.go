package httpserver

import (
	"net/http"
	"slices"
	"strings"
)

// statusOf is the HTTP status that goes with an exception's code, as in ClickHouse.
func statusOf(code int32) int {
	for _, group := range statuses {
		if slices.Contains(group.codes, code) {
			return group.status
		}
	}
	return http.StatusInternalServerError
}

var statuses = []struct {
	status int
	codes  []int32
}{
	{http.StatusUnauthorized, []int32{194}},                     // REQUIRED_PASSWORD
	{http.StatusForbidden, []int32{192, 193, 497, 512, 516}},    // users, passwords, grants
	{http.StatusBadRequest, []int32{6, 25, 26, 27, 38, 41, 72}}, // CANNOT_PARSE_…
	{http.StatusBadRequest, []int32{376, 441, 675, 676}},        // CANNOT_PARSE_UUID, …_DOMAIN_VALUE_FROM_STRING, …_IPV4, …_IPV6
	{http.StatusBadRequest, []int32{8, 15, 36, 44, 53, 321}},    // columns, arguments, values
	{http.StatusBadRequest, []int32{37, 62, 117, 123, 427}},     // SYNTAX_ERROR and its like
	{http.StatusBadRequest, []int32{167, 168, 223}},             // …_AST
	{http.StatusNotFound, []int32{46, 47, 50, 56, 60, 63}},      // UNKNOWN_FUNCTION … UNKNOWN_TABLE
	{http.StatusNotFound, []int32{73, 78, 81, 115, 152}},        // UNKNOWN_FORMAT … UNKNOWN_SETTING
	{http.StatusNotFound, []int32{336, 511}},                    // UNKNOWN_DATABASE_ENGINE, UNKNOWN_ROLE
	{http.StatusRequestEntityTooLarge, []int32{229}},            // QUERY_IS_TOO_LARGE
	{http.StatusNotImplemented, []int32{48}},                    // NOT_IMPLEMENTED
	{http.StatusServiceUnavailable, []int32{76, 209, 439}},      // CANNOT_OPEN_FILE, SOCKET_TIMEOUT, CANNOT_SCHEDULE_TASK
	{http.StatusLengthRequired, []int32{381}},                   // HTTP_LENGTH_REQUIRED
	{http.StatusRequestTimeout, []int32{159}},                   // TIMEOUT_EXCEEDED
	{http.StatusUnsupportedMediaType, []int32{779}},             // UNSUPPORTED_MEDIA_TYPE
}

// contentType is ClickHouse's media type of a format.
func contentType(format string) string {
	switch strings.ToLower(format) {
	case "native", "rowbinary", "rowbinarywithnames", "rowbinarywithnamesandtypes", "parquet", "arrow", "orc":
		return "application/octet-stream"
	case "json", "jsoncompact", "jsonstrings", "jsoncolumns", "jsonobjecteachrow":
		return "application/json; charset=UTF-8"
	case "jsoneachrow", "jsoncompacteachrow", "jsonstringseachrow":
		return "application/x-ndjson; charset=UTF-8"
	case "tabseparated", "tsv", "tabseparatedwithnames", "tsvwithnames", "tabseparatedwithnamesandtypes", "tsvwithnamesandtypes", "tabseparatedraw", "tsvraw":
		return "text/tab-separated-values; charset=UTF-8"
	case "csv":
		return "text/csv; charset=UTF-8; header=absent"
	case "csvwithnames", "csvwithnamesandtypes":
		return "text/csv; charset=UTF-8; header=present"
	case "xml":
		return "application/xml; charset=UTF-8"
	default:
		return "text/plain; charset=UTF-8"
	}
}
