package tasks

import (
	"encoding/json"
	"fmt"
	"os"
)

// lockFile is package-lock.json, or the copy of it that npm keeps in node_modules: what is installed, by folder.
type lockFile struct {
	Packages map[string]lockedPackage `json:"packages"`
}

type lockedPackage struct {
	Version   string `json:"version"`
	Integrity string `json:"integrity"`
	Optional  bool   `json:"optional"` // not installed where it does not fit the platform
}

func readLockFile(path string) (lockFile, error) {
	var l lockFile
	text, err := os.ReadFile(path)
	if err != nil {
		return l, err
	}
	if err := json.Unmarshal(text, &l); err != nil {
		return l, fmt.Errorf("read %s: %w", path, err)
	}
	return l, nil
}

// satisfiedBy reports whether what is installed is what is locked.
func (l lockFile) satisfiedBy(installed lockFile) bool {
	for folder, locked := range l.Packages {
		if folder == "" {
			continue // the project itself
		}
		there, ok := installed.Packages[folder]
		switch {
		case !ok && !locked.Optional:
			return false
		case ok && (there.Version != locked.Version || there.Integrity != locked.Integrity):
			return false
		}
	}
	for folder := range installed.Packages {
		if _, ok := l.Packages[folder]; !ok {
			return false
		}
	}
	return true
}
