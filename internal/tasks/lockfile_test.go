package tasks

import "testing"

func TestWhatIsInstalledMustBeWhatIsLocked(t *testing.T) {
	locked := lockFile{Packages: map[string]lockedPackage{
		"":                       {Version: "0.1.0"},
		"node_modules/a":         {Version: "1.0.0", Integrity: "sha512-a"},
		"node_modules/for-macos": {Version: "2.0.0", Integrity: "sha512-m", Optional: true},
	}}
	a := lockedPackage{Version: "1.0.0", Integrity: "sha512-a"}
	for name, c := range map[string]struct {
		installed map[string]lockedPackage
		want      bool
	}{
		"the same, without another platform's":    {map[string]lockedPackage{"node_modules/a": a}, true},
		"nothing":                                 {nil, false},
		"another version":                         {map[string]lockedPackage{"node_modules/a": {Version: "1.0.1", Integrity: "sha512-a"}}, false},
		"other content":                           {map[string]lockedPackage{"node_modules/a": {Version: "1.0.0", Integrity: "sha512-b"}}, false},
		"one that is not in the lock file":        {map[string]lockedPackage{"node_modules/a": a, "node_modules/b": a}, false},
		"an optional one that is another version": {map[string]lockedPackage{"node_modules/a": a, "node_modules/for-macos": a}, false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := locked.satisfiedBy(lockFile{Packages: c.installed}); got != c.want {
				t.Errorf("satisfied = %v, want %v", got, c.want)
			}
		})
	}
}
