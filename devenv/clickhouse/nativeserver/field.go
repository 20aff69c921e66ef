package nativeserver

import (
	"fmt"
	"strings"
)

// restoreField reads a value that a client dumped: a string in quotes, with escapes, or a plain number.
func restoreField(dump string) (string, error) {
	if len(dump) < 2 || dump[0] != '\'' {
		if _, value, ok := strings.Cut(dump, "_"); ok && !strings.Contains(dump, "'") {
			return value, nil // UInt64_5
		}
		return dump, nil
	}
	if dump[len(dump)-1] != '\'' {
		return "", fmt.Errorf("the dumped value of %d bytes has no closing quote", len(dump))
	}
	escapes := map[byte]byte{'n': '\n', 'r': '\r', 't': '\t', '0': 0, 'b': '\b', 'f': '\f', 'a': '\a', 'v': '\v'}
	var value strings.Builder
	body := dump[1 : len(dump)-1]
	for i := 0; i < len(body); i++ {
		if body[i] != '\\' || i+1 == len(body) {
			value.WriteByte(body[i])
			continue
		}
		i++
		if escaped, ok := escapes[body[i]]; ok {
			value.WriteByte(escaped)
			continue
		}
		value.WriteByte(body[i])
	}
	return value.String(), nil
}
