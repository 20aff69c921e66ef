package tasks

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Variables that carry what stands behind a target's name on the command line, which mage takes for further targets.
const (
	capturesVariable = "FLUXHOUND_ACCURACY_FOLDERS"
	logsVariable     = "FLUXHOUND_GRAFANA_FOLDERS"
)

// TakeFolders takes folders off a command line, so that mage does not look for targets of their names: those behind the target
// accuracy, and those behind --data of the target grafana.
func TakeFolders(arguments []string) []string {
	for i, argument := range arguments {
		behind := arguments[i+1:]
		if strings.EqualFold(argument, Grafana) {
			if behind = data(behind); len(behind) > 0 {
				take(logsVariable, behind)
				return arguments[:i+1]
			}
		}
		if strings.EqualFold(argument, "accuracy") && len(behind) > 0 {
			take(capturesVariable, behind)
			return arguments[:i+1]
		}
	}
	return arguments
}

// data are the folders behind --data, or none.
func data(arguments []string) []string {
	if len(arguments) == 0 {
		return nil
	}
	name, folder, together := strings.Cut(strings.TrimPrefix(arguments[0], "-"), "=")
	switch {
	case name != "-data":
		return nil
	case together:
		return slices.Insert(slices.Clone(arguments[1:]), 0, folder)
	}
	return arguments[1:]
}

// take keeps folders for the task, which may run elsewhere.
func take(variable string, folders []string) {
	absolute := make([]string, len(folders))
	for i, folder := range folders {
		var err error
		if absolute[i], err = filepath.Abs(folder); err != nil {
			panic(err) // there is no working directory
		}
	}
	if err := os.Setenv(variable, strings.Join(absolute, string(os.PathListSeparator))); err != nil {
		panic(err) // no name or value of ours is refused
	}
}

// takenFolders are those that TakeFolders took, perhaps none.
func takenFolders(variable string) []string { return filepath.SplitList(os.Getenv(variable)) }
