// Package verdicts writes down what analysts say of findings. What is said stays: a later word on the same finding counts in its place.
package verdicts

import (
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/findings"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/strictjson"
)

// Verdict is what an analyst says of a finding.
type Verdict struct {
	FindingKey  string `json:"findingKey"`
	Verdict     string `json:"verdict"` // investigating, benign, malicious, or none to take back what was said
	Note        string `json:"note"`
	Until       string `json:"until"` // a day such as 2030-12-31, the last on which it holds, or a number of days such as 30d; empty for ever
	QueryType   string `json:"queryType"`
	DeviceName  string `json:"deviceName"`
	Destination string `json:"destination"`
	Severity    string `json:"severity"` // of the finding now
}

// Bounds on what is written down.
const (
	mostNote = 1000 // runes
	mostDays = 3650
	mostText = 4096 // bytes of what it is about
)

var findingKey = regexp.MustCompile("^[0-9a-f]{16}$")

// Decode reads a verdict. Every error is a *query.Error that names the field.
func Decode(data []byte, now time.Time) (Verdict, error) {
	var v Verdict
	if err := strictjson.Struct(data, &v); err != nil {
		return Verdict{}, refuse("verdict", "it must be a JSON object with findingKey, verdict, and what it is about: %v", err)
	}
	v.Note, v.Verdict = plain(v.Note), strings.TrimSpace(v.Verdict)
	switch {
	case !findingKey.MatchString(v.FindingKey):
		return Verdict{}, refuse("findingKey", "it must be a FindingKey, 16 hexadecimal digits")
	case !slices.Contains(findings.Verdicts(), v.Verdict):
		return Verdict{}, refuse("verdict", "it may be %s", strings.Join(findings.Verdicts(), ", "))
	case utf8.RuneCountInString(v.Note) > mostNote:
		return Verdict{}, refuse("note", "it may have %d characters", mostNote)
	}
	for field, text := range map[string]string{"queryType": v.QueryType, "deviceName": v.DeviceName, "destination": v.Destination, "severity": v.Severity} {
		if len(text) > mostText {
			return Verdict{}, refuse(field, "it may have %d bytes", mostText)
		}
	}
	if days, ok := strings.CutSuffix(v.Until, "d"); ok {
		n, err := strconv.Atoi(days)
		if err != nil || n < 1 || n > mostDays {
			return Verdict{}, refuse("until", "%q is no number of days from 1d to %dd", v.Until, mostDays)
		}
		v.Until = now.UTC().AddDate(0, 0, n).Format(time.DateOnly)
	}
	if end, err := v.end(); err != nil || !end.IsZero() && !end.After(now) {
		return Verdict{}, refuse("until", "it must be a day to come, such as %s", now.AddDate(0, 0, 30).Format(time.DateOnly))
	}
	return v, nil
}

// plain is a text in one line, without characters that are none.
func plain(text string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), r == utf8.RuneError:
			return -1
		}
		return r
	}, text))
}

func refuse(field, format string, args ...any) error {
	return &query.Error{Field: field, Reason: fmt.Sprintf(format, args...)}
}

// end is the first instant at which the verdict holds no more; the zero value for never.
func (v Verdict) end() (time.Time, error) {
	if v.Until == "" {
		return time.Time{}, nil
	}
	day, err := time.Parse(time.DateOnly, v.Until)
	return day.AddDate(0, 0, 1), err
}

// Write writes a verdict down, as somebody's. The client's user needs INSERT on the table and nothing else.
func Write(ctx context.Context, client *clickhouse.Client, database, table string, v Verdict, who string) error {
	end, err := v.end()
	if err != nil {
		return err
	}
	if end.IsZero() {
		end = time.Unix(0, 0)
	}
	return client.Insert(ctx, clickhouse.Block{
		Database: database, Table: schema.VerdictsName(table),
		Columns: []string{"FindingKey", "Verdict", "Note", "Who", "Until", "QueryType", "DeviceName", "Destination", "Severity"},
		Data: []any{
			[]string{v.FindingKey}, []string{v.Verdict}, []string{v.Note}, []string{plain(who)}, []time.Time{end}, []string{v.QueryType},
			[]string{v.DeviceName}, []string{v.Destination}, []string{v.Severity},
		},
	})
}

// Entry is the entry of an allowlist that hides what a benign verdict is about, for an administrator to add: bounded by the device where
// the finding has one, and for as long as the verdict holds. It is empty where the verdict is not benign, or is about no destination.
func (v Verdict) Entry(who string) json.RawMessage {
	entry := map[string]string{"reason": v.Note, "owner": plain(who), "detector": v.QueryType, "expires": v.Until}
	if v.DeviceName != "Multiple" {
		entry["device"] = v.DeviceName
	}
	if address, err := netip.ParseAddr(v.Destination); err == nil {
		entry["network"] = address.String()
	} else {
		entry["domain"] = strings.ToLower(v.Destination)
	}
	if v.Verdict != findings.Benign || v.Destination == "" {
		return nil
	}
	for name, value := range entry {
		if value == "" {
			delete(entry, name)
		}
	}
	text, _ := json.Marshal(entry) // texts always marshal
	return text
}
