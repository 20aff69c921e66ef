package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// Both transports go over TLS to a client that trusts the certificate, and to no other.
func TestTLS(t *testing.T) {
	certificate, key, pool := makeCertificate(t)
	server := startServer(t, "--tls-cert", certificate, "--tls-key", key, "--https", "127.0.0.1:0", "--native-tls", "127.0.0.1:0")
	overProtocols(t, func(t *testing.T, protocol clickhouse.Protocol) {
		address, plain := server.NativeTLS, server.Native
		if protocol == clickhouse.HTTP {
			address, plain = server.HTTPS, server.HTTP
		}
		cases := []struct {
			name    string
			address string
			config  *tls.Config
			works   bool
		}{
			{"trusted", address, &tls.Config{RootCAs: pool}, true},
			{"not verified", address, &tls.Config{InsecureSkipVerify: true}, true},
			{"not trusted", address, &tls.Config{RootCAs: x509.NewCertPool()}, false},
			{"another name", address, &tls.Config{RootCAs: pool, ServerName: "elsewhere.example"}, false},
			{"no TLS to the TLS port", address, nil, false},
			{"TLS to the plain port", plain, &tls.Config{RootCAs: pool}, false},
		}
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				options := connectTLS(server.options(protocol), c.address, c.config)
				options.DialTimeout = 10 * time.Second
				err := connect(t, options).Ping(t.Context())
				if c.works != (err == nil) {
					t.Errorf("want it to work: %v, got %v", c.works, err)
				}
			})
		}
		t.Run("rows", func(t *testing.T) {
			conn := connect(t, connectTLS(server.options(protocol), address, &tls.Config{RootCAs: pool}))
			if got := scalar[uint64](t, conn, t.Context(), "SELECT sum(number) FROM (SELECT number FROM numbers(100000))"); got != 4999950000 {
				t.Errorf("want 4999950000, got %d", got)
			}
		})
	})
}

// makeCertificate makes a certificate for 127.0.0.1 that its own key signed.
func makeCertificate(t *testing.T) (certificatePath, keyPath string, pool *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	certificatePath, keyPath = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	certificatePEM := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	writePEM(t, certificatePath, certificatePEM)
	writePEM(t, keyPath, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}))
	pool = x509.NewCertPool()
	pool.AppendCertsFromPEM(certificatePEM)
	return certificatePath, keyPath, pool
}

func writePEM(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}
