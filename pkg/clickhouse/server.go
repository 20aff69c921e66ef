package clickhouse

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	driver "github.com/ClickHouse/clickhouse-go/v2"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// Server is a ClickHouse as the data source's user sees it.
type Server struct {
	Version  string // such as 26.7.3.1
	Timezone string // the server's
	User     string
	Readonly int   // 0: may write, 1: may only read and set nothing, 2: may only read and set settings
	Revision int64 // of ClickHouse's code, which grows with each version

	lookedUp map[string]string // settings that not every server has, or that cannot be sent, with the user's values
	changed  []string          // limits that the user's profile or customSettings set
}

// Probe connects, authenticates and says what is there. A server that is too old is an *Error of category Schema; a user
// whose profile changes what statements mean, and may not change it back, one of category Permission.
func (c *Client) Probe(ctx context.Context) (Server, error) {
	const op = "connect to ClickHouse"
	leave, err := c.enter(ctx, op, Origin{}, c.limitOf(ctx))
	if err != nil {
		return Server{}, err
	}
	defer leave()
	server, err := c.ask(ctx, op)
	if err != nil {
		return Server{}, err
	}
	return server, server.refusal(op)
}

// access gives the server as the newest connection saw it.
func (c *Client) access(ctx context.Context, op string) (Server, error) {
	if known := c.server.Load(); known != nil {
		return *known, nil
	}
	return c.ask(ctx, op)
}

// limiting are the names of settings that make statements fail.
var limiting = regexp.MustCompile("^(max|min|force)_")

// serverStatement needs no right, and no setting that a user with readonly=1 may not set. It reads a table of ClickHouse's
// own, which shows the settings as they are for the user.
var serverStatement = statement.Statement{
	SQL: "SELECT version() AS Version, timezone() AS Timezone, currentUser() AS User," +
		" toInt64(getSetting('readonly')) AS Readonly, toInt64(revision()) AS Revision," +
		" groupArrayIf(name, match(name, {lookedUp:String})) AS Names, groupArrayIf(value, match(name, {lookedUp:String})) AS Values," +
		" groupArrayIf(name, changed AND match(name, '" + limiting.String() + "')) AS Limits" +
		" FROM system.settings",
	// An expression and no list, which a profile may limit the length of.
	Params: []statement.Param{{Name: "lookedUp", Type: "String", Value: "^(" + strings.Join(lookedUp(), "|") + ")$"}},
	Columns: []statement.Column{
		{Name: "Version", Kind: statement.Text}, {Name: "Timezone", Kind: statement.Text}, {Name: "User", Kind: statement.Text},
		{Name: "Readonly", Kind: statement.Integer}, {Name: "Revision", Kind: statement.Integer},
		{Name: "Names", Kind: statement.List}, {Name: "Values", Kind: statement.List}, {Name: "Limits", Kind: statement.List},
	},
	RowLimit: 1,
}

func (c *Client) ask(ctx context.Context, op string) (Server, error) {
	var set driver.Settings // none but the pins: whether any may be set is the question
	result, err := c.run(ctx, op, request{Statement: serverStatement}, set, c.settings.QueryTimeout)
	if err != nil {
		return Server{}, explainAsking(err)
	}
	if result.Rows != 1 {
		return Server{}, classify(op, &mismatch{fmt.Sprintf("%d rows came, 1 was expected", result.Rows)})
	}
	server := Server{
		Version: result.text(0)[0], Timezone: result.text(1)[0], User: result.text(2)[0],
		Readonly: int(result.integer(3)[0]), Revision: result.integer(4)[0], lookedUp: map[string]string{},
	}
	for i, name := range result.list(5)[0] {
		server.lookedUp[name] = result.list(6)[0][i]
	}
	pins := c.always()
	server.changed = slices.DeleteFunc(result.list(7)[0], func(name string) bool { _, ours := pins[name]; return ours })
	for name := range c.settings.Custom {
		if limiting.MatchString(name) {
			server.changed = append(server.changed, name)
		}
	}
	slices.Sort(server.changed)
	server.changed = slices.Compact(server.changed)
	if tooOld(server.Version) {
		return Server{}, old(op, fmt.Errorf("the server is ClickHouse %s", server.Version))
	}
	c.server.Store(&server)
	return server, nil
}

// Oldest is the oldest ClickHouse that the plugin works with, a release with long-term support: all that it sends and reads is
// there, and older ones are refused.
const Oldest = "24.8"

// tooOld says whether a version is older than Oldest. One that cannot be read is not.
func tooOld(version string) bool {
	var major, minor, oldestMajor, oldestMinor int
	if n, _ := fmt.Sscanf(version, "%d.%d", &major, &minor); n < 2 {
		return false
	}
	_, _ = fmt.Sscanf(Oldest, "%d.%d", &oldestMajor, &oldestMinor)
	return major < oldestMajor || major == oldestMajor && minor < oldestMinor
}

func old(op string, what error) *Error {
	return &Error{Category: Schema, Op: op, Err: what, Hint: tooOldHint}
}

const tooOldHint = "The server is too old: use ClickHouse " + Oldest + " or newer."

// Texts returns the columns of a result that has nothing but texts.
func (r *Result) Texts() [][]string {
	columns := make([][]string, len(r.Data))
	for i, values := range r.Data {
		columns[i], _ = values.([]string)
	}
	return columns
}

func (r *Result) text(column int) []string   { return r.Data[column].([]string) }
func (r *Result) integer(column int) []int64 { return r.Data[column].([]int64) }
func (r *Result) list(column int) [][]string { return r.Data[column].([][]string) }
