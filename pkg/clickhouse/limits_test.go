package clickhouse_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

func TestAStatementIsGivenNoLongerThanWhoeverAsksWaits(t *testing.T) {
	server := chtest.Shared(t)
	overBoth(t, func(t *testing.T, protocol settings.Protocol) {
		t.Run("is stopped in ClickHouse, and the error names both limits", func(t *testing.T) {
			o := clickhouse.Origin{RefID: "alert " + string(protocol)}
			s := server.Settings(protocol)
			s.QueryTimeout = time.Second
			_, err := connect(t, s).Query(clickhouse.WithClass(t.Context(), clickhouse.Alert), slow(t), o)
			wantError(t, err, clickhouse.Timeout, "queryTimeout", "evaluation_timeout")
			eventually(t, "the statement is gone", func() bool { return len(running(t, server, o.RefID)) == 0 })
		})
		t.Run("its wait for a connection counts", func(t *testing.T) {
			s := server.Settings(protocol)
			s.MaxOpenConns = 1
			client := connect(t, s)
			ctx, cancel := context.WithCancel(t.Context())
			busy := "busy " + string(protocol)
			ended := inBackground(func() error {
				_, err := client.Query(ctx, slow(t), clickhouse.Origin{RefID: busy})
				return err
			})
			eventually(t, "the statement runs", func() bool { return len(running(t, server, busy)) == 1 })
			alert, done := context.WithTimeout(clickhouse.WithClass(t.Context(), clickhouse.Alert), 6*time.Second)
			defer done()
			_, err := client.Query(alert, one(t), clickhouse.Origin{})
			wantError(t, err, clickhouse.Limit, "busy for 1s")
			cancel()
			wantCancelled(t, <-ended)
		})
	})
}

func TestAServiceThatTakesTheConnectionAndSaysNothingIsToldFromNone(t *testing.T) {
	overBoth(t, func(t *testing.T, protocol settings.Protocol) {
		s := chtest.Shared(t).Settings(protocol)
		s.DialTimeout = 200 * time.Millisecond
		s.Addresses = []string{silent(t)}
		_, err := connect(t, s).Probe(t.Context())
		wantError(t, err, clickhouse.Network, "the connection was taken", "overloaded", "dialTimeout")
	})
}

func TestAnOlderClickHouseIsRefusedInWords(t *testing.T) {
	// One that says which version it is.
	says := func(version string) settings.Settings {
		return rewritten(t, chtest.Shared(t), func(sql string) string {
			return strings.ReplaceAll(sql, "version() AS Version", "'"+version+"' AS Version")
		})
	}
	for version, refused := range map[string]bool{
		"20.3.21.2": true, "23.8.16.16": true, "24.3.18.7": true, "24.7.6.8": true,
		"24.8.1.2684": false, "24.10.1.1": false, "25.3.2.39": false, "26.7.2.1": false, "unknown": false,
	} {
		t.Run(version, func(t *testing.T) {
			client := connect(t, says(version))
			for what, err := range map[string]error{"Probe": second(client.Probe(t.Context())), "Query": second(client.Query(t.Context(), one(t), clickhouse.Origin{}))} {
				switch {
				case refused:
					wantError(t, err, clickhouse.Schema, version, "too old", "24.8")
				case err != nil:
					t.Errorf("%s: %v", what, err)
				}
			}
		})
	}
	// One that does not know a setting which the oldest that works has.
	t.Run("that does not know a setting", func(t *testing.T) {
		front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-ClickHouse-Exception-Code", "115")
			w.WriteHeader(http.StatusNotFound)
			_, _ = w.Write([]byte("Code: 115. DB::Exception: Unknown setting 'optimize_trivial_approximate_count_query'. (UNKNOWN_SETTING) (version 23.3.1.1)"))
		}))
		defer front.Close()
		s := chtest.Shared(t).Settings(settings.HTTP)
		s.Addresses = []string{front.Listener.Addr().String()}
		_, err := connect(t, s).Probe(t.Context())
		wantError(t, err, clickhouse.Schema, "too old", "24.8")
	})
}

func second[T any](_ T, err error) error { return err }
