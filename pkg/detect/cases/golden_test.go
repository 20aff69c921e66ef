package cases_test

import (
	"testing"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/cases"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/detecttest"
)

func TestMain(m *testing.M) { chtest.Main(m) }

func TestGolden(t *testing.T) { detecttest.Open(t).Check(t, cases.Detector{}) }
