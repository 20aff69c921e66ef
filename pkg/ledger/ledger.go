// Package ledger keeps what is known of the time before a window: which networks each name led to, and since when devices connect to each
// destination. ClickHouse fills both every few minutes from the newest events and DNS answers (names.sql, destinations.sql), and twice a day
// from those of the last days, which may have come late. What is written twice counts once.
package ledger

import (
	"context"
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"text/template"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/beaconing"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/cases"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

var (
	//go:embed names.sql
	namesText string
	//go:embed destinations.sql
	destinationsText string
)

// Every is how often the newest events are read, Newest how far back; LateEvery and Late are the same for events that came late.
const (
	Every     = 10 * time.Minute
	Newest    = 3 * time.Hour
	LateEvery = 12 * time.Hour
	Late      = 48 * time.Hour
)

// kind is what a ledger is of.
type kind struct {
	of        string // for people
	ddl       func(table string) (string, error)
	fill      *template.Template
	retention time.Duration
	// options render the fill, beside Events and Questions, with its parameters.
	options func() (options, values map[string]any, err error)
}

// Keeper keeps one ledger of one events table.
type Keeper struct {
	kind
	client *clickhouse.Client
	table  schema.Table
	name   string
	dns    bool
}

// Names makes a keeper of the ledger of names of that name, in the events table's database. Questions of DNS are read where their table is
// there.
func Names(ctx context.Context, client *clickhouse.Client, table schema.Table, name string) (Keeper, error) {
	there, err := client.Present(ctx, table.Database, []string{schema.DNSTable})
	return Keeper{kind: ofNames, client: client, table: table, name: name, dns: len(there) > 0}, err
}

// Destinations makes a keeper of the ledger of destinations of that name, in the events table's database. A question of DNS is no connection.
func Destinations(client *clickhouse.Client, table schema.Table, name string) Keeper {
	return Keeper{kind: ofDestinations, client: client, table: table, name: name}
}

var ofNames = kind{
	of: "names", ddl: schema.LedgerDDL, fill: statement.Parse("names.sql", namesText), retention: schema.LedgerRetention,
	options: func() (options, values map[string]any, err error) {
		return map[string]any{
			"MostDevices": schema.LedgerDevices, "Host": statement.Host("RemoteUrl"), "Answer": statement.AddressText("Answer"),
			"Number": statement.AddressNumber("RemoteAddress", true), "Public": statement.Public(prefix, true, statement.SpecialNetworks()),
		}, map[string]any{}, nil
	},
}

// ofDestinations are the places of cases at their defaults.
var ofDestinations = kind{
	of: "destinations", ddl: schema.DestinationsDDL, fill: statement.Parse("destinations.sql", destinationsText), retention: schema.DestinationsRetention,
	options: func() (options, values map[string]any, err error) {
		hosts, err := beaconing.Hosts(prefix, "written", true)
		return map[string]any{
				"Hosts": hosts, "Public": statement.PublicOf("Judged", "JudgedNumber", prefix, true, statement.SpecialNetworks()),
			}, map[string]any{
				prefix + "_internalDomains": beaconing.InternalDomains().Default, prefix + "_actionTypes": cases.Outbound(), prefix + "_drills": schema.DrillPrefix,
			}, err
	},
}

// network renders the network of an address: the /24 around it, of IPv6 the /48.
const network = `if(position(RemoteAddress, ':') > 0,
        concat(toString(tupleElement(IPv6CIDRToRange(toIPv6OrDefault(RemoteAddress), 48), 1)), '/48'),
        concat(toString(tupleElement(IPv4CIDRToRange(toIPv4OrDefault(RemoteAddress), 24), 1)), '/24'))`

// Create creates the ledger; one that is there stays.
func (k Keeper) Create(ctx context.Context) error {
	text, err := k.ddl(k.quoted(k.name))
	if err != nil {
		return err
	}
	return k.client.Exec(ctx, text)
}

// Apply creates the ledger and fills it with all events that there are, a day at a time. It may be broken off and run again. done is told each day.
func (k Keeper) Apply(ctx context.Context, done func(day time.Time)) error {
	if err := k.Create(ctx); err != nil {
		return err
	}
	now := time.Now().UTC()
	day, last, err := k.span(ctx, now)
	if err != nil {
		return err
	}
	for day = day.Truncate(24 * time.Hour); day.Before(last); day = day.Add(24 * time.Hour) {
		if err := k.Fill(ctx, day, earlier(day.Add(24*time.Hour), now)); err != nil {
			return fmt.Errorf("the day %s: %w", day.Format(time.DateOnly), err)
		}
		done(day)
	}
	if day.Before(now) { // nothing came since, and that is known as well
		return k.Fill(ctx, day, now)
	}
	return nil
}

// Once reads the newest events, as ClickHouse does where it has the job.
func (k Keeper) Once(ctx context.Context) error {
	now := time.Now().UTC()
	return k.Fill(ctx, now.Add(-Newest), now)
}

// Schedule makes ClickHouse fill the ledger by itself, from now on. Where the server has no refreshable views it is an error of
// ClickHouse: `fluxhound watch` does the same.
func (k Keeper) Schedule(ctx context.Context) error {
	meaning, err := k.client.Meaning(ctx)
	if err != nil {
		return err
	}
	newest, late := schema.LedgerJobNames(k.name)
	for _, job := range []struct {
		name         string
		every, reach time.Duration
	}{{newest, Every, Newest}, {late, LateEvery, Late}} {
		rows, err := k.rows(query.Window{From: from, To: to}, map[time.Time]string{from: fmt.Sprintf("(%s - INTERVAL %d SECOND)", now, int(job.reach.Seconds())), to: now})
		if err != nil {
			return err
		}
		for _, text := range []string{
			"DROP TABLE IF EXISTS " + k.quoted(job.name),
			fmt.Sprintf("CREATE MATERIALIZED VIEW %s REFRESH EVERY %d SECOND APPEND TO %s EMPTY AS\n%s\nSETTINGS %s", k.quoted(job.name), int(job.every.Seconds()), k.quoted(k.name), rows, meaning),
		} {
			if err := k.client.Exec(ctx, text); err != nil {
				return err
			}
		}
	}
	return nil
}

// now is the end of what a job reads, as ClickHouse evaluates it: once in a statement, as a scalar subquery, which might be NULL.
const now = "assumeNotNull((SELECT now64(3, 'UTC')))"

// from and to stand for the ends of what is read, in a statement whose times are not known yet.
var from, to = time.Unix(0, 0).UTC(), time.Unix(1, 0).UTC()

// Fill adds the events of [begin, end).
func (k Keeper) Fill(ctx context.Context, begin, end time.Time) error {
	rows, err := k.rows(query.Window{From: begin, To: end}, nil)
	if err != nil {
		return err
	}
	meaning, err := k.client.Meaning(ctx)
	if err != nil {
		return err
	}
	s := statement.Statement{SQL: fmt.Sprintf("INSERT INTO %s %s\nSETTINGS %s", k.quoted(k.name), rows, meaning)}
	return k.client.Apply(ctx, "fill the ledger of "+k.of, s, map[string]any{"insert_deduplicate": 0, "async_insert": 0, "max_query_size": 4 * len(rows)})
}

// rows renders what a time adds to the ledger. times stand for instants that move.
func (k Keeper) rows(window query.Window, times map[time.Time]string) (string, error) {
	events, err := statement.NewSource(k.table.WithHours(nil), window, nil)
	if err != nil {
		return "", err
	}
	questions, err := statement.NewSource(schema.DNSQuestions(k.table.Database), window, nil)
	if err != nil {
		return "", err
	}
	options, values, err := k.options()
	if err != nil {
		return "", err
	}
	maps.Copy(options, map[string]any{"Events": events, "Questions": questions, "DNS": k.dns, "Network": network})
	text, err := statement.Render(k.fill, options)
	if err != nil {
		return "", err
	}
	values["from"], values["to"] = window.From, window.To
	maps.Copy(values, statement.PublicValues(prefix, true, statement.SpecialNetworks()))
	s, err := statement.New(text, values, nil)
	if err != nil {
		return "", fmt.Errorf("ledger of %s: %w", k.of, err)
	}
	return s.Written(times), nil
}

const prefix = "ledger"

// span is the first and the last time that there is an event or a question of, as far as the ledger remembers; now where there is none.
func (k Keeper) span(ctx context.Context, now time.Time) (first, last time.Time, err error) {
	tables := []schema.Table{k.table}
	if k.dns {
		tables = append(tables, schema.DNSQuestions(k.table.Database))
	}
	first = now
	for _, table := range tables {
		at := statement.Identifier(table.Column(schema.Timestamp).Name)
		s, err := statement.New(
			fmt.Sprintf("SELECT toInt64(count()) AS Rows, toDateTime64(assumeNotNull(min(%s)), 3, 'UTC') AS Oldest, toDateTime64(assumeNotNull(max(%s)), 3, 'UTC') AS Newest FROM %s WHERE %s >= {since:DateTime64(3, 'UTC')} AND %s < {now:DateTime64(3, 'UTC')}", at, at, k.quoted(table.Name), at, at),
			map[string]any{"since": now.Add(-k.retention), "now": now},
			[]statement.Column{{Name: "Rows", Kind: statement.Integer}, {Name: "Oldest", Kind: statement.Time}, {Name: "Newest", Kind: statement.Time}})
		if err != nil {
			return first, last, err
		}
		result, err := k.client.Query(ctx, s, clickhouse.Origin{Detector: "ledger"})
		if err != nil {
			return first, last, err
		}
		if result.Data[0].([]int64)[0] > 0 {
			first = earlier(first, result.Data[1].([]time.Time)[0])
			if newest := result.Data[2].([]time.Time)[0]; newest.After(last) {
				last = newest.Add(time.Millisecond) // it is in
			}
		}
	}
	return first, last, nil
}

func earlier(times ...time.Time) time.Time {
	return slices.MinFunc(times, time.Time.Compare)
}

func (k Keeper) quoted(name string) string {
	return statement.Qualified(k.table.Database, name)
}
