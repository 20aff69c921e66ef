// Package lists says what a list is: something that detectors are told beside the events, of the settings, a table or a
// dictionary. Each list is a folder, and a line of package every.
package lists

import (
	"context"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// Spec is what others say of a list.
type Spec struct {
	Name   string // of its step of the health check, and of the setting that holds it
	What   string // of its source, such as: the allowlist's table
	Effect string // what it means that the source was never read, such as: it hides nothing
	// One and Many say what becomes of entries with a fault, such as: of the allowlist hides nothing.
	One, Many string
	// Optional says that findings are right without the list, which a statement names: an alert rule decides without it, and a
	// source that is gone is not named any more.
	Optional bool
	// Shown says that the list decides how findings are shown, and not which there are.
	Shown bool
}

// List is one list. Its methods may be called at the same time.
type List interface {
	// Spec describes the list. It is the same at every call.
	Spec() Spec
	// Source is the table or dictionary that the settings name; empty for none.
	Source(settings.Settings) string
	// Read reads what the source holds, column by column. It is called only where there is a source.
	Read(context.Context, Ask, settings.Settings) ([][]string, error)
	// With joins the entries that stand in the settings with what the source held when it was read; nil where it never was.
	With(s settings.Settings, held [][]string) Entries
}

// Ask runs a statement that returns texts, and returns them column by column.
type Ask func(context.Context, statement.Statement) ([][]string, error)

// Entries are a list as it is known.
type Entries interface {
	// Configured reports whether there is anything to check: an entry in the settings, or a source.
	Configured() bool
	// Faults says of each entry that cannot be used what is wrong with it.
	Faults() []string
	// Tell adds the entries that hold at an instant to what detectors are told.
	Tell(site *detect.Site, now time.Time)
	// Text tells in the health check what there is; named says that it may tell what stands in the entries. It is empty where
	// nothing can be said.
	Text(now time.Time, named bool) string
}
