package statement

import (
	"fmt"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
)

// ProcessName is the computed column with the file name of the process: of a path what stands behind its last slash of either
// kind, of a command line the program, whatever is said behind it. It is empty for a placeholder.
const ProcessName = "ProcessName"

func (s Source) process() string {
	if !s.table.Has(schema.InitiatingProcessFileName) {
		return "CAST('', '" + lowCardinality + "')"
	}
	return Process(s.dictionary(schema.InitiatingProcessFileName))
}

// Process renders the file name of a process. Of a dictionary-encoded text it costs nothing, being done once for each of its
// values.
func Process(text string) string {
	program := fmt.Sprintf(`replaceRegexpOne(toValidUTF8(%s), '(?s)^[\\pZ\\pC]*"([^"]*)".*$', '\\1')`, text)
	named := fmt.Sprintf(`replaceRegexpAll(%s, '^[%s]+|[%s/\\\\]+$', '')`, program, edges, edges)
	// what stands behind a Windows program, what Linux says of a program whose file was replaced, and the folder that macOS calls a program
	bare := fmt.Sprintf(`replaceRegexpOne(replaceRegexpOne(%s, '(?is)^(.*?[.]exe)\\pZ.*$', '\\1'), '(?i)(?:\\pZ+[(]deleted[)]|[.]app)$', '')`, something(named))
	return fmt.Sprintf(`replaceRegexpOne(%s, '(?s)^.*[/\\\\]', '')`, bare)
}

// dictionary renders a text column dictionary-encoded, so that what is done to its texts is done once for each.
func (s Source) dictionary(column string) string {
	text := s.expression(column)
	if s.table.Column(column).Type == lowCardinality {
		return text
	}
	return "CAST(" + text + ", '" + lowCardinality + "')"
}
