package events_test

import (
	"testing"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
)

func TestMain(m *testing.M) { chtest.Main(m) }
