package fastflux_test

import (
	"testing"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/detecttest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/fastflux"
)

func TestGolden(t *testing.T) { detecttest.Open(t).Check(t, fastflux.Detector{}) }
