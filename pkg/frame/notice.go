package frame

import (
	"fmt"

	"github.com/grafana/grafana-plugin-sdk-go/data"
)

func notice(severity data.NoticeSeverity, text string) data.Notice {
	return data.Notice{Severity: severity, Text: text}
}

// cut says that the answer was cut by the row limit, and how to see the rest.
func cut(shown int, what string) data.Notice {
	return notice(data.NoticeSeverityWarning, fmt.Sprintf("Only %d %s are shown; there are more. Raise the limit, narrow the time range or add filters.", shown, what))
}
