package main

import (
	"context"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/hunting"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/navigator"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/querytypes"
)

// attack prints what the detectors and the hunting questions look at, for MITRE's Navigator.
func (p program) attack(_ context.Context, arguments []string) error {
	const usage = "attack layer\n\nIt prints a layer for MITRE's ATT&CK Navigator: the techniques that the detectors are for, those that their findings may show, and those that hunting questions look for."
	set := p.flags("attack", usage)
	if len(arguments) > 0 && arguments[0] == "layer" {
		arguments = arguments[1:]
	} else if len(arguments) == 0 {
		return misused("say what to print: layer")
	}
	if err := parse(set, arguments); err != nil {
		return err
	}
	text, err := navigator.Layer(querytypes.Detectors(), hunting.Questions())
	if err != nil {
		return err
	}
	_, err = p.stdout.Write(text)
	return err
}
