package dynamicdns_test

import (
	"testing"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/detecttest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/dynamicdns"
)

func TestGolden(t *testing.T) { detecttest.Open(t).Check(t, dynamicdns.Detector{}) }
