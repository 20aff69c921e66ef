// Package strictjson reads JSON objects by their names as they are written. encoding/json takes the last of two members
// with one name, and for a struct a name in any case: what somebody wrote would be lost without a word.
package strictjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"
)

// Why data is no object.
var (
	ErrNoObject = errors.New("it must be a JSON object")
	ErrUTF8     = errors.New("it must be valid UTF-8")
)

// NameError is a member that must be named in another way.
type NameError struct {
	Name     string   // as it is written
	Repeated bool     // it stands more than once
	Written  string   // how the name must be written, where only the case differs
	Known    []string // what it may be, where no name is like it
}

func (e *NameError) Error() string {
	switch {
	case e.Repeated:
		return fmt.Sprintf("key %.60q stands more than once; write it once", e.Name)
	case e.Written != "":
		return fmt.Sprintf("key %.60q must be written %s", e.Name, e.Written)
	case Likely(e.Name, e.Known) != "":
		return fmt.Sprintf("key %.60q is unknown; did you mean %s? It may be %s", e.Name, Likely(e.Name, e.Known), strings.Join(e.Known, ", "))
	default:
		return fmt.Sprintf("key %.60q is unknown; it may be %s", e.Name, strings.Join(e.Known, ", "))
	}
}

// Object returns the members of an object. Errors are those of encoding/json, ErrNoObject, ErrUTF8, and a *NameError for
// a name that stands more than once.
func Object(data []byte) (map[string]json.RawMessage, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(data, &members); err != nil {
		return nil, err
	}
	if members == nil { // null
		return nil, ErrNoObject
	}
	if !utf8.Valid(data) { // encoding/json would put other characters in its place
		return nil, ErrUTF8
	}
	seen := map[string]bool{}
	decoder := json.NewDecoder(bytes.NewReader(data))
	_, _ = decoder.Token() // the brace; data has been read before, and nothing fails any more
	for decoder.More() {
		token, _ := decoder.Token()
		name, _ := token.(string)
		if seen[name] {
			return nil, &NameError{Name: name, Repeated: true}
		}
		seen[name] = true
		var value json.RawMessage
		_ = decoder.Decode(&value)
	}
	return members, nil
}

// Only returns a *NameError for the first member, in the order of names, that no json tag of the struct names.
func Only(members map[string]json.RawMessage, like any) error {
	known := Names(like)
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if slices.Contains(known, name) {
			continue
		}
		for _, written := range known {
			if strings.EqualFold(name, written) {
				return &NameError{Name: name, Written: written}
			}
		}
		return &NameError{Name: name, Known: known}
	}
	return nil
}

// Struct decodes an object into a struct: each member into the field with its name in the json tag.
func Struct[T any](data []byte, into *T) error {
	members, err := Object(data)
	if err != nil {
		return err
	}
	if err := Only(members, *into); err != nil {
		return err
	}
	return json.Unmarshal(data, into)
}

// Names returns the names that a struct's json tags give its fields.
func Names(like any) []string {
	of := reflect.TypeOf(like)
	list := make([]string, of.NumField())
	for i := range list {
		list[i], _, _ = strings.Cut(of.Field(i).Tag.Get("json"), ",")
	}
	return list
}
