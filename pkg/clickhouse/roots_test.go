package clickhouse

import (
	"crypto/x509"
	"testing"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

func TestAnAuthorityOfOnesOwnIsTheOnlyOneTrusted(t *testing.T) {
	one, other := chtest.CertificateAuthority(t), chtest.CertificateAuthority(t)
	for name, given := range map[string]string{"one": one, "several": one + other} {
		t.Run(name, func(t *testing.T) {
			config, err := tlsConfig(settings.Settings{Secure: true, TLS: settings.TLS{CACert: given}})
			if err != nil {
				t.Fatal(err)
			}
			want := x509.NewCertPool()
			want.AppendCertsFromPEM([]byte(given))
			if !config.RootCAs.Equal(want) {
				t.Error("other authorities are trusted as well")
			}
		})
	}
	config, err := tlsConfig(settings.Settings{Secure: true})
	if err != nil || config.RootCAs != nil {
		t.Errorf("without one: got %v, %v; want the system's", config.RootCAs, err)
	}
}
