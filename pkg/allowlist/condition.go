package allowlist

import (
	_ "embed"
	"encoding/hex"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

//go:embed condition.sql
var conditionSQL string

var condition = statement.Parse("condition.sql", conditionSQL)

// Condition renders which of the entries hides a finding of the detector: its number, from 1, or 0 for none. The finding
// has the columns EveryUrl, EveryAddress, EveryProcess and EveryDevice (DeviceId and DeviceName): every distinct value of its
// connections, empty ones too. The parameters are the same for every detector, so that the entries travel once with a
// statement of several. Labels[n-1] tells of entry n.
func Condition(detector string, entries []Entry) (text string, values map[string]any, err error) {
	data := map[string]any{
		"Host": statement.Host("url"), "Endings": statement.Endings("AllowHosts[1]"),
		"Address": statement.AddressHex("address"), "First": "AllowAddresses[1]", "IPv4": statement.IPv4Hex,
		"Detector": statement.Quoted(detector),
	}
	values = map[string]any{}
	for name, value := range index(sorted(entries)).columns() {
		chType := "Array(String)"
		if _, numbers := value.([]int64); numbers {
			chType = "Array(Int64)"
		}
		data[name], values[paramPrefix+name] = fmt.Sprintf("{%s%s:%s}", paramPrefix, name, chType), value
	}
	text, err = statement.Render(condition, data)
	return strings.TrimSpace(text), values, err
}

const paramPrefix = "allow_"

// LabelsParam is the parameter for Labels.
const LabelsParam = paramPrefix + "labels"

// IsParam reports whether a parameter of a statement holds what entries say.
func IsParam(name string) bool { return strings.HasPrefix(name, paramPrefix) }

// Speaks reports whether an entry may hide findings of the detector.
func Speaks(detector string, entries []Entry) bool {
	return slices.ContainsFunc(entries, func(e Entry) bool { return e.Detector == "" || e.Detector == detector })
}

// sorted returns the entries by anchor.
func sorted(entries []Entry) []Entry {
	return slices.SortedStableFunc(slices.Values(entries), func(a, b Entry) int { return strings.Compare(a.anchor(), b.anchor()) })
}

// anchor is the field of an entry that findings are looked up by, so that each finding is compared with the few entries
// that fit one of its values, however many there are.
func (e Entry) anchor() string {
	switch {
	case e.Domain != "":
		return "d" + e.Domain
	case e.Network.IsValid():
		first, _ := ends(e.Network)
		return fmt.Sprintf("n%d %s", bits(e.Network), first)
	case e.Process != "":
		return "p" + e.Process
	default:
		return "v" + e.Device
	}
}

// table is the entries, field by field, and where those of each anchor are.
type table struct {
	anchors                                                      []string
	from, to                                                     []int64 // entries from … to-1, counted from 1
	lengths                                                      []int64 // of the networks that anchor
	domains, firsts, lasts, processes, devices, detectors, texts []string
}

func index(entries []Entry) table {
	t := table{ // an empty list is one, and no NULL
		anchors: []string{}, from: []int64{}, to: []int64{}, lengths: []int64{}, domains: []string{}, firsts: []string{}, lasts: []string{},
		processes: []string{}, devices: []string{}, detectors: []string{}, texts: []string{},
	}
	for i, e := range entries {
		if n := len(t.anchors); n == 0 || t.anchors[n-1] != e.anchor() {
			t.anchors, t.from, t.to = append(t.anchors, e.anchor()), append(t.from, int64(i+1)), append(t.to, 0)
		}
		t.to[len(t.to)-1] = int64(i + 2)
		first, last := "", ""
		if e.Network.IsValid() {
			first, last = ends(e.Network)
			if n := int64(bits(e.Network)); e.Domain == "" && !slices.Contains(t.lengths, n) {
				t.lengths = append(t.lengths, n)
			}
		}
		t.firsts, t.lasts = append(t.firsts, first), append(t.lasts, last)
		t.domains, t.processes, t.devices = append(t.domains, e.Domain), append(t.processes, e.Process), append(t.devices, e.Device)
		t.detectors, t.texts = append(t.detectors, e.Detector), append(t.texts, e.String())
	}
	return t
}

// columns returns the parameters by the names that they have in condition.sql.
func (t table) columns() map[string]any {
	return map[string]any{
		"anchors": t.anchors, "from": t.from, "to": t.to, "lengths": t.lengths, "domains": t.domains, "firsts": t.firsts,
		"lasts": t.lasts, "processes": t.processes, "devices": t.devices,
		"detectors": t.detectors,
	}
}

// Labels returns what each number of Condition stands for.
func Labels(entries []Entry) []string { return index(sorted(entries)).texts }

// bits is the length of a network as one of 128-bit addresses, IPv4 in its IPv4-mapped form.
func bits(p netip.Prefix) int {
	if p.Addr().Is4() {
		return p.Bits() + 96
	}
	return p.Bits()
}

// ends returns the first and last address of a network, as statement.AddressHex writes addresses.
func ends(p netip.Prefix) (first, last string) {
	from := p.Masked().Addr().As16()
	to := from
	for bit := bits(p); bit < 128; bit++ {
		to[bit/8] |= 0x80 >> (bit % 8)
	}
	return strings.ToUpper(hex.EncodeToString(from[:])), strings.ToUpper(hex.EncodeToString(to[:]))
}
