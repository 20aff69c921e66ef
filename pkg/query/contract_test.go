package query

import (
	"testing"

	"github.com/fluxhound/fluxhound-detections-datasource/tests/contract"
)

// The query editor names the same fields as those that Decode leaves unread.
func TestTheQueryEditorKnowsWhoseFieldsAre(t *testing.T) {
	contract.Check(t, "query.json", map[string][]string{"own": own, "grafanas": grafanas})
}
