package accuracy

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// truthFile stands in the folder of a labelled capture.
const truthFile = "truth.json"

// Truth is what a capture is known to hold: its channels of command and control. All else in it is benign.
type Truth struct {
	Channels []Channel `json:"channels"`
}

// Channel is where one device and an attacker's server talk.
type Channel struct {
	Device  string    `json:"device"`            // its identifier or name
	Address string    `json:"address,omitempty"` // of the server
	Name    string    `json:"name,omitempty"`    // of the server, where it has one
	Port    Ports     `json:"port,omitempty"`
	From    time.Time `json:"from,omitzero"`
	To      time.Time `json:"to,omitzero"`
}

// Ports are a number or a list of them; none for any port.
type Ports []int64

// UnmarshalJSON reads one port or several.
func (p *Ports) UnmarshalJSON(text []byte) error {
	var one int64
	if json.Unmarshal(text, &one) == nil {
		*p = Ports{one}
		return nil
	}
	return json.Unmarshal(text, (*[]int64)(p))
}

// String names the channel for people.
func (c Channel) String() string {
	target := c.Name
	if target == "" {
		target = c.Address
	}
	return c.Device + " → " + target
}

// Capture is a folder of logs with its truth.
type Capture struct {
	Name   string
	Folder string
	// Ranges is a file of address ranges with their autonomous systems, beside the capture; empty where there is none.
	Ranges string
	Truth  Truth
}

// rangesFile stands in the folder above captures.
const rangesFile = "asn.tsv"

// Find lists the labelled captures in folders, each a capture itself or a folder of captures. Labels that a capture does not bring
// itself are looked for in the folder of truths, under its name. A folder without labels is none.
func Find(folders []string, truths string) ([]Capture, error) {
	var found []Capture
	for _, folder := range folders {
		own, err := capture(folder, truths)
		if err != nil {
			return nil, err
		}
		if own != nil {
			found = append(found, *own)
			continue
		}
		entries, err := os.ReadDir(folder)
		if err != nil {
			return nil, err
		}
		for _, entry := range entries {
			if !entry.IsDir() {
				continue
			}
			below, err := capture(filepath.Join(folder, entry.Name()), truths)
			if err != nil {
				return nil, err
			}
			if below != nil {
				found = append(found, *below)
			}
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("no capture with its %s is in %s", truthFile, strings.Join(folders, ", "))
	}
	return found, nil
}

// capture reads a folder that may be one.
func capture(folder, truths string) (*Capture, error) {
	absolute, err := filepath.Abs(folder)
	if err != nil {
		return nil, err
	}
	c := Capture{Name: filepath.Base(absolute), Folder: absolute}
	text, err := firstFile(filepath.Join(absolute, truthFile), filepath.Join(truths, c.Name+".json"))
	if text == nil || err != nil {
		return nil, err
	}
	if err := json.Unmarshal(text, &c.Truth); err != nil {
		return nil, fmt.Errorf("the truth of %s: %w", c.Name, err)
	}
	for i, channel := range c.Truth.Channels {
		if channel.Address == "" && channel.Name == "" {
			return nil, fmt.Errorf("the truth of %s: channel %d has neither address nor name", c.Name, i+1)
		}
	}
	for _, at := range []string{filepath.Join(absolute, rangesFile), filepath.Join(filepath.Dir(absolute), rangesFile)} {
		if _, err := os.Stat(at); err == nil && c.Ranges == "" {
			c.Ranges = at
		}
	}
	return &c, nil
}

// firstFile is the content of the first file that is there; nil for none.
func firstFile(paths ...string) ([]byte, error) {
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if !errors.Is(err, fs.ErrNotExist) {
			return text, err
		}
	}
	return nil, nil
}

// matches reports whether a finding is about the channel.
func (c Channel) matches(f Finding) bool {
	if c.Device != "" && !slices.ContainsFunc(f.Devices, func(d string) bool { return strings.EqualFold(d, c.Device) }) {
		return false
	}
	if !c.From.IsZero() && f.Last.Before(c.From) || !c.To.IsZero() && f.First.After(c.To) {
		return false
	}
	// a finding that tells all its ports, none of which is the channel's, is about something else at the same server
	if len(c.Port) > 0 && len(f.Ports) > 0 && !slices.ContainsFunc(f.Ports, func(p int64) bool { return slices.Contains(c.Port, p) }) {
		return false
	}
	return c.Name != "" && strings.EqualFold(f.Host, c.Name) || c.Address != "" && (f.Host == c.Address || slices.Contains(f.Addresses, c.Address))
}
