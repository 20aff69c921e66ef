package chtest

import (
	"encoding/json"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

// JSON is the jsonData of a data source on this server and database, whose user is default.
func (s Server) JSON(protocol settings.Protocol) []byte {
	s.t.Helper()
	data, err := json.Marshal(map[string]any{"host": s.Address(protocol), "protocol": protocol, "database": s.Database, "cacheTTL": 0})
	if err != nil {
		s.t.Fatalf("write the data source's settings: %v", err)
	}
	return data
}

// Settings are those of JSON, decoded.
func (s Server) Settings(protocol settings.Protocol) settings.Settings {
	s.t.Helper()
	return s.decode(s.JSON(protocol), nil)
}

// SecureSettings are Settings over TLS, with the server's authority.
func (s Server) SecureSettings(protocol settings.Protocol) settings.Settings {
	s.t.Helper()
	data, err := json.Marshal(map[string]any{
		"host": s.SecureAddress(protocol), "protocol": protocol, "database": s.Database, "secure": true, "tlsAuthWithCACert": true,
	})
	if err != nil {
		s.t.Fatalf("write the data source's settings: %v", err)
	}
	return s.decode(data, map[string]string{"tlsCACert": s.CACert})
}

func (s Server) decode(data []byte, secrets map[string]string) settings.Settings {
	s.t.Helper()
	decoded, err := settings.Decode(data, secrets)
	if err != nil {
		s.t.Fatalf("decode the data source's settings: %v", err)
	}
	return decoded
}
