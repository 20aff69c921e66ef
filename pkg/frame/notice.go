package frame

import (
	"fmt"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/thousands"
)

func notice(severity data.NoticeSeverity, text string) data.Notice {
	return data.Notice{Severity: severity, Text: text}
}

// cutOf says the same where the number of all is known.
func cutOf(shown int, of int64, what string) data.Notice {
	return notice(data.NoticeSeverityWarning, fmt.Sprintf("Only %s of %s %s are shown, the gravest of each device and destination first. Raise the limit, narrow the time range or add filters.", thousands.Apart(shown), thousands.Apart(of), what))
}

// cut says that the answer was cut by the row limit, and how to see the rest. of is how many there are; 0 where nobody has counted.
func cut(shown int, of int64, what string) data.Notice {
	text := fmt.Sprintf("Only %s %s are shown; there are more.", thousands.Apart(shown), what)
	if of > int64(shown) {
		text = fmt.Sprintf("Only %s of %s %s are shown, the newest.", thousands.Apart(shown), thousands.Apart(of), what)
	}
	return notice(data.NoticeSeverityWarning, text+" Raise the limit, narrow the time range or add filters.")
}
