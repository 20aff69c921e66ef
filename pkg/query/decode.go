package query

import (
	"encoding/json"
	"errors"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/strictjson"
)

// Decode reads one query's JSON, fills in defaults and validates it. Every error is an *Error that names the field.
func Decode(data []byte, o Options) (Query, error) {
	fields, err := object("query", data)
	if err != nil {
		return Query{}, err
	}
	var q Query
	if q.Unread, err = unreadFields(fields); err != nil {
		return Query{}, err
	}
	var kind Type
	for _, step := range []func() error{
		func() error { q.Type, kind, err = decodeType(fields["queryType"], o.Types); return err },
		func() error { q.Format, err = decodeFormat(fields["format"], kind); return err },
		func() error { q.Params, q.Given, err = decodeParams(fields["params"], kind.Params); return err },
		func() error { return q.decodeConditions(fields["filters"]) },
		func() error { q.Limit, err = decodeLimit(fields["limit"], o.RowLimit); return err },
		func() error { q.Allowlist, err = decodeAllowlist(fields["allowlist"]); return err },
		func() error { q.Details, err = decodeDetails(fields["details"], q.Format, kind); return err },
		func() error { return checkVersion(fields["version"]) },
		func() error { q.Window, err = window(o.Range, o.Now); return err },
	} {
		if err := step(); err != nil {
			return Query{}, err
		}
	}
	q.Interval, q.Now = interval(o.Interval, q.Window), o.Now().UTC()
	return q, nil
}

// MaxIntervals bounds the points of one time series. A week by the minute has fewer, 10,080.
const MaxIntervals = 11_000

// interval rounds the request's interval up to whole seconds, and widens it to one of the steps when the window would
// have more than MaxIntervals of it.
func interval(asked time.Duration, w Window) time.Duration {
	asked = max((asked + time.Second - 1).Truncate(time.Second), time.Second)
	narrowest := w.To.Sub(w.From) / MaxIntervals
	if asked >= narrowest {
		return asked
	}
	for _, step := range steps {
		if step >= narrowest {
			return step
		}
	}
	return narrowest.Truncate(time.Second) + time.Second
}

var steps = []time.Duration{
	2 * time.Second, 5 * time.Second, 10 * time.Second, 15 * time.Second, 30 * time.Second,
	time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute,
	time.Hour, 2 * time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour,
}

// Version is the version of the query model that this back end understands.
const Version = 1

func decodeType(data json.RawMessage, types map[string]Type) (string, Type, error) {
	name, err := text("queryType", data)
	if err != nil {
		return "", Type{}, err
	}
	kind, ok := types[name]
	if !ok {
		return "", Type{}, refuse("queryType", "%s is not a query type; %s", shown(name), meant(name, sortedKeys(types)))
	}
	return name, kind, nil
}

func decodeFormat(data json.RawMessage, kind Type) (Format, error) {
	if absent(data) {
		return kind.Formats[0], nil
	}
	name, err := text("format", data)
	if err != nil {
		return "", err
	}
	if !slices.Contains(kind.Formats, Format(name)) {
		return "", refuse("format", "%s does not fit this query type; %s", shown(name), oneOf(kind.Formats))
	}
	return Format(name), nil
}

func decodeLimit(data json.RawMessage, rowLimit int) (int, error) {
	if absent(data) {
		return min(DefaultLimit, rowLimit), nil
	}
	n, err := integer("limit", data)
	if err != nil {
		return 0, err
	}
	if n < 1 || n > int64(rowLimit) {
		return 0, refuse("limit", "%d is out of range; it may be 1 to %d (the data source's row limit)", n, rowLimit)
	}
	return int(n), nil
}

func decodeAllowlist(data json.RawMessage) (Allowlist, error) {
	if absent(data) {
		return ApplyAllowlist, nil
	}
	word, err := text("allowlist", data)
	if err != nil {
		return "", err
	}
	words := []Allowlist{ApplyAllowlist, IgnoreAllowlist}
	if !slices.Contains(words, Allowlist(word)) {
		return "", refuse("allowlist", "%s is not allowed; %s", shown(word), oneOf(words))
	}
	return Allowlist(word), nil
}

