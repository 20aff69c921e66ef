package settings

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"strings"
)

// The types here read what a person typed and what provisioning made of it: an environment variable may arrive as a
// number, as a boolean or as nothing, whatever the field is. What has one meaning is taken; the rest is refused.

// Why a stored value cannot be what its field is.
var (
	errNoText   = errors.New("it has the wrong type: it must be a text")
	errLong     = errors.New("it is a number that JSON does not keep exactly; write it as a text, in quotes")
	errNoSwitch = errors.New("it has the wrong type: it must be true or false")
	errNotWhole = errors.New("it must be a whole number")

	errNoNetworks = errors.New("it has the wrong type: it must be a list of networks, or a text with commas between them")
)

// word is a text.
type word string

func (w *word) UnmarshalJSON(data []byte) error {
	switch {
	case data[0] == '"':
		return json.Unmarshal(data, (*string)(w))
	case string(data) == "null":
		return nil
	case data[0] == '{', data[0] == '[':
		return errNoText
	case string(data) != "true" && string(data) != "false":
		if n, err := strconv.ParseFloat(string(data), 64); err != nil || math.Abs(n) > 1<<53 || bytes.ContainsAny(data, "eE") {
			return errLong
		}
	}
	*w = word(data)
	return nil
}

// toggle is a boolean; nothing is false.
type toggle bool

func (t *toggle) UnmarshalJSON(data []byte) error {
	var text word
	if err := text.UnmarshalJSON(data); err != nil {
		return errNoSwitch
	}
	switch strings.ToLower(strings.TrimSpace(string(text))) {
	case "true", "1":
		*t = true
	case "false", "0", "":
		*t = false
	default:
		return errNoSwitch
	}
	return nil
}

// number is a whole number, absent where it is nothing.
type number struct {
	given bool
	value int
}

func (n *number) UnmarshalJSON(data []byte) error {
	var text word
	if err := text.UnmarshalJSON(data); err != nil {
		return errNotWhole
	}
	trimmed := strings.TrimSpace(string(text))
	if trimmed == "" {
		return nil
	}
	value, err := strconv.Atoi(trimmed)
	if err != nil {
		return errNotWhole
	}
	*n = number{given: true, value: value}
	return nil
}
