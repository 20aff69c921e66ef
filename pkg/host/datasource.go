package host

import (
	"encoding/json"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/useragent"
	"github.com/grafana/grafana-plugin-sdk-go/config"
)

// PluginID is the plugin's id, as in plugin.json.
const PluginID = "fluxhound-detections-datasource"

// GrafanaVersion is the version of Grafana that the plugin is told it runs in.
const GrafanaVersion = "12.3.0"

// DataSource is a data source as Grafana stores it. Its JSON form is that of a settings file.
type DataSource struct {
	UID            string            `json:"uid"`
	Name           string            `json:"name"`
	JSONData       json.RawMessage   `json:"jsonData"`
	SecureJSONData map[string]string `json:"secureJsonData"` // decrypted: never log it
	// Updated is when the settings were last saved. The plugin keeps its instance, and with it the connections, as
	// long as UID and Updated stay the same; change it with the settings.
	Updated time.Time `json:"-"`
}

// PluginContext returns what Grafana sends along with every call for the data source. User is nil where no user asks,
// as in the evaluation of an alert rule.
func (d DataSource) PluginContext(user *backend.User) backend.PluginContext {
	updated := d.Updated
	if updated.IsZero() {
		updated = time.Unix(0, 0)
	}
	agent, _ := useragent.New(GrafanaVersion, "linux", "amd64")
	return backend.PluginContext{
		//lint:ignore SA1019 deprecated for plugins to read; Grafana sends it all the same
		OrgID:     1,
		PluginID:  PluginID,
		Namespace: "default",
		User:      user,
		UserAgent: agent,
		GrafanaConfig: config.NewGrafanaCfg(map[string]string{
			config.AppURL:               "http://localhost:3000/",
			config.ConcurrentQueryCount: "10",
		}),
		DataSourceInstanceSettings: &backend.DataSourceInstanceSettings{
			ID:                      1,
			UID:                     d.UID,
			Type:                    PluginID,
			Name:                    d.Name,
			JSONData:                d.JSONData,
			DecryptedSecureJSONData: d.SecureJSONData,
			Updated:                 updated,
		},
	}
}
