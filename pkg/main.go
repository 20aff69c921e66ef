// Command gpx_fluxhound is the back end of the Fluxhound data source; Grafana starts it.
package main

import (
	"os"

	"github.com/grafana/grafana-plugin-sdk-go/backend/datasource"
	"github.com/grafana/grafana-plugin-sdk-go/backend/log"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/plugin"
)

func main() {
	if err := datasource.Manage("fluxhound-detections-datasource", plugin.NewInstances().New, datasource.ManageOpts{}); err != nil {
		log.DefaultLogger.Error("The plugin stopped", "error", err)
		os.Exit(1)
	}
}
