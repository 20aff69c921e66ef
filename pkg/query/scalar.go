package query

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// MaxValueBytes bounds one text: longer than any URL that a sensor reports.
const MaxValueBytes = 4096

func text(field string, data json.RawMessage) (string, error) {
	var s *string
	if err := json.Unmarshal(data, &s); err != nil || s == nil {
		if absent(data) {
			return "", refuse(field, "it is missing; it must be a text")
		}
		return "", refuse(field, "it must be a text")
	}
	if len(*s) > MaxValueBytes {
		return "", refuse(field, "it has %d bytes; at most %d are allowed", len(*s), MaxValueBytes)
	}
	if !utf8.ValidString(*s) || strings.ContainsRune(*s, 0) {
		return "", refuse(field, "it must be valid UTF-8 without NUL characters")
	}
	return *s, nil
}

func number(field string, data json.RawMessage) (float64, error) {
	var n json.Number
	// A quoted number unmarshals into json.Number too: only bare numbers pass.
	if err := json.Unmarshal(data, &n); err != nil || n == "" || data[0] == '"' {
		return 0, refuse(field, "it must be a number")
	}
	f, err := n.Float64()
	if err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
		return 0, refuse(field, "%s is not a finite number", shown(n.String()))
	}
	return f, nil
}

func integer(field string, data json.RawMessage) (int64, error) {
	f, err := number(field, data)
	if err != nil {
		return 0, err
	}
	if n, err := strconv.ParseInt(string(data), 10, 64); err == nil {
		return n, nil
	}
	// Beyond 2^53 a fraction cannot be told from a whole number, so 1e3 passes and 1e300 does not.
	if f != math.Trunc(f) || math.Abs(f) > 1<<53 {
		return 0, refuse(field, "it must be a whole number")
	}
	return int64(f), nil
}

func list(field string, data json.RawMessage) ([]json.RawMessage, error) {
	var items []json.RawMessage
	if err := json.Unmarshal(data, &items); err != nil || items == nil {
		return nil, refuse(field, "it must be a list")
	}
	return items, nil
}
