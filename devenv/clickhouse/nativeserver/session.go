package nativeserver

import (
	"strings"

	"github.com/fluxhound/fluxhound-detections-datasource/devenv/clickhouse/engine"
	"github.com/fluxhound/fluxhound-detections-datasource/devenv/clickhouse/sqltext"
	"github.com/fluxhound/fluxhound-detections-datasource/devenv/clickhouse/statement"
)

// session is what a connection remembers from one statement to the next. Each statement has an engine session of its
// own, so that its settings end with it.
type session struct {
	database string
	sets     []string // SET statements, in their order
}

// check refuses what would need more memory than that.
func (s *session) check(text string) error {
	words := sqltext.FirstWords(text, 3)
	temporary := len(words) > 1 && words[0] == "CREATE" && (words[1] == "TEMPORARY" || len(words) > 2 && words[1] == "OR" && words[2] == "REPLACE" && strings.Contains(strings.ToUpper(text), "TEMPORARY TABLE"))
	if temporary {
		return &engine.Exception{Code: engine.CodeNotImplemented, Name: "NOT_IMPLEMENTED", Message: "Temporary tables are not supported by this development server"}
	}
	return nil
}

// remember keeps what a statement that succeeded changed for those after it.
func (s *session) remember(done *statement.Statement, text string) error {
	words := sqltext.FirstWords(text, 2)
	switch {
	case len(words) > 0 && words[0] == "USE":
		database, err := done.Database()
		if err != nil {
			return err
		}
		s.database = database
	case len(words) > 0 && words[0] == "SET":
		s.sets = append(s.sets, text)
	}
	return nil
}
