package clickhouse

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	driver "github.com/ClickHouse/clickhouse-go/v2"
)

// explain tells, where a statement ran out of time, whose patience that was.
func (c Class) explain(err error) error {
	fault := new(Error)
	if c != Alert || !errors.As(err, &fault) || fault.Category != Timeout {
		return err
	}
	told := *fault
	told.Hint += " Here " + waits + "."
	return &told
}

// waits names, for people, whose limit an alert rule's is, and how it is raised.
const waits = "an alert rule's statement gets 25s, or queryTimeout where that is less, for Grafana ends the evaluation after evaluation_timeout ([unified_alerting], 30s by default)"

// explain tells which limits of the user's profile or of customSettings a statement may have run into, where ClickHouse does
// not say.
func (s Server) explain(err error) error {
	fault := new(Error)
	if len(s.changed) == 0 || !errors.As(err, &fault) || !is[*driver.Exception](err) {
		return err
	}
	if fault.Category != Limit && fault.Category != Query && fault.Category != Timeout {
		return err
	}
	said := func(name string) bool { return strings.Contains(fault.Err.Error(), name) }
	if slices.ContainsFunc(s.changed, said) {
		return err
	}
	told := *fault
	told.Hint += fmt.Sprintf(" The profile of ClickHouse's user, or customSettings, set %s.", strings.Join(s.changed[:min(len(s.changed), mostNamed)], ", "))
	return &told
}

// mostNamed is how many of a profile's settings an error names.
const mostNamed = 8
