package query

import (
	"encoding/json"
	"fmt"
	"slices"
)

// decodeParams returns a value for each declared parameter: the query's own where it has one, else the default. own names
// those that the query has.
func decodeParams(data json.RawMessage, declared []Param) (values Values, own []string, err error) {
	given := raw{}
	if !absent(data) {
		if given, err = object("params", data); err != nil {
			return nil, nil, err
		}
	}
	names := make([]string, len(declared))
	values = make(Values, len(declared))
	for i, p := range declared {
		names[i] = p.Name
		if absent(given[p.Name]) {
			values[p.Name] = p.Default
			continue
		}
		value, err := decodeParam("params."+p.Name, given[p.Name], p)
		if err != nil {
			return nil, nil, err
		}
		values[p.Name], own = value, append(own, p.Name)
	}
	for _, name := range sortedKeys(given) {
		if !slices.Contains(names, name) {
			return nil, nil, refuse("params."+clip(name), "this query type has no such parameter; %s", meant(name, names))
		}
	}
	return values, own, nil
}

func decodeParam(field string, data json.RawMessage, p Param) (any, error) {
	switch p.Kind {
	case KindInteger:
		n, err := integer(field, data)
		return n, firstError(err, func() error { return inRange(field, float64(n), p) })
	case KindNumber:
		f, err := number(field, data)
		return f, firstError(err, func() error { return inRange(field, f, p) })
	case KindBoolean:
		return boolean(field, data)
	case KindEnum:
		s, err := text(field, data)
		return s, firstError(err, func() error { return isOption(field, s, p) })
	case KindString:
		s, err := text(field, data)
		return s, firstError(err, func() error { return check(field, s, p) })
	case KindStringList:
		return entries(field, data, p, func(field string, data json.RawMessage) (string, error) {
			s, err := text(field, data)
			if err == nil && len(p.Options) > 0 {
				err = isOption(field, s, p)
			}
			return s, firstError(err, func() error { return check(field, s, p) })
		})
	case KindIntegerList:
		return entries(field, data, p, func(field string, data json.RawMessage) (int64, error) {
			n, err := integer(field, data)
			return n, firstError(err, func() error { return check(field, fmt.Sprint(n), p) })
		})
	default:
		return nil, fmt.Errorf("parameter %s is declared with the unknown kind %q", p.Name, p.Kind)
	}
}

func firstError(err error, next func() error) error {
	if err != nil {
		return err
	}
	return next()
}

func boolean(field string, data json.RawMessage) (bool, error) {
	var b bool
	if err := json.Unmarshal(data, &b); err != nil {
		return false, refuse(field, "it must be true or false")
	}
	return b, nil
}

func inRange(field string, f float64, p Param) error {
	if f < p.Min || f > p.Max {
		return refuse(field, "%v is out of range; it may be %v to %v %s", f, p.Min, p.Max, p.Unit)
	}
	return nil
}

func isOption(field, s string, p Param) error {
	if !slices.Contains(p.Options, s) {
		return refuse(field, "%s is not allowed; %s", shown(s), oneOf(p.Options))
	}
	return nil
}

func check(field, s string, p Param) error {
	if p.Check == nil {
		return nil
	}
	if err := p.Check(s); err != nil {
		return refuse(field, "%s: %v", shown(s), err)
	}
	return nil
}

// entries decodes a list of at most p.Max entries. An empty list is a valid value: it matches nothing.
func entries[T any](field string, data json.RawMessage, p Param, decode func(string, json.RawMessage) (T, error)) ([]T, error) {
	items, err := list(field, data)
	if err != nil {
		return nil, err
	}
	if float64(len(items)) > p.Max {
		return nil, refuse(field, "it has %d entries; at most %v are allowed", len(items), p.Max)
	}
	values := make([]T, len(items))
	for i, item := range items {
		if values[i], err = decode(fmt.Sprintf("%s[%d]", field, i), item); err != nil {
			return nil, err
		}
	}
	return values, nil
}