func decodeDetails(data json.RawMessage, format Format, kind Type) (bool, error) {
	if absent(data) {
		return false, nil
	}
	on, err := boolean("details", data)
	switch {
	case err != nil || !on:
		return false, err
	case format != Numeric:
		return false, refuse("details", "they are labels of the numeric format; a table has them as columns")
	case !kind.Details:
		return false, refuse("details", "the findings of this query type have none")
	}
	return true, nil
}

func checkVersion(data json.RawMessage) error {
	if absent(data) {
		return nil
	}
	n, err := integer("version", data)
	if err != nil {
		return err
	}
	if n < 1 || n > Version {
		return refuse("version", "%d is not a version of the query model that this plugin knows (1 to %d); update the plugin", n, Version)
	}
	return nil
}

// The instants that DateTime64 holds at any precision: https://clickhouse.com/docs/sql-reference/data-types/datetime64. With nine digits
// it ends in 2262, and comparing it with a later instant is an error.
var (
	earliest = time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC)
	latest   = time.Date(2262, 4, 10, 23, 59, 59, 0, time.UTC)
)

// DecodeWindow validates a range as a query's is; the zero value means the last DefaultLookback before now.
func DecodeWindow(asked Window, now func() time.Time) (Window, error) { return window(asked, now) }

func window(asked Window, now func() time.Time) (Window, error) {
	if asked.none() {
		to := now()
		asked = Window{From: to.Add(-DefaultLookback), To: to}
	}
	w := Window{From: asked.From.UTC().Truncate(time.Millisecond), To: asked.To.UTC().Truncate(time.Millisecond)}
	if w.From.After(w.To) {
		return Window{}, refuse("timeRange", "it is inverted: from %s is after to %s", w.From.Format(time.RFC3339), w.To.Format(time.RFC3339))
	}
	if w.From.Before(earliest) || w.To.After(latest) {
		return Window{}, refuse("timeRange", "it must lie between %s and %s", earliest.Format(time.DateOnly), latest.Format(time.DateOnly))
	}
	return w, nil
}

// none reports whether the caller gave no range. Between Grafana and a plugin a range is two numbers of milliseconds
// since the epoch: no range arrives as the epoch twice, or as what time.Time's zero value overflows to.
func (w Window) none() bool {
	if !w.From.Equal(w.To) {
		return false
	}
	overflown := time.UnixMilli(time.Time{}.UnixNano() / int64(time.Millisecond))
	return w.From.IsZero() || w.From.Equal(time.UnixMilli(0)) || w.From.Equal(overflown)
}

func absent(data json.RawMessage) bool { return len(data) == 0 || string(data) == "null" }

func object(field string, data []byte) (raw, error) {
	fields, err := strictjson.Object(data)
	var syntax *json.SyntaxError
	var named *strictjson.NameError
	switch {
	case err == nil:
		return fields, nil
	case errors.As(err, &syntax):
		return nil, refuse(field, "it is not valid JSON: %v at byte %d", syntax, syntax.Offset)
	case errors.As(err, &named):
		return nil, refuse(member(field, named.Name), "it stands more than once; write it once")
	case errors.Is(err, strictjson.ErrUTF8):
		return nil, refuse(field, "%v", err)
	default:
		return nil, refuse(field, "it must be a JSON object")
	}
}

// member is the path of an object's member. The query's own have none before them.
func member(of, name string) string {
	if of == "query" {
		return clip(name)
	}
	return of + "." + clip(name)
}

// clip cuts the name of an unknown field, which is the user's text, to a length fit for an error.
func clip(name string) string {
	const longest = 60
	if name == "" {
		return `""`
	}
	if utf8.RuneCountInString(name) <= longest {
		return name
	}
	return string([]rune(name)[:longest]) + "…"
}
