// Package ingest reads what sensors write into landing tables, and makes events of them. It knows no sensor by name: what one
// writes and means is a folder of SQL and a manifest (the folder sources). Landing and meaning are apart: rows are only ever
// added to landing tables, and events are made anew from them, an hour at a time.
package ingest

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Source is what one kind of sensor writes, and what is made of it.
type Source struct {
	Name    string // of its folder, and of the column Source
	Help    string // one line for people
	Logs    []Log  // in the order of their names
	Derived []Derived

	files fs.FS // its folder
}

// Log is one kind of record that a sensor writes, with a landing table of its own.
type Log struct {
	Name  string
	Match []Match // the record is of this log where any fits
	// Unwrap names a field that holds the records, as a list, in an envelope around them; empty for none.
	Unwrap string
}

// Match tells records by what they hold. Everything that is given must fit.
type Match struct {
	Equals map[string][]string // the field is one of the texts
	Keys   []string            // the fields are there, whatever they hold
	Absent []string            // the fields are not there
	Like   map[string]*regexp.Regexp
}

// Derived is a table that is made from landing tables.
type Derived struct {
	Kind  Kind
	Reads map[string]Reach // by log: which rows an hour is made from
}

// Kind says what is made: its SQL is <kind>.sql.
type Kind string

// The kinds.
const (
	Events Kind = "events" // rows of the events table
	DNS    Kind = "dns"    // rows of dns_events
)

// Reach says which rows of a log an hour is made from: its own, and those up to so much before and after it, in whole hours.
// An hour is there to be made where a log has rows in it that has no reach, or that says so.
type Reach struct {
	Own           bool // its rows are what is made, and what they are read with as well
	Before, After time.Duration
}

func (r Reach) own() bool { return r.Own || r.Before == 0 && r.After == 0 }

// manifest is source.yaml.
type manifest struct {
	Help string              `yaml:"help"`
	Logs map[string]manifLog `yaml:"logs"`
	// What is made; a part that is not there is not made.
	Events *manifDerived `yaml:"events"`
	DNS    *manifDerived `yaml:"dns"`
}

type manifLog struct {
	Unwrap string       `yaml:"unwrap"`
	Match  []manifMatch `yaml:"match"`
}

type manifMatch struct {
	Equals map[string][]string `yaml:"equals"`
	Keys   []string            `yaml:"keys"`
	Absent []string            `yaml:"absent"`
	Like   map[string]string   `yaml:"like"`
}

type manifDerived struct {
	Reads map[string]manifReach `yaml:"reads"`
}

type manifReach struct {
	Own    bool          `yaml:"own"`
	Before time.Duration `yaml:"before"`
	After  time.Duration `yaml:"after"`
}

// Load reads the folders of sources. A folder that is not as it should be is a programmer's error, and named.
func Load(files fs.FS) ([]Source, error) {
	folders, err := fs.Glob(files, "*/source.yaml")
	if err != nil {
		return nil, err
	}
	var list []Source
	for _, path := range folders {
		name := strings.TrimSuffix(path, "/source.yaml")
		folder, err := fs.Sub(files, name)
		if err != nil {
			return nil, err
		}
		s, err := load(name, folder)
		if err != nil {
			return nil, fmt.Errorf("read the source %s: %w", name, err)
		}
		list = append(list, s)
	}
	return list, nil
}

func load(name string, folder fs.FS) (Source, error) {
	text, err := fs.ReadFile(folder, "source.yaml")
	if err != nil {
		return Source{}, err
	}
	var m manifest
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&m); err != nil {
		return Source{}, err
	}
	s := Source{Name: name, Help: m.Help, files: folder}
	for _, log := range slices.Sorted(maps.Keys(m.Logs)) {
		l := Log{Name: log, Unwrap: m.Logs[log].Unwrap}
		for _, match := range m.Logs[log].Match {
			compiled := Match{Equals: match.Equals, Keys: match.Keys, Absent: match.Absent, Like: map[string]*regexp.Regexp{}}
			for key, pattern := range match.Like {
				if compiled.Like[key], err = regexp.Compile(pattern); err != nil {
					return Source{}, fmt.Errorf("the log %s is told by %s: %w", log, key, err)
				}
			}
			l.Match = append(l.Match, compiled)
		}
		if len(l.Match) == 0 {
			return Source{}, fmt.Errorf("the log %s has nothing to tell it by", log)
		}
		s.Logs = append(s.Logs, l)
	}
	for kind, d := range map[Kind]*manifDerived{Events: m.Events, DNS: m.DNS} {
		if d == nil {
			continue
		}
		reads := map[string]Reach{}
		for log, reach := range d.Reads {
			if _, ok := m.Logs[log]; !ok {
				return Source{}, fmt.Errorf("%s reads the log %s, which is not there", kind, log)
			}
			reads[log] = Reach(reach)
		}
		s.Derived = append(s.Derived, Derived{Kind: kind, Reads: reads})
	}
	slices.SortFunc(s.Derived, func(a, b Derived) int { return strings.Compare(string(a.Kind), string(b.Kind)) })
	// The SQL must render whatever the names are.
	if _, err := s.Landing(Names{}); err != nil {
		return Source{}, err
	}
	for _, d := range s.Derived {
		if _, err := s.selection(d.Kind, Names{}); err != nil {
			return Source{}, err
		}
	}
	return s, nil
}

// fits says whether a record is of this log. get returns a field's text, and whether it is there.
func (l Log) fits(get func(key string) (string, bool)) bool {
	return slices.ContainsFunc(l.Match, func(m Match) bool { return m.fits(get) })
}

func (m Match) fits(get func(key string) (string, bool)) bool {
	for key, values := range m.Equals {
		if value, ok := get(key); !ok || !slices.Contains(values, value) {
			return false
		}
	}
	for _, key := range m.Keys {
		if _, ok := get(key); !ok {
			return false
		}
	}
	for _, key := range m.Absent {
		if _, ok := get(key); ok {
			return false
		}
	}
	for key, pattern := range m.Like {
		if value, ok := get(key); !ok || !pattern.MatchString(value) {
			return false
		}
	}
	return true
}
