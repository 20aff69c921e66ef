package clickhouse

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

// tlsConfig is nil where the connection is not secure. The server name is left to the address where the settings have
// none.
func tlsConfig(s settings.Settings) (*tls.Config, error) {
	if !s.Secure {
		return nil, nil
	}
	config := &tls.Config{
		MinVersion:         tls.VersionTLS12,
		ServerName:         s.TLS.ServerName,
		InsecureSkipVerify: s.TLS.SkipVerify, // #nosec G402 -- the administrator's choice, off by default
	}
	// An authority of one's own is the only one that is trusted, as in the official ClickHouse data source: any other could
	// vouch for whoever stands in between. Where more are needed, the setting holds several certificates.
	if s.TLS.CACert != "" {
		roots := x509.NewCertPool()
		if !roots.AppendCertsFromPEM([]byte(s.TLS.CACert)) {
			return nil, unreadable("tlsCACert", errors.New("it holds no certificate in PEM"))
		}
		config.RootCAs = roots
	}
	if s.TLS.ClientCert != "" || s.TLS.ClientKey != "" {
		pair, err := tls.X509KeyPair([]byte(s.TLS.ClientCert), []byte(s.TLS.ClientKey))
		if err != nil {
			return nil, unreadable("tlsClientCert and tlsClientKey", err)
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config, nil
}

func unreadable(setting string, err error) error {
	return &Error{
		Category: TLS, Op: "read the data source's setting " + setting, Err: err,
		Hint: "Paste it as PEM, from -----BEGIN to the end of the last -----END line.",
	}
}

// forAddress names the server that is expected at the address, for a configuration that names none.
func forAddress(config *tls.Config, addr string) *tls.Config {
	config = config.Clone()
	if config.ServerName == "" {
		if host, _, err := net.SplitHostPort(addr); err == nil {
			config.ServerName = host
		}
	}
	return config
}

// handshakeError is a secure connection that could not be made.
type handshakeError struct{ err error }

func (e *handshakeError) Error() string { return fmt.Sprintf("TLS handshake: %v", e.err) }
func (e *handshakeError) Unwrap() error { return e.err }
