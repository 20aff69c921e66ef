package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/host"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

// readSettings reads a settings file: {"jsonData": {…}, "secureJsonData": {…}}, and uid and name if they matter. The data
// source's settings themselves are the plugin's to judge, but for fields that are nobody's: the plugin does without them, since
// a machine may have stored them, and a person typed this file.
func readSettings(path string) (host.DataSource, error) {
	if path == "" {
		return host.DataSource{}, misused("--settings is missing; it names a file such as {\"jsonData\": {\"host\": \"localhost\"}, \"secureJsonData\": {\"password\": \"…\"}}")
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return host.DataSource{}, misused("read the settings: %v", err)
	}
	source := host.DataSource{UID: "fluxhound-cli", Name: "Fluxhound"}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&source); err != nil {
		return host.DataSource{}, misused("read the settings %s: %v; the file is {\"jsonData\": {…}, \"secureJsonData\": {…}}", path, err)
	}
	if len(source.JSONData) == 0 {
		return host.DataSource{}, misused("read the settings %s: jsonData is missing", path)
	}
	if decoded, err := settings.Decode(source.JSONData, source.SecureJSONData); err == nil && len(decoded.Ignored) > 0 {
		return host.DataSource{}, misused("read the settings %s: %v", path, decoded.Ignored[0])
	}
	return source, nil
}

// decodedSettings are the settings in a file, decoded.
func decodedSettings(path string) (settings.Settings, error) {
	source, err := readSettings(path)
	if err != nil {
		return settings.Settings{}, err
	}
	decoded, err := settings.Decode(source.JSONData, source.SecureJSONData)
	if err != nil {
		return settings.Settings{}, misused("%v", err)
	}
	return decoded, nil
}

// readFile reads what a flag names.
func readFile(flagName, path string) ([]byte, error) {
	if path == "" {
		return nil, misused("--%s is missing", flagName)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, misused("read --%s: %v", flagName, err)
	}
	return text, nil
}

// firstFile returns the first of the paths that is a file.
func firstFile(what string, paths ...string) (string, error) {
	for _, path := range paths {
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
			return path, nil
		}
	}
	return "", fmt.Errorf("%s is at none of %v; build it with `go tool mage build:tools`", what, paths)
}

// operator is whom the plugin is asked for: one who has the data source's settings may see all that belongs to them.
func operator() *backend.User { return &backend.User{Login: "fluxhound-cli", Role: "Admin"} }
