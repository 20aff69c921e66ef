package clickhouse_test

import (
	"testing"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

func TestTLS(t *testing.T) {
	server := chtest.Start(t, chtest.WithTLS(), chtest.WithUsers(chtest.User{Name: "viewer", Password: "correct horse"}))
	stranger := chtest.CertificateAuthority(t)
	cases := []struct {
		name     string
		change   func(*settings.Settings)
		category clickhouse.Category // empty where it must work
		says     string
	}{
		{"the server's authority is trusted", func(*settings.Settings) {}, "", ""},
		{"a password goes with it", func(s *settings.Settings) { s.Username, s.Password = "viewer", "correct horse" }, "", ""},
		{"any certificate will do", func(s *settings.Settings) { s.TLS = settings.TLS{SkipVerify: true} }, "", ""},
		{"the certificate's other name", func(s *settings.Settings) { s.TLS.ServerName = "localhost" }, "", ""},
		{"another authority", func(s *settings.Settings) { s.TLS.CACert = stranger }, clickhouse.TLS, "tlsCACert"},
		{"no authority", func(s *settings.Settings) { s.TLS.CACert = "" }, clickhouse.TLS, "tlsCACert"},
		{"another name", func(s *settings.Settings) { s.TLS.ServerName = "db.example" }, clickhouse.TLS, "serverName"},
		{"a wrong password", func(s *settings.Settings) { s.Username, s.Password = "viewer", "battery staple" }, clickhouse.Auth, "password"},
	}
	overBoth(t, func(t *testing.T, protocol settings.Protocol) {
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				s := server.SecureSettings(protocol)
				c.change(&s)
				_, err := connect(t, s).Query(t.Context(), one(t), clickhouse.Origin{})
				switch {
				case c.category != "":
					wantError(t, err, c.category, c.says)
					wantNoSecret(t, err, "battery")
				case err != nil:
					t.Error(err)
				}
			})
		}
	})
}

func TestAPortThatSpeaksSomethingElseIsNamed(t *testing.T) {
	server := chtest.Start(t, chtest.WithTLS())
	cases := []struct {
		name     string
		protocol settings.Protocol
		secure   bool
		addr     string
		category clickhouse.Category
		says     string
	}{
		{"TLS to the native port", settings.Native, true, server.Address(settings.Native), clickhouse.TLS, "TLS"},
		{"TLS to the HTTP port", settings.HTTP, true, server.Address(settings.HTTP), clickhouse.TLS, "switch off secure"},
		{"native to the TLS port", settings.Native, false, server.SecureAddress(settings.Native), clickhouse.Network, "switch on secure"},
		{"native to the HTTPS port", settings.Native, false, server.SecureAddress(settings.HTTP), clickhouse.Network, "switch on secure"},
		{"HTTP to the HTTPS port", settings.HTTP, false, server.SecureAddress(settings.HTTP), clickhouse.TLS, "switch on secure"},
		{"HTTP to the native TLS port", settings.HTTP, false, server.SecureAddress(settings.Native), clickhouse.Network, "switch on secure"},
		{"native to the HTTP port", settings.Native, false, server.Address(settings.HTTP), clickhouse.Network, "the port is the protocol's own"},
		{"HTTP to the native port", settings.HTTP, false, server.Address(settings.Native), clickhouse.Network, "another protocol"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := server.Settings(c.protocol)
			s.Secure, s.Addresses, s.DialTimeout = c.secure, []string{c.addr}, 2*time.Second
			_, err := connect(t, s).Query(t.Context(), one(t), clickhouse.Origin{})
			wantError(t, err, c.category, c.says, "connect to ClickHouse at "+c.addr)
		})
	}
}

func TestTLSMaterialThatCannotBeReadIsRefusedByNew(t *testing.T) {
	for name, material := range map[string]settings.TLS{
		"authority":         {CACert: "no PEM"},
		"certificate":       {ClientCert: "no PEM", ClientKey: "no PEM"},
		"key that is empty": {ClientCert: chtest.CertificateAuthority(t)},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := clickhouse.New(settings.Settings{Addresses: []string{nobody(t)}, Secure: true, TLS: material, MaxOpenConns: 1}, nil)
			wantError(t, err, clickhouse.TLS, "PEM")
		})
	}
}
