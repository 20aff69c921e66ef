package feeds

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// object is a JSON object.
type object = map[string]any

// documents reads one JSON document or several, one behind the other. Each object in it says itself what it is.
func documents(in io.Reader, format Format, each func(Entry) error) error {
	decoder := json.NewDecoder(in)
	decoder.UseNumber()
	for number := 0; ; number++ {
		var document any
		err := decoder.Decode(&document)
		if errors.Is(err, io.EOF) && number > 0 {
			return nil
		}
		if err != nil {
			return unreadable("it is no JSON: %v", err)
		}
		w := walk{format: format, each: each}
		if err := w.in(document, "", 0); err != nil {
			return err
		}
		if number == 0 && w.found == 0 {
			return unreadable("no object in it is an indicator")
		}
	}
}

// walk looks for indicators in a document.
type walk struct {
	format Format
	each   func(Entry) error
	found  int // objects that are indicators, with or without a fault
}

// deepest is how many levels are looked at: feeds have up to six.
const deepest = 12

func (w *walk) in(value any, name string, depth int) error {
	if depth > deepest {
		return nil
	}
	switch value := value.(type) {
	case []any:
		for i, item := range value {
			if err := w.in(item, join(name, i), depth+1); err != nil {
				return err
			}
		}
	case object:
		return w.object(value, name, depth)
	}
	return nil
}

func join(name string, i int) string {
	if name == "" {
		return fmt.Sprintf("object %d", i+1)
	}
	return fmt.Sprintf("%s.%d", name, i+1)
}

func (w *walk) object(o object, name string, depth int) error {
	if id := textOf(o["id"]); id != "" {
		name = id
	} else if id := textOf(o["uuid"]); id != "" {
		name = id
	}
	if (w.format == JSON || w.format == STIX) && textOf(o["type"]) == "indicator" && o["pattern"] != nil {
		return w.tell(fromPattern(o, name))
	}
	if w.format != STIX && hasValue(o) {
		return w.tell([]Entry{rowOf(o).entry(name)})
	}
	for _, key := range slices.Sorted(maps.Keys(o)) {
		if asides[key] {
			continue
		}
		child, under := o[key], name
		if _, isList := child.([]any); isList && depth == 0 {
			under = key
		}
		if err := w.in(child, under, depth+1); err != nil {
			return err
		}
	}
	return nil
}

func (w *walk) tell(entries []Entry) error {
	for _, e := range entries {
		w.found++
		if err := w.each(e); err != nil {
			return err
		}
	}
	return nil
}

// asides are what MISP says around an indicator, which has values of its own.
var asides = map[string]bool{"Galaxy": true, "GalaxyCluster": true, "Tag": true, "Org": true, "Orgc": true, "RelatedEvent": true, "Sighting": true, "EventReport": true}

// hasValue reports whether an object is an indicator: it has one, and is not merely about something that has a name.
func hasValue(o object) bool {
	text, name := rowOf(o).of(valueColumn)
	if text == "" {
		return false
	}
	// an event, a report or a source has a type and an address as well
	return name != "url" && name != "link" || o["Attribute"] == nil && o["objects"] == nil && o["Event"] == nil
}

func rowOf(o object) row {
	r := row{}
	for key, value := range o {
		if text := textOf(value); text != "" {
			r[strings.ToLower(key)] = text
		}
	}
	return r
}

// textOf is a text, a number or a truth value as a text; nothing for what else there may be.
func textOf(value any) string {
	switch value := value.(type) {
	case string:
		return value
	case json.Number:
		return value.String()
	case bool:
		return strconv.FormatBool(value)
	default:
		return ""
	}
}
