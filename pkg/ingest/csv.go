package ingest

import (
	"errors"
	"fmt"
	"strings"
)

// csv reads CSV whose first record names the fields.
type csv struct {
	comma  byte
	fields fields
}

func (c *csv) header(_ []byte, n int64) bool { return n == 0 }

func (c *csv) parse(raw string, emit func(*fields)) error {
	values, err := c.cut(raw, c.fields.values[:0])
	if err != nil {
		return err
	}
	if c.fields.keys == nil {
		c.fields.keys = make([]string, len(values))
		for i, key := range values {
			c.fields.keys[i] = strings.TrimSpace(key)
		}
		return nil
	}
	if c.fields.values = values; len(values) != len(c.fields.keys) {
		return fmt.Errorf("it has %d fields, and the header %d", len(values), len(c.fields.keys))
	}
	emit(&c.fields)
	return nil
}

// cut reads the fields of a record. A quote within a quoted field is written twice.
func (c *csv) cut(raw string, values []string) ([]string, error) {
	for {
		if !strings.HasPrefix(raw, `"`) {
			value, rest, more := strings.Cut(raw, string(c.comma))
			if values = append(values, value); !more {
				return values, nil
			}
			raw = rest
			continue
		}
		raw = raw[1:]
		var value string
		for {
			part, rest, closed := strings.Cut(raw, `"`)
			if !closed {
				return nil, errors.New("a quoted field does not end")
			}
			value += part
			if raw = rest; !strings.HasPrefix(raw, `"`) {
				break
			}
			value, raw = value+`"`, raw[1:]
		}
		values = append(values, value)
		switch {
		case raw == "":
			return values, nil
		case raw[0] != c.comma:
			return nil, errors.New("something stands behind a quoted field")
		}
		raw = raw[1:]
	}
}
