package release

import (
	"bytes"
	"cmp"
	"debug/buildinfo"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	cdx "github.com/CycloneDX/cyclonedx-go"
	"golang.org/x/mod/module"
)

// Bill is what a release is made of, for a bill of materials in the form of CycloneDX 1.5 (https://cyclonedx.org/).
type Bill struct {
	Name, Version string
	At            time.Time // of the commit
	Programs      []string  // executables, which know the modules that they are made of
	Modules       string    // Go's cache of modules, for their licences
	Npm           []byte    // what npm sbom --omit dev writes, whose serial number and time are of the moment
}

// Write writes the bill. Its components are in the order of their names.
func (b Bill) Write(to string) error {
	components, err := b.components()
	if err != nil {
		return err
	}
	bom := cdx.NewBOM()
	bom.Metadata = &cdx.Metadata{
		Timestamp: b.At.UTC().Format(time.RFC3339),
		Component: &cdx.Component{Type: cdx.ComponentTypeApplication, BOMRef: b.Name, Name: b.Name, Version: b.Version},
	}
	bom.Components = &components
	var text bytes.Buffer
	if err := cdx.NewBOMEncoder(&text, cdx.BOMFileFormatJSON).SetPretty(true).EncodeVersion(bom, cdx.SpecVersion1_5); err != nil {
		return fmt.Errorf("write the bill of materials: %w", err)
	}
	return os.WriteFile(to, text.Bytes(), 0o644)
}

func (b Bill) components() ([]cdx.Component, error) {
	byRef := map[string]cdx.Component{}
	for _, program := range b.Programs {
		info, err := buildinfo.ReadFile(program)
		if err != nil {
			return nil, fmt.Errorf("read what %s is made of: %w", program, err)
		}
		for _, m := range info.Deps {
			if m.Replace != nil {
				m = m.Replace
			}
			c := b.module(m)
			byRef[c.BOMRef] = c
		}
		goes := cdx.Component{Type: cdx.ComponentTypeFramework, BOMRef: "go", Name: "Go's standard library", Version: info.GoVersion, Licenses: licensed("BSD-3-Clause")}
		byRef[goes.BOMRef] = goes
	}
	var npm cdx.BOM
	if err := json.Unmarshal(b.Npm, &npm); err != nil {
		return nil, fmt.Errorf("read npm's bill of materials: %w", err)
	}
	if npm.Components != nil {
		for _, c := range *npm.Components {
			byRef[c.BOMRef] = cdx.Component{Type: c.Type, BOMRef: c.BOMRef, Name: c.Name, Version: c.Version, PackageURL: c.PackageURL, Licenses: c.Licenses, Hashes: c.Hashes}
		}
	}
	components := make([]cdx.Component, 0, len(byRef))
	for _, c := range byRef {
		components = append(components, c)
	}
	slices.SortFunc(components, func(a, b cdx.Component) int { return cmp.Compare(a.BOMRef, b.BOMRef) })
	return components, nil
}

func (b Bill) module(m *debug.Module) cdx.Component {
	url := "pkg:golang/" + m.Path + "@" + m.Version
	return cdx.Component{
		Type: cdx.ComponentTypeLibrary, BOMRef: url, Name: m.Path, Version: m.Version, PackageURL: url, Licenses: licensed(b.licence(m)),
	}
}

func licensed(id string) *cdx.Licenses {
	if id == "" {
		return nil
	}
	return &cdx.Licenses{{License: &cdx.License{ID: id}}}
}

// licence tells a module's licence by the words that only its text has; nothing where it has another, or none that is found.
func (b Bill) licence(m *debug.Module) string {
	at, err := module.EscapePath(m.Path)
	if err != nil {
		return ""
	}
	version, err := module.EscapeVersion(m.Version)
	if err != nil {
		return ""
	}
	files, err := filepath.Glob(filepath.Join(b.Modules, at+"@"+version, "LICEN[SC]E*"))
	if err != nil || len(files) == 0 {
		return ""
	}
	text, err := os.ReadFile(files[0])
	if err != nil {
		return ""
	}
	words := strings.Join(strings.Fields(string(text)), " ")
	for _, l := range licences {
		if strings.Contains(words, l.words) {
			return l.id
		}
	}
	return ""
}

// licences are told by words, the more special first, under the names of https://spdx.org/licenses/.
var licences = []struct{ words, id string }{
	{"Mozilla Public License Version 2.0", "MPL-2.0"},
	{"Mozilla Public License, version 2.0", "MPL-2.0"},
	{"Apache License Version 2.0", "Apache-2.0"},
	{"Neither the name of", "BSD-3-Clause"},
	{"Redistribution and use in source and binary forms", "BSD-2-Clause"},
	{"Permission is hereby granted, free of charge", "MIT"},
	{"Permission to use, copy, modify, and/or distribute this software", "ISC"},
	{"Permission to use, copy, modify, and distribute this software", "ISC"},
}
