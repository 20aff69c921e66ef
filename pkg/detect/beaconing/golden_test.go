package beaconing_test

import (
	"testing"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/beaconing"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/detecttest"
)

func TestGolden(t *testing.T) { detecttest.Open(t).Check(t, beaconing.Detector{}) }
