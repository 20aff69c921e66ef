package schema

import "time"

// Findings are kept: a job asks the detectors and writes down all that they find, run by run. Who asks the same reads the newest
// run; what was found when is kept beside it.

// FindingsRetention is how long a finding is remembered after it was found last.
const FindingsRetention = 90 * 24 * time.Hour

// RunsRetention is how long the findings of a run are kept: longer than two runs of the slowest question.
const RunsRetention = 3 * time.Hour

// Columns of a run's row beside those of its finding.
const (
	Question     = "Question"     // what was asked: a hash of the statement and its parameters
	QueryType    = "QueryType"    // whose question it is
	Rule         = "Rule"         // the question's name for people
	Run          = "Run"          // the end of the window that was looked at
	RunEvery     = "RunEvery"     // how often it is asked, in seconds
	Place        = "Place"        // counts the run's findings from 1; 0 in the row of a run that finds nothing
	RunFindings  = "RunFindings"  // how many there are
	FindingValue = "FindingValue" // the alert value
)

// WholeRun is the condition that all rows of a run are there, of a group of its rows.
const WholeRun = "count() = greatest(1, max(RunFindings)) AND countIf(Place = 0) = (max(RunFindings) = 0)"

// FindingsRunsName returns the name of the table of what each run found.
func FindingsRunsName(table string) string { return table + "_findings_runs" }

// FindingsName returns the name of the table that remembers each finding.
func FindingsName(table string) string { return table + "_findings" }

// FindingsSeenName returns the name of the view that fills it.
func FindingsSeenName(table string) string { return table + "_findings_seen" }

// FindingsJobPrefix begins the names of the refreshable views that ask the detectors.
func FindingsJobPrefix(table string) string { return table + "_findings_job_" }

// Kept names a run that answers a question.
type Kept struct {
	Question string
	Run      time.Time
	Build    int64
}

// WithKept returns the table with runs that answer what is asked of it, by the query type.
func (t Table) WithKept(runs map[string]Kept) Table {
	t.kept = runs
	return t
}

// Kept returns the run that answers a query type; false for none.
func (t Table) Kept(queryType string) (Kept, bool) {
	run, ok := t.kept[queryType]
	return run, ok
}

// VerdictsName returns the name of the table of verdicts on findings.
func VerdictsName(table string) string { return table + "_verdicts" }

// FindingsTable describes the relation of kept findings, as far as it can be filtered, as if it were an events table.
func (t Table) FindingsTable() Table {
	columns := map[string]Described{Timestamp: {Name: Timestamp, Type: "DateTime64(3, 'UTC')"}}
	for _, name := range []string{DeviceName, DeviceID, RemoteIP, RemoteURL} {
		columns[name] = Described{Name: name, Type: "String"}
	}
	return Table{Database: t.Database, Name: FindingsName(t.Name), columns: columns}
}

// FindingColumn is a column of the definition of kept findings.
type FindingColumn struct{ Name, Type string }

// FindingsNames are the names in the definition of kept findings, quoted as identifiers with their database.
type FindingsNames struct {
	Runs, Findings, Seen, Verdicts string

	Columns       []FindingColumn // of a finding
	RunsHours     int             // how long runs are kept
	RetentionDays int             // how long findings are
}

// FindingsDDL returns the statements that create what findings are kept in. Columns that are new since they were created are added.
func FindingsDDL(n FindingsNames) ([]string, error) {
	var statements []string
	add := func(file string, data any) error {
		text, err := render(file, data)
		statements = append(statements, text)
		return err
	}
	if err := add("findings_runs.sql", n); err != nil {
		return nil, err
	}
	for _, column := range n.Columns {
		if err := add("findings_column.sql", map[string]any{"Runs": n.Runs, "Column": column}); err != nil {
			return nil, err
		}
	}
	if err := add("findings.sql", n); err != nil {
		return nil, err
	}
	statements = append(statements, "DROP TABLE IF EXISTS "+n.Seen)
	if err := add("findings_seen.sql", n); err != nil {
		return nil, err
	}
	return statements, add("verdicts.sql", map[string]string{"Table": n.Verdicts})
}
