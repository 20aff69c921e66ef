package catalog_test

import (
	"testing"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/catalog"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/detecttest"
)

func TestGolden(t *testing.T) { detecttest.Open(t).Check(t, catalog.Alerts()) }
