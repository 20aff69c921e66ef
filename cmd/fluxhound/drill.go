package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/drill"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
)

// tokenVariable names the variable of the environment that holds Grafana's token: a flag would show it to all of the machine.
const tokenVariable = "GRAFANA_TOKEN"

// drill proves the path from an event to an alert.
func (p program) drill(ctx context.Context, arguments []string) error {
	set := p.flags("drill", "drill beacon|dynamicDns|fastFlux|intel|repointed|all|clean --settings FILE [--grafana URL] [--wait 20m]\n       fluxhound drill commands NAME --argument NAME=VALUE…\n\n"+
		"It writes events of a device that does not exist, waits until the detector, what is kept, Grafana's data source, the alert and its notification have them, tells how long each took, and removes them again. It fails where the path is broken. "+
		"clean removes what a drill that was killed has left behind; so does the next drill. commands prints a test that makes the real traffic, against a server of your own.")
	settingsFile := set.String("settings", "", "`file` of the data source's settings; its user needs INSERT and ALTER DELETE on the events table, and on what is kept beside it")
	address := set.String("grafana", "", "`URL` of the Grafana that evaluates the rules; its token stands in the environment as "+tokenVariable+". Without it the path ends at what is kept")
	wait := set.Duration("wait", 20*time.Minute, "the most time that each step is given")
	poll := set.Duration("poll", 5*time.Second, "how often it is looked")
	given := map[string]string{}
	set.Func("argument", "with commands: `name=value` of what the test needs", func(text string) error {
		name, value, ok := strings.Cut(text, "=")
		if !ok {
			return errors.New("it must be name=value")
		}
		given[name] = value
		return nil
	})
	var names []string
	for len(arguments) > 0 && !strings.HasPrefix(arguments[0], "-") {
		names, arguments = append(names, arguments[0]), arguments[1:]
	}
	if err := parse(set, arguments); err != nil {
		return err
	}
	if len(names) > 0 && names[0] == "commands" {
		return p.drillCommands(names[1:], given)
	}
	if len(names) != 1 {
		return misused("which drill is missing: %s, all or clean", strings.Join(kindNames(), ", "))
	}
	kinds := drill.Kinds()
	if names[0] != "all" && names[0] != "clean" {
		kind, ok := drill.Named(names[0])
		if !ok {
			return misused("there is no drill %q: there are %s, all and clean", names[0], strings.Join(kindNames(), ", "))
		}
		kinds = []drill.Kind{kind}
	}
	if *wait <= 0 || *poll <= 0 {
		return misused("--wait and --poll must be more than nothing")
	}
	decoded, err := decodedSettings(*settingsFile)
	if err != nil {
		return err
	}
	var grafana *drill.Grafana
	if *address != "" {
		grafana = &drill.Grafana{URL: *address, Token: os.Getenv(tokenVariable), Client: &http.Client{Timeout: time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse // a token would go along
		}}}
	}
	return withTable(ctx, decoded, func(client *clickhouse.Client, table schema.Table) error {
		d := drill.Drill{
			Client: client, Settings: decoded, Table: table, Grafana: grafana, Wait: *wait, Poll: *poll, Now: p.now,
			Say: func(step string, took time.Duration, what string) {
				p.say("  %-13s %8s  %s", step, took.Round(10*time.Millisecond), what)
			},
		}
		if names[0] == "clean" {
			return d.Clean(ctx)
		}
		if grafana == nil {
			p.say("No --grafana is named: neither the alert nor its notification is proven.")
		}
		var failed []error
		for _, kind := range kinds {
			p.say("%s: %s, for the rule %q.", kind.Name, kind.Does, kind.Rule)
			if err := d.Run(ctx, kind); err != nil {
				failed = append(failed, fmt.Errorf("drill %s: %w", kind.Name, err))
			}
			if ctx.Err() != nil {
				break
			}
		}
		return errors.Join(failed...)
	})
}

func kindNames() []string {
	var names []string
	for _, k := range drill.Kinds() {
		names = append(names, k.Name)
	}
	return names
}

// drillCommands prints the commands of a test.
func (p program) drillCommands(names []string, given map[string]string) error {
	all, err := drill.Atomics()
	if err != nil {
		return err
	}
	var known []string
	for _, a := range all {
		known = append(known, a.File)
		if len(names) != 1 || a.File != names[0] {
			continue
		}
		text, err := a.Commands(given)
		if err != nil {
			return misused("%v", err)
		}
		_, err = fmt.Fprint(p.stdout, text)
		return err
	}
	return misused("which test's commands is missing: %s", strings.Join(known, ", "))
}
