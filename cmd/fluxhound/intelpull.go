package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/indicators/intake"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/indicators/pull"
)

// intelPull fetches the feeds of a file, once or again and again.
func (p program) intelPull(ctx context.Context, arguments []string) (err error) {
	set := p.flags("intel pull", "intel pull --settings FILE --feeds FILE [--every 1h]\n\nIt fetches feeds over HTTPS and from TAXII 2.1 collections, and writes what is new. Keys come from the environment: a header of a feed may hold $NAME.")
	settingsFile := set.String("settings", "", "`file` of the data source's settings, as `fluxhound intel import` has it")
	feedsFile := set.String("feeds", "", "`file` of the feeds: a list of {\"source\", \"url\", \"format\", \"confidence\", \"days\", \"reference\", \"taxii\", \"header\"}")
	stateFile := set.String("state", "", "`file` that remembers what was fetched (default: beside the feeds, with .state behind it)")
	every := set.Duration("every", 0, "fetch again so often, until it is interrupted; 0 for once")
	if err := parse(set, arguments); err != nil {
		return err
	}
	if *feedsFile == "" {
		return misused("--feeds is missing: the file that names them")
	}
	if *every != 0 && *every < time.Minute {
		return misused("--every is a minute or more: publishers ask for patience")
	}
	if *stateFile == "" {
		*stateFile = *feedsFile + ".state"
	}
	text, err := os.ReadFile(*feedsFile)
	if err != nil {
		return fmt.Errorf("read the feeds: %w", err)
	}
	feeds, err := pull.Feeds(text)
	if err != nil {
		return misused("%s: %v", *feedsFile, err)
	}
	store, done, err := p.indicatorStore(*settingsFile)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	for {
		err := p.pullAll(ctx, store, feeds, *stateFile)
		if *every == 0 || ctx.Err() != nil {
			return err
		}
		select {
		case <-time.After(*every):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// pullAll fetches every feed. One that cannot be fetched is told of, and the others are fetched all the same.
func (p program) pullAll(ctx context.Context, store intake.Store, feeds []pull.Feed, stateFile string) error {
	known, err := readStates(stateFile)
	if err != nil {
		return err
	}
	failed, changed := false, false
	for _, f := range feeds {
		state, err := p.pullOne(ctx, store, f, known[f.Source])
		switch {
		case errors.Is(err, pull.ErrUnchanged):
			p.say("%s: nothing new.", f.Source)
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			failed = true
			fmt.Fprintf(p.stderr, "fluxhound intel pull: %v\n", err)
		default:
			changed = true
		}
		known[f.Source] = state
		if err := writeStates(stateFile, known); err != nil {
			return err
		}
	}
	if changed {
		if err := store.Reload(ctx); err != nil {
			return err
		}
	}
	if failed {
		return errFailed
	}
	return nil
}

func (p program) pullOne(ctx context.Context, store intake.Store, f pull.Feed, known pull.State) (pull.State, error) {
	options := byDefault()
	options.source, options.reference, options.format = f.Source, f.Reference, cmp.Or(f.Format, options.format)
	if f.Confidence != nil {
		options.confidence = *f.Confidence
	}
	if f.Days != nil {
		options.days = *f.Days
	}
	feed, err := options.feed(f.Source)
	if err != nil {
		return known, fmt.Errorf("%s: %w", f.Source, err)
	}
	return pull.Fetch(ctx, pull.Client(), f, known, func(in io.Reader) error {
		report, err := store.Import(ctx, feed, in)
		p.printIntake(f.Source, report)
		if err != nil {
			return fmt.Errorf("import %s: %w", f.Source, err)
		}
		return nil
	})
}

func readStates(file string) (map[string]pull.State, error) {
	states := map[string]pull.State{}
	text, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		return states, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read what was fetched: %w", err)
	}
	if err := json.Unmarshal(text, &states); err != nil {
		return nil, fmt.Errorf("read what was fetched: %s: %w; remove it to fetch everything anew", file, err)
	}
	return states, nil
}

// writeStates replaces the file as a whole, so that an interruption leaves the old one.
func writeStates(file string, states map[string]pull.State) error {
	text, err := json.MarshalIndent(states, "", "  ")
	if err != nil {
		return err
	}
	fresh, err := os.CreateTemp(filepath.Dir(file), filepath.Base(file)+".*")
	if err != nil {
		return fmt.Errorf("remember what was fetched: %w", err)
	}
	_, err = fresh.Write(append(text, '\n'))
	if err = errors.Join(err, fresh.Close()); err == nil {
		err = os.Rename(fresh.Name(), file)
	}
	if err != nil {
		_ = os.Remove(fresh.Name())
		return fmt.Errorf("remember what was fetched: %w", err)
	}
	return nil
}
