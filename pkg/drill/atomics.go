package drill

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

//go:embed atomics/*.yaml
var atomicFiles embed.FS

// Atomic is a test in the form of Atomic Red Team's (https://github.com/redcanaryco/atomic-red-team): commands that make the real traffic of a
// technique, against a server of one's own.
type Atomic struct {
	File      string `yaml:"-"` // without its ending: the name by which it is asked for
	Technique string `yaml:"attack_technique"`
	Name      string `yaml:"display_name"`
	Tests     []struct {
		Name        string   `yaml:"name"`
		GUID        string   `yaml:"auto_generated_guid"`
		Description string   `yaml:"description"`
		Platforms   []string `yaml:"supported_platforms"`
		Arguments   map[string]struct {
			Description string `yaml:"description"`
			Type        string `yaml:"type"`
			Default     string `yaml:"default"`
		} `yaml:"input_arguments"`
		Executor struct {
			Name     string `yaml:"name"`
			Elevated bool   `yaml:"elevation_required"`
			Command  string `yaml:"command"`
		} `yaml:"executor"`
	} `yaml:"atomic_tests"`
}

// Atomics returns them, by their files' names.
func Atomics() ([]Atomic, error) {
	names, err := fs.Glob(atomicFiles, "atomics/*.yaml")
	if err != nil {
		return nil, err
	}
	var all []Atomic
	for _, name := range names {
		text, err := atomicFiles.ReadFile(name)
		if err != nil {
			return nil, err
		}
		a := Atomic{File: strings.TrimSuffix(strings.TrimPrefix(name, "atomics/"), ".yaml")}
		if err := yaml.Unmarshal(text, &a); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		all = append(all, a)
	}
	return all, nil
}

// ErrArgument says that a command needs an argument, or that one cannot stand in it.
var ErrArgument = errors.New("the argument cannot be used")

// argument is what may stand in a command: names, addresses and blanks between them. It is for a shell.
var argument = regexp.MustCompile(`^[A-Za-z0-9._:-]+(?: [A-Za-z0-9._:-]+)*$`)

// Commands returns the commands of a test with its arguments, each of which must be given: an example's server is nobody's to knock at.
func (a Atomic) Commands(arguments map[string]string) (string, error) {
	var text strings.Builder
	for _, test := range a.Tests {
		command := test.Executor.Command
		for _, name := range slices.Sorted(maps.Keys(test.Arguments)) {
			value := arguments[name]
			if !argument.MatchString(value) {
				return "", fmt.Errorf("%w: --argument %s=…, %s, such as %s", ErrArgument, name, test.Arguments[name].Description, test.Arguments[name].Default)
			}
			command = strings.ReplaceAll(command, "#{"+name+"}", value)
		}
		fmt.Fprintf(&text, "# %s, %s: %s\n%s", a.Technique, a.Name, test.Name, command)
	}
	return text.String(), nil
}
