package ingest

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unsafe"

	"github.com/go-faster/jx"
)

// jsonObjects reads a JSON object a record. A field's value is a text: a string's own, nothing for null, and JSON for all
// else. A field that holds a list of records, as an envelope does, is unwrapped.
type jsonObjects struct {
	unwrap []string
	arena  []byte // holds the strings that were written with escapes; what it held stays as it was
	record fields
	d      jx.Decoder
}

func (j *jsonObjects) header([]byte, int64) bool { return false }

func (j *jsonObjects) closed([]byte, int64) bool { return true }

func (j *jsonObjects) parse(raw string, emit func(*fields)) error {
	d := &j.d
	d.ResetBytes(unsafe.Slice(unsafe.StringData(raw), len(raw))) // it only reads
	if d.Next() != jx.Object {
		return errors.New("it is no JSON object")
	}
	j.record.reset()
	if len(j.arena) > arenaSize {
		j.arena = make([]byte, 0, arenaSize+arenaSize/8)
	}
	var wrapped []byte
	err := d.ObjBytes(func(d *jx.Decoder, key []byte) error {
		value, isList, err := j.value(d, raw)
		if err != nil {
			return err
		}
		name := j.piece(key, raw)
		if isList && slices.Contains(j.unwrap, name) {
			wrapped = unsafe.Slice(unsafe.StringData(value), len(value))
			return nil
		}
		j.record.keys, j.record.values = append(j.record.keys, name), append(j.record.values, value)
		return nil
	})
	if err != nil {
		return fmt.Errorf("it is no JSON: %w", err)
	}
	if err := d.Skip(); !errors.Is(err, io.EOF) {
		return errors.New("something stands behind the JSON object")
	}
	if wrapped == nil {
		emit(&j.record)
		return nil
	}
	return jx.DecodeBytes(wrapped).Arr(func(d *jx.Decoder) error {
		inner, err := d.Raw()
		if err != nil {
			return err
		}
		return (&jsonObjects{}).parse(string(inner), emit)
	})
}

func (j *jsonObjects) value(d *jx.Decoder, record string) (_ string, isList bool, _ error) {
	switch kind := d.Next(); kind {
	case jx.String:
		b, err := d.StrBytes()
		if err != nil {
			return "", false, err
		}
		return j.piece(b, record), false, nil
	case jx.Null:
		return "", false, d.Null()
	default:
		raw, err := d.Raw() // a part of the record, which is never written to
		return text(raw), kind == jx.Array, err
	}
}

// within finds a field of an object that is written as JSON.
func within(object, key string) (value string, found bool) {
	if !strings.HasPrefix(object, "{") {
		return "", false
	}
	var j jsonObjects
	_ = j.parse(object, func(f *fields) { value, found = f.get(key) }) // what is no JSON has no fields
	return value, found
}

// piece gives a text as a piece of the record, or copied to where it stays where it was written with escapes.
func (j *jsonObjects) piece(b []byte, record string) string {
	if len(b) == 0 {
		return ""
	}
	at, from := uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(unsafe.Pointer(unsafe.StringData(record)))
	if at >= from && at+uintptr(len(b)) <= from+uintptr(len(record)) {
		return text(b)
	}
	start := len(j.arena)
	j.arena = append(j.arena, b...)
	return text(j.arena[start:])
}

// arenaSize is how many bytes of strings are kept in one piece.
const arenaSize = 1 << 20

func text(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// appendJSON writes a text as a JSON string.
func appendJSON(to []byte, text string) []byte {
	var e jx.Encoder
	e.Str(text)
	return append(to, e.Bytes()...)
}
