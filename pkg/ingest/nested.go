package ingest

import (
	"strings"

	"github.com/go-faster/jx"
)

// A sensor's field may lie in an object, or have its whole way as its name, with dots: what ships logs changes the one into the other. A
// field is found in both ways when it is told whose a record is; so it must come to its column in both ways.

// deepest bounds how many objects a field may lie in.
const deepest = 8

// know learns what the columns lie in.
func (l *landing) know() {
	l.within = map[string]bool{}
	for column := range l.columns {
		for _, above := range aboves(column) {
			l.within[above] = true
		}
	}
}

// aboves are the beginnings of a name that end before a dot, the longest first.
func aboves(name string) []string {
	var list []string
	for i := len(name) - 1; i > 0 && len(list) < deepest; i-- {
		if name[i] == '.' {
			list = append(list, name[:i])
		}
	}
	return list
}

// spread sets the columns whose fields lie in an object.
func (r *rowsOf) spread(key, object string, depth int) {
	var j jsonObjects
	_ = j.parse(object, func(f *fields) { // what is no JSON has no fields
		for i, inner := range f.keys {
			name := key + "." + inner
			if column, ok := r.landing.columns[name]; ok {
				r.set(column, f.values[i])
			} else if depth < deepest && r.landing.within[name] && strings.HasPrefix(f.values[i], "{") {
				r.spread(name, f.values[i], depth+1)
			}
		}
	})
}

// gather keeps a field for the object that has its way as a name, if there is a column for that object and none for what lies in it.
func (r *rowsOf) gather(key, value string) {
	if value == "" {
		return
	}
	for _, above := range aboves(key) {
		column, ok := r.landing.columns[above]
		if !ok {
			continue
		}
		if !r.landing.within[above] {
			if r.objects == nil {
				r.objects = map[int]*tree{}
			}
			if r.objects[column] == nil {
				r.objects[column] = &tree{}
			}
			r.objects[column].put(strings.SplitN(key[len(above)+1:], ".", deepest), asJSON(value), 0)
		}
		return
	}
}

// gathered writes the objects of a record, together with what is there of them.
func (r *rowsOf) gathered() {
	n := len(r.lines) - 1
	for column, object := range r.objects {
		there := r.get(n, column)
		if there != "" && !strings.HasPrefix(there, "{") {
			continue
		}
		if there != "" {
			object.put(nil, there, 0)
		}
		r.set(column, string(object.append(nil)))
	}
	clear(r.objects)
}

// unfold writes an object whose fields have dots in their names as one of objects.
func unfold(object string) string {
	if !strings.HasPrefix(object, "{") || !hasDottedKey(object) {
		return object
	}
	t := &tree{}
	t.put(nil, object, 0)
	return string(t.append(nil))
}

// hasDottedKey says whether a name in a JSON text has a dot.
func hasDottedKey(text string) bool {
	for {
		from := strings.IndexByte(text, '"')
		if from < 0 {
			return false
		}
		text = text[from+1:]
		end := 0
		for end < len(text) && text[end] != '"' {
			if text[end] == '\\' {
				end++
			}
			end++
		}
		if end >= len(text) {
			return false
		}
		name := text[:end]
		text = strings.TrimLeft(text[end+1:], " \t\r\n")
		if strings.HasPrefix(text, ":") && strings.Contains(name, ".") {
			return true
		}
	}
}

// tree is a JSON object that is put together, or what is in its place.
type tree struct {
	at   map[string]int // in kids
	keys []string
	kids []*tree
	raw  string // JSON; where it has no kids
}

// put puts JSON at a place. Objects are put together, as far as they do not lie too deep.
func (t *tree) put(way []string, raw string, depth int) {
	if len(way) > 0 {
		i, ok := t.at[way[0]]
		if !ok {
			if t.at == nil {
				t.at = map[string]int{}
			}
			i = len(t.keys)
			t.at[way[0]], t.keys, t.kids = i, append(t.keys, way[0]), append(t.kids, &tree{})
		}
		t.kids[i].put(way[1:], raw, depth+1)
		return
	}
	t.raw = raw
	if depth > deepest || !strings.HasPrefix(raw, "{") {
		return
	}
	_ = jx.DecodeStr(raw).Obj(func(d *jx.Decoder, key string) error { // it was read as JSON
		inner, err := d.Raw()
		if err == nil {
			t.put(strings.SplitN(key, ".", deepest), string(inner), depth)
		}
		return err
	})
}

func (t *tree) append(to []byte) []byte {
	if len(t.keys) == 0 {
		return append(to, t.raw...)
	}
	to = append(to, '{')
	for i, key := range t.keys {
		if i > 0 {
			to = append(to, ',')
		}
		to = append(appendJSON(to, key), ':')
		to = t.kids[i].append(to)
	}
	return append(to, '}')
}

// asJSON writes a field's text as JSON: objects and lists are there as JSON already.
func asJSON(value string) string {
	if (value[0] == '{' || value[0] == '[') && jx.Valid([]byte(value)) {
		return value
	}
	return string(appendJSON(nil, value))
}
