package tasks

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Variables that carry what stands behind a target's name on the command line, which mage takes for further targets.
const (
	capturesVariable = "FLUXHOUND_ACCURACY_FOLDERS"
	logsVariable     = "FLUXHOUND_LOGS"
)

// Logs are what a target looks through, and what is known beside it.
type Logs struct {
	Folders  []string // or files, as absolute paths
	ASN      string   // a file of ranges of addresses with their autonomous systems; empty for none
	Internal string   // networks that are inside, separated by commas; empty for the private ones
	Unknown  []string // flags that are none of ours
}

// TakeArguments takes what stands behind some targets off a command line, so that mage does not look for targets of their names:
// folders behind accuracy, logs behind hunt, and behind --data of grafana.
func TakeArguments(arguments []string) []string {
	for i, argument := range arguments {
		behind := arguments[i+1:]
		taken := false
		switch {
		case len(behind) == 0:
		case strings.EqualFold(argument, "accuracy"):
			taken = true
			set(capturesVariable, strings.Join(absolute(behind), string(os.PathListSeparator)))
		case strings.EqualFold(argument, "hunt"):
			taken = true
			take(logsOf(behind))
		case strings.EqualFold(argument, Grafana):
			if behind = data(behind); len(behind) > 0 {
				taken = true
				take(logsOf(behind))
			}
		}
		if taken {
			return arguments[:i+1]
		}
	}
	return arguments
}

// data is what stands behind --data, or nothing.
func data(arguments []string) []string {
	name, folder, together := strings.Cut(strings.TrimPrefix(arguments[0], "-"), "=")
	switch {
	case name != "-data":
		return nil
	case together:
		return append([]string{folder}, arguments[1:]...)
	}
	return arguments[1:]
}

// logsOf reads folders and flags, in any order.
func logsOf(arguments []string) Logs {
	var logs Logs
	for len(arguments) > 0 {
		argument := arguments[0]
		arguments = arguments[1:]
		if !strings.HasPrefix(argument, "-") {
			logs.Folders = append(logs.Folders, absolute([]string{argument})...)
			continue
		}
		name, value, together := strings.Cut(strings.TrimLeft(argument, "-"), "=")
		into := map[string]*string{"asn": &logs.ASN, "internal": &logs.Internal}[name]
		switch {
		case into == nil, !together && len(arguments) == 0:
			logs.Unknown = append(logs.Unknown, argument)
			continue
		case !together:
			value, arguments = arguments[0], arguments[1:]
		}
		if *into = value; name == "asn" {
			*into = absolute([]string{value})[0]
		}
	}
	return logs
}

// flags are those of fluxhound hunt.
func (l Logs) flags() []string {
	var list []string
	if l.ASN != "" {
		list = append(list, "--asn", l.ASN)
	}
	if l.Internal != "" {
		list = append(list, "--internal", l.Internal)
	}
	return list
}

// check tells flags that are none of ours, and logs that nobody named.
func (l Logs) check() error {
	switch {
	case len(l.Unknown) > 0:
		return fmt.Errorf("%s is no flag with a value here: --asn FILE and --internal NETWORKS may stand beside the folders", strings.Join(l.Unknown, ", "))
	case len(l.Folders) == 0:
		return errors.New("nothing to look through: name a folder of logs, such as go tool mage hunt ../logs")
	}
	return nil
}

// take keeps logs for the task, which may run elsewhere.
func take(logs Logs) {
	text, err := json.Marshal(logs)
	if err != nil {
		panic(err) // texts are always JSON
	}
	set(logsVariable, string(text))
}

func absolute(paths []string) []string {
	list := make([]string, len(paths))
	for i, path := range paths {
		var err error
		if list[i], err = filepath.Abs(path); err != nil {
			panic(err) // there is no working directory
		}
	}
	return list
}

func set(variable, value string) {
	if err := os.Setenv(variable, value); err != nil {
		panic(err) // no name or value of ours is refused
	}
}

// takenFolders are the captures that TakeArguments took, perhaps none.
func takenFolders() []string { return filepath.SplitList(os.Getenv(capturesVariable)) }

// takenLogs are the logs that TakeArguments took, and false where there are none.
func takenLogs() (Logs, bool) {
	var logs Logs
	text := os.Getenv(logsVariable)
	return logs, text != "" && json.Unmarshal([]byte(text), &logs) == nil
}
