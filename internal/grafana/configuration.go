package grafana

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

const pluginID = "fluxhound-detections-datasource"

// prepare makes the folders that Grafana needs and puts the plugin into its plugin folder. A link is enough, and shows a
// new build at once: Grafana follows a link to a plugin's folder. It refuses links within that folder which lead out of it;
// the build copies everything into dist, so there are none.
func (o Options) prepare() error {
	plugin, err := filepath.Abs(o.Plugin)
	if err != nil {
		return err
	}
	for _, name := range []string{"data", "logs", "plugins"} {
		if err := os.MkdirAll(filepath.Join(o.Folder, name), 0o755); err != nil {
			return fmt.Errorf("make a folder for Grafana: %w", err)
		}
	}
	link := filepath.Join(o.Folder, "plugins", pluginID)
	if err := os.Remove(link); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("put the plugin into Grafana's folder: %w", err)
	}
	if err := os.Symlink(plugin, link); err != nil {
		return fmt.Errorf("put the plugin into Grafana's folder: %w", err)
	}
	return nil
}

// configuration is Grafana's, as environment variables:
// https://grafana.com/docs/grafana/latest/setup-grafana/configure-grafana/#override-configuration-with-environment-variables.
func (o Options) configuration(port string) []string {
	configuration := []string{
		"GF_SERVER_HTTP_ADDR=127.0.0.1",
		"GF_SERVER_HTTP_PORT=" + port,
		"GF_PATHS_DATA=" + filepath.Join(o.Folder, "data"),
		"GF_PATHS_LOGS=" + filepath.Join(o.Folder, "logs"),
		"GF_PATHS_PLUGINS=" + filepath.Join(o.Folder, "plugins"),
		"GF_PATHS_PROVISIONING=" + o.Provisioning,
		"GF_PLUGINS_ALLOW_LOADING_UNSIGNED_PLUGINS=" + pluginID,
		"GF_SECURITY_ADMIN_USER=admin",
		"GF_SECURITY_ADMIN_PASSWORD=admin",
		"GF_LOG_MODE=console",
		"GF_LOG_LEVEL=warn",
		// what a panel's action may post to: verdicts on findings
		"GF_SECURITY_ACTIONS_ALLOW_POST_URL=/api/datasources/uid/*/resources/verdicts",
		// Nothing is asked of or told to the Internet.
		"GF_ANALYTICS_REPORTING_ENABLED=false",
		"GF_ANALYTICS_CHECK_FOR_UPDATES=false",
		"GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES=false",
		"GF_NEWS_NEWS_FEED_ENABLED=false",
		"GF_PLUGINS_PREINSTALL_DISABLED=true",
		"GF_PLUGINS_PUBLIC_KEY_RETRIEVAL_DISABLED=true",
		"GF_SECURITY_DISABLE_GRAVATAR=true",
	}
	if o.Anonymous {
		configuration = append(configuration, "GF_AUTH_ANONYMOUS_ENABLED=true", "GF_AUTH_ANONYMOUS_ORG_ROLE=Admin")
	}
	return configuration
}
