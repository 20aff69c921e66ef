package ingest

import (
	"bytes"
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

// closed takes a quote that ends a record's last field for its end.
func (c *csv) closed(raw []byte, n int64) bool { return n > 0 && bytes.HasSuffix(raw, quote) }

func (c *csv) parse(raw string, emit func(*fields)) error {
	most := mostFields
	if c.fields.keys != nil {
		most = len(c.fields.keys)
	}
	values, err := c.cut(raw, c.fields.values[:0], most)
	if err != nil {
		return err
	}
	if c.fields.keys == nil {
		c.fields.keys = make([]string, len(values))
		for i, key := range values {
			c.fields.keys[i] = strings.Clone(strings.TrimSpace(key)) // they outlive the part that they are pieces of
		}
		return nil
	}
	if c.fields.values = values; len(values) != len(c.fields.keys) {
		return fmt.Errorf("it has %d fields, and the header %d", len(values), len(c.fields.keys))
	}
	emit(&c.fields)
	return nil
}

// cut reads the fields of a record, unless there are more than so many.
func (c *csv) cut(raw string, values []string, most int) ([]string, error) {
	for {
		if len(values) == most {
			return nil, fmt.Errorf("it has more than %d fields", most)
		}
		value, rest, err := c.one(raw)
		if err != nil {
			return nil, err
		}
		values = append(values, value)
		switch {
		case rest == "":
			return values, nil
		case rest[0] != c.comma:
			return nil, errors.New("something stands behind a quoted field")
		}
		raw = rest[1:]
	}
}

// one reads a field; what is behind it begins with the comma, if the field was no quoted one. A quote within a quoted field is written
// twice.
func (c *csv) one(raw string) (value, rest string, err error) {
	if !strings.HasPrefix(raw, `"`) {
		end := strings.IndexByte(raw, c.comma)
		if end < 0 {
			end = len(raw)
		}
		return raw[:end], raw[end:], nil
	}
	twice := false
	for at := 1; ; {
		end := strings.IndexByte(raw[at:], '"')
		if end < 0 {
			return "", "", errors.New("a quoted field does not end")
		}
		if at += end + 1; at == len(raw) || raw[at] != '"' {
			if value = raw[1 : at-1]; twice {
				value = strings.ReplaceAll(value, `""`, `"`)
			}
			return value, raw[at:], nil
		}
		twice, at = true, at+1
	}
}
