package detect

import (
	_ "embed"
	"strings"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

//go:embed reaches.sql
var reachesText string

var reachesTemplate = statement.Parse("reaches.sql", reachesText)

// Ledger is a ledger that is kept beside the events, and the time that it knows of.
type Ledger struct {
	Table        string    // quoted, with its database; empty for none
	Since, Until time.Time // what was looked at; zero where it was never filled
	Lost         bool      // there is a table, and it cannot be read
	Withheld     bool      // there is a table, which is made of all events, and a row policy lets the user see a part of them
}

// ledgerPatience is how long after the end of what a ledger knows it counts as kept up: several runs of its job.
const ledgerPatience = time.Hour

// Behind reports whether a ledger does not know what happened up to an instant.
func (l Ledger) Behind(at time.Time) bool { return at.Sub(l.Until) > ledgerPatience }

// Withhold returns the ledger for a user of whom a row policy keeps a part of the events: it is made of all.
func (l Ledger) Withhold() Ledger { return Ledger{Withheld: l.Table != ""} }

// Reaches renders how far a ledger of destinations reaches: one row of KnownFrom, KnownUntil and KnownDevices. It is asked in SQL, since a
// question whose findings are kept is asked for weeks.
func Reaches(table string) (string, error) {
	text, err := statement.Render(reachesTemplate, table)
	return strings.TrimSpace(text), err
}
