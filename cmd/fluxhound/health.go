package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
)

// health prints what the plugin says of a data source; it returns errFailed when that is not OK: a warning is
// not, since a sensor that is missed is found out nowhere else.
func (p program) health(ctx context.Context, arguments []string) error {
	set := p.flags("health", "health --settings FILE [FLAGS]")
	settingsFile := set.String("settings", "", "`file` of the data source's settings, {\"jsonData\": {…}, \"secureJsonData\": {…}}")
	plugin := set.String("plugin", "", pluginFlagHelp)
	verbose := set.Bool("verbose", false, "print the plugin's log on standard error")
	if err := parse(set, arguments); err != nil {
		return err
	}
	source, err := readSettings(*settingsFile)
	if err != nil {
		return err
	}
	h, err := p.startPlugin(ctx, *plugin, *verbose)
	if err != nil {
		return err
	}
	defer h.Close()
	result, err := h.CheckHealth(ctx, &backend.CheckHealthRequest{PluginContext: source.PluginContext(operator())})
	if err != nil {
		return err
	}
	if err := p.printHealth(result); err != nil {
		return err
	}
	if result.Status != backend.HealthStatusOk {
		return errFailed
	}
	return nil
}

// details is what the plugin tells beside the message.
type details struct {
	Checks []struct {
		Name    string `json:"name"`
		OK      bool   `json:"ok"`
		Warning bool   `json:"warning"`
		Message string `json:"message"`
		Hint    string `json:"hint"`
	} `json:"checks"`
}

func (p program) printHealth(result *backend.CheckHealthResult) error {
	var d details
	if len(result.JSONDetails) > 0 {
		if err := json.Unmarshal(result.JSONDetails, &d); err != nil {
			return fmt.Errorf("read the health check's details: %w", err)
		}
	}
	status := result.Status.String()
	if result.Status == backend.HealthStatusUnknown { // Grafana has no word for it
		status = "WARNING"
	}
	fmt.Fprintf(p.stdout, "%s: %s\n", status, result.Message)
	for _, c := range d.Checks {
		mark := "ok    "
		switch {
		case c.Warning:
			mark = "warns "
		case !c.OK:
			mark = "failed"
		}
		fmt.Fprintf(p.stdout, "  %s  %-10s  %s\n", mark, c.Name, c.Message)
		if c.Hint != "" {
			fmt.Fprintf(p.stdout, "  %s  %-10s  %s\n", "      ", "", c.Hint)
		}
	}
	return nil
}
