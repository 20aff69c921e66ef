package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
)

// query prints Grafana's response to the queries of a file; it returns errFailed when any of them failed.
func (p program) query(ctx context.Context, arguments []string) error {
	set := p.flags("query", "query --settings FILE --query FILE [--from T] [--to T] [FLAGS]\n\nT is RFC 3339, milliseconds since 1970, or Grafana's date math such as now, now-7d, now-1h/h.")
	settingsFile := set.String("settings", "", "`file` of the data source's settings, {\"jsonData\": {…}, \"secureJsonData\": {…}}")
	queryFile := set.String("query", "", "`file` of one query or a list of them, as Grafana stores them")
	from := set.String("from", "now-7d", "start of the window, `T`")
	to := set.String("to", "now", "end of the window, `T`; the end itself is not in the window")
	plugin := set.String("plugin", "", pluginFlagHelp)
	verbose := set.Bool("verbose", false, "print the plugin's log on standard error")
	if err := parse(set, arguments); err != nil {
		return err
	}
	source, err := readSettings(*settingsFile)
	if err != nil {
		return err
	}
	text, err := readFile("query", *queryFile)
	if err != nil {
		return err
	}
	window, err := readRange(*from, *to, p.now())
	if err != nil {
		return err
	}
	queries, err := readQueries(text, window)
	if err != nil {
		return err
	}
	h, err := p.startPlugin(ctx, *plugin, *verbose)
	if err != nil {
		return err
	}
	defer h.Close()
	response, err := h.QueryData(ctx, &backend.QueryDataRequest{
		PluginContext: source.PluginContext(operator()), Queries: queries,
	})
	if err != nil {
		return err
	}
	return p.printResponse(response)
}

func (p program) printResponse(response *backend.QueryDataResponse) error {
	text, err := json.Marshal(response)
	if err != nil {
		return fmt.Errorf("write the response: %w", err)
	}
	if _, err := fmt.Fprintf(p.stdout, "%s\n", text); err != nil {
		return fmt.Errorf("write the response: %w", err)
	}
	var failed []string
	for refID, answer := range response.Responses {
		if answer.Error != nil {
			failed = append(failed, fmt.Sprintf("%s: %v", refID, answer.Error))
		}
	}
	if len(failed) == 0 {
		return nil
	}
	slices.Sort(failed)
	fmt.Fprintln(p.stderr, strings.Join(failed, "\n"))
	return errFailed
}
