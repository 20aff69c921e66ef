package scenario

import (
	"fmt"
	"math/rand/v2"
)

// device is one computer of the company.
type device struct {
	number  int // its place in the fleet
	id      string
	name    string
	localIP string
	kind    kind
	user    string
	browser string
	// zone is the offset of the device's office hours from UTC, in hours.
	zone int
}

type kind int

const (
	workstation kind = iota
	laptop           // of a developer
	server
)

// The fleet: 150 workstations, 20 developers' laptops, 30 servers.
const (
	workstations = 150
	laptops      = 20
	servers      = 30
)

// systemAccount runs services.
const systemAccount = "system"

func newFleet(r *rand.Rand) []device {
	fleet := make([]device, 0, workstations+laptops+servers)
	for i := range cap(fleet) {
		d := device{
			number:  i,
			id:      fmt.Sprintf("%016x%016x%08x", r.Uint64(), r.Uint64(), r.Uint32()),
			localIP: fmt.Sprintf("10.%d.%d.%d", 20+i/100, i%100, between(r, 10, 250)),
			user:    pick(r, initials) + "." + surnames[i%len(surnames)],
			browser: pick(r, []string{"chrome.exe", "chrome.exe", "msedge.exe", "msedge.exe", "firefox.exe"}),
			zone:    pick(r, []int{1, 1, 1, -5, -5, 8}), // Berlin, New York, Singapore
		}
		switch {
		case i < workstations:
			d.name = fmt.Sprintf("WS-%s-%03d", departments[i%len(departments)], i+1)
		case i < workstations+laptops:
			d.kind, d.name = laptop, fmt.Sprintf("LT-DEV-%02d", i-workstations+1)
		default:
			d.kind, d.name = server, fmt.Sprintf("SRV-%s-%02d", services[i%len(services)], i-workstations-laptops+1)
			d.user = systemAccount
		}
		fleet = append(fleet, d)
	}
	return fleet
}

// busy says how much its user does with the device in an hour of the week: 0 is nothing, 1 a full hour's work.
func (d device) busy(ofWeek int) float64 {
	if d.kind == server {
		return 0
	}
	local := (ofWeek + d.zone + 7*24) % (7 * 24)
	day, clock := local/24, local%24
	switch {
	case day >= 5 && clock >= 9 && clock < 22:
		return 0.03 // somebody always looks something up at the weekend
	case day >= 5 || clock < 8 || clock > 17:
		return 0
	case clock == 8 || clock == 17:
		return 0.4
	case clock == 12:
		return 0.5
	default:
		return 1
	}
}

var (
	departments = []string{"FIN", "HR", "OPS", "MKT", "LEGAL", "SALES"}
	services    = []string{"WEB", "SQL", "FILE", "APP", "MAIL"}
	initials    = []string{"a", "b", "c", "d", "e", "f", "g", "h", "j", "k", "l", "m", "n", "p", "r", "s", "t", "v"}
	surnames    = []string{
		"almeida", "becker", "castell", "dahl", "eriksen", "fontaine", "grau", "haddad", "ivarsson", "jansen", "kowal",
		"lindqvist", "moreau", "nakata", "okafor", "petrov", "quist", "romano", "sato", "tanaka", "ueda", "varga",
		"weiss", "xu", "yilmaz", "zeller", "arnesen", "bright", "chaudry", "dupont", "engel", "farkas", "garrido",
	}
)
