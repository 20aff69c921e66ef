package ingest

import (
	"regexp"
	"testing"
)

func TestMatchesFieldsWithinFields(t *testing.T) {
	record := &fields{
		keys:   []string{"winlog", "a.b", "line", "broken", "list", "winlog.user"},
		values: []string{`{"event_id":3,"event_data":{"SourceIp":"10.0.0.5","x.y":"z","nothing":null}}`, "flat", "GET /", `{"a":`, `["a"]`, `{"name":"alice"}`},
	}
	for name, c := range map[string]struct {
		match Match
		want  bool
	}{
		"a field":                        {Match{Keys: []string{"winlog"}}, true},
		"a field within a field":         {Match{Keys: []string{"winlog.event_data.SourceIp"}}, true},
		"its text":                       {Match{Equals: map[string][]string{"winlog.event_id": {"22", "3"}}}, true},
		"another text":                   {Match{Equals: map[string][]string{"winlog.event_id": {"22"}}}, false},
		"a name with a dot":              {Match{Keys: []string{"a.b"}}, true},
		"a name with a dot in an object": {Match{Keys: []string{"winlog.event_data.x.y"}}, true},
		"an object beside another":       {Match{Equals: map[string][]string{"winlog.user.name": {"alice"}}}, true},
		"null is there":                  {Match{Keys: []string{"winlog.event_data.nothing"}}, true},
		"what is not there":              {Match{Keys: []string{"winlog.event_data.QueryName"}}, false},
		"absent within a field":          {Match{Keys: []string{"winlog"}, Absent: []string{"winlog.event_data.SourceIp"}}, false},
		"within what is no object":       {Match{Keys: []string{"list.a"}}, false},
		"within what is no JSON":         {Match{Keys: []string{"broken.b"}}, false},
		"within a text":                  {Match{Keys: []string{"line.a"}}, false},
		"like":                           {Match{Like: map[string]*regexp.Regexp{"line": regexp.MustCompile(`^GET `)}}, true},
		"not like":                       {Match{Like: map[string]*regexp.Regexp{"line": regexp.MustCompile(`^PUT `)}}, false},
		"like what is not there":         {Match{Like: map[string]*regexp.Regexp{"other": regexp.MustCompile(``)}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := c.match.fits(record.get); got != c.want {
				t.Errorf("fits is %v, want %v", got, c.want)
			}
		})
	}
}

// A log whose rows are read around an hour as well makes the hour.
func TestOwnRowsMakeAnHourWhateverTheReach(t *testing.T) {
	for name, c := range map[string]struct {
		reach Reach
		want  bool
	}{
		"no reach":        {Reach{}, true},
		"reach":           {Reach{Before: 3600e9}, false},
		"reach and own":   {Reach{Own: true, Before: 3600e9, After: 3600e9}, true},
		"reach after":     {Reach{After: 3600e9}, false},
		"own without any": {Reach{Own: true}, true},
	} {
		t.Run(name, func(t *testing.T) {
			if got := c.reach.own(); got != c.want {
				t.Errorf("own is %v, want %v", got, c.want)
			}
		})
	}
}
