package main

import (
	"context"
	"encoding/json"
	"errors"
	"os/user"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/verdicts"
)

// verdict writes down what somebody says of a finding, as the panel's buttons do.
func (p program) verdict(ctx context.Context, arguments []string) (err error) {
	set := p.flags("verdict", "verdict --settings FILE --finding KEY --verdict benign|malicious|investigating|none [--note TEXT] [--until DAY]\n\nIt writes down what you say of a finding. What is benign is in no number that an alert rule decides on, until that day, until it is graver than --severity, or until somebody says otherwise.")
	settingsFile := set.String("settings", "", "`file` of the data source's settings, which name the user who writes verdicts")
	var v verdicts.Verdict
	set.StringVar(&v.FindingKey, "finding", "", "the finding's `key`: FindingKey in tables, finding_key in alerts")
	set.StringVar(&v.Verdict, "verdict", "", "`word`: benign, malicious, investigating, or none to take back what was said")
	set.StringVar(&v.Note, "note", "", "why, in one line of `text`")
	set.StringVar(&v.Until, "until", "", "the last `day` on which it holds, such as 2030-12-31 or 30d (default: for ever)")
	set.StringVar(&v.Severity, "severity", "", "the finding's `severity` now")
	set.StringVar(&v.QueryType, "type", "", "the finding's query `type`, for people and for an entry of the allowlist")
	set.StringVar(&v.DeviceName, "device", "", "the finding's `device`")
	set.StringVar(&v.Destination, "destination", "", "the finding's host or address")
	who := set.String("who", "", "who says so (default: the user of this computer)")
	if err := parse(set, arguments); err != nil {
		return err
	}
	decoded, err := decodedSettings(*settingsFile)
	if err != nil {
		return err
	}
	writes, ok := decoded.ForVerdicts()
	if !ok {
		return misused("the settings name no verdictsUsername, the ClickHouse user who writes verdicts")
	}
	if *who == "" {
		if own, err := user.Current(); err == nil {
			*who = own.Username
		}
	}
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if v, err = verdicts.Decode(text, p.now()); err != nil {
		return misused("%v", err)
	}
	client, err := clickhouse.New(writes, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	if err := verdicts.Write(ctx, client, decoded.Database, decoded.Table, v, *who); err != nil {
		return err
	}
	p.say("%s says that %s is: %s.", *who, v.FindingKey, v.Verdict)
	if entry := v.Entry(*who); entry != nil {
		p.say("An entry of the allowlist that hides it in tables as well: %s", entry)
	}
	return nil
}
