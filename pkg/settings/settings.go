// Package settings decodes, defaults and validates a data source's settings. Names are those of the official ClickHouse
// data source where it has them.
package settings

import (
	"encoding/json"
	"fmt"
	"net"
	"slices"
	"strconv"
	"time"
)

// Settings is one data source's validated settings, secrets included: never log it.
type Settings struct {
	Addresses    []string // host:port, in the order of preference; at least one
	Protocol     Protocol
	Secure       bool
	Path         string // of the HTTP interface behind a proxy; empty for none
	Username     string
	Password     string
	TLS          TLS
	DialTimeout  time.Duration
	QueryTimeout time.Duration
	MaxOpenConns int
	MaxIdleConns int
	ConnLifetime time.Duration
	Custom       map[string]string // ClickHouse settings for each statement
	Database     string
	Table        string
	Source       string            // the one whose tables these are, by its folder; empty for a table of one's own. No query asks
	Columns      map[string]string // canonical column → the table's own
	// InternalNetworks are those inside, as prefixes: what comes from elsewhere to one of them is inbound, where the sensor has no
	// mark of its own. An import reads them, and no query.
	InternalNetworks []string
	RowLimit         int           // rows
	CacheTTL         time.Duration // how long viewers share an answer, alert rules never; 0 for not at all

	// Allowlist is the entries as they are stored: one that is not valid hides nothing and leaves the others standing.
	Allowlist      []json.RawMessage
	AllowlistTable string // in Database; empty for none
	// Suffixes are domains of dynamic DNS beside the known ones, as they are stored: one that is not valid adds nothing and
	// leaves the others standing.
	Suffixes      []Suffix
	SuffixTable   string // in Database; empty for none
	ASNDictionary string // a dictionary, perhaps with its database and a dot in front; empty for none
	// ListTables are the tables of further lists, in Database, by the list's name.
	ListTables map[string]string

	// CaseWeights are points by the name of a piece of evidence, where they differ from the detector's own.
	CaseWeights map[string]int64
	// KeptQuestions are those that findings are kept of, beside what the dashboards and rules ask that ship.
	KeptQuestions []KeptQuestion
	// VerdictsUsername is the ClickHouse user who writes verdicts, and may insert into their table and nowhere else; empty for none.
	VerdictsUsername string
	VerdictsPassword string
	// Ignored names the stored fields that are nobody's, in their order: answers do without them, and say so.
	Ignored []*Error
}

// SameSource reports whether two data sources read the same tables by the same names: the same servers, user and database.
func (s Settings) SameSource(other Settings) bool {
	return slices.Equal(s.Addresses, other.Addresses) && s.Username == other.Username && s.Database == other.Database
}

// ForVerdicts returns the settings of the user who writes verdicts; false where there is none.
func (s Settings) ForVerdicts() (Settings, bool) {
	if s.VerdictsUsername == "" {
		return Settings{}, false
	}
	s.Username, s.Password = s.VerdictsUsername, s.VerdictsPassword
	return s, true
}

// Suffix is a domain that names are looked for under, and whose it is.
type Suffix struct {
	Suffix   string `json:"suffix"`
	Provider string `json:"provider"` // for people; empty for the suffix itself
}

// KeptQuestion is a question that findings are kept of.
type KeptQuestion struct {
	Name      string          // for people
	QueryType string          // a detector's, or cases
	Params    json.RawMessage // the detector's own; nil for its defaults
	Lookback  time.Duration   // how much time is looked at
	Every     time.Duration   // how often
}

// Protocol is the interface of ClickHouse that is used.
type Protocol string

// The protocols, with their ports: 9000 (9440 with TLS) and 8123 (8443 with TLS).
const (
	Native Protocol = "native"
	HTTP   Protocol = "http"
)

// TLS is what a secure connection needs.
type TLS struct {
	SkipVerify bool
	ServerName string // expected in the server's certificate; empty for the address's own
	CACert     string // PEM, one or several; the only ones that are trusted; empty for the system's
	ClientCert string // PEM; with ClientKey for mutual TLS
	ClientKey  string // PEM
}

// Defaults, bounds and units of the numeric settings.
var (
	dialTimeout  = span{"dialTimeout", "s", 10, 1, 300}
	queryTimeout = span{"queryTimeout", "s", 60, 1, 3600}
	maxOpen      = span{"maxOpenConns", "connections", 10, 1, 1000}
	maxIdle      = span{"maxIdleConns", "connections", 5, 0, 1000}
	connLifetime = span{"connMaxLifetime", "minutes", 5, 1, 1440}
	rowLimit     = span{"rowLimit", "rows", 100_000, 1, 1_000_000}
	cacheTTL     = span{"cacheTTL", "s", 30, 0, 3600}
)

// Defaults of the texts.
const (
	DefaultDatabase = "default"
	DefaultTable    = "network_events"
	DefaultUsername = "default"
)

// Error is a setting that must be changed. It never carries a secret's value.
type Error struct {
	Field  string
	Reason string
}

func (e *Error) Error() string { return fmt.Sprintf("data source setting %q: %s", e.Field, e.Reason) }

func refuse(field, format string, args ...any) error {
	return &Error{Field: field, Reason: fmt.Sprintf(format, args...)}
}

// span is a whole number's default and bounds, both included.
type span struct {
	field, unit       string
	byDefault, lo, hi int
}

func (s span) check(n number) (int, error) {
	if !n.given {
		return s.byDefault, nil
	}
	if n.value < s.lo || n.value > s.hi {
		return 0, refuse(s.field, "%d is out of range; it may be %d to %d %s", n.value, s.lo, s.hi, s.unit)
	}
	return n.value, nil
}

// DefaultPort returns the port that ClickHouse listens on unless configured otherwise.
func DefaultPort(p Protocol, secure bool) int {
	return map[Protocol]map[bool]int{Native: {false: 9000, true: 9440}, HTTP: {false: 8123, true: 8443}}[p][secure]
}

func join(host string, port int) string { return net.JoinHostPort(host, strconv.Itoa(port)) }
