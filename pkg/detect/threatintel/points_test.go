package threatintel_test

import (
	"testing"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/detecttest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/threatintel"
)

func TestTheDocumentationHasEachPoint(t *testing.T) {
	detecttest.DocumentedPoints(t, threatintel.Everything())
}
