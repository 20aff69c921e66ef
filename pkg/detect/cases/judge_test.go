package cases_test

import (
	"encoding/json"
	"regexp"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/cases"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/cases/services"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/referee"
)

// judge is the referee with the lists that the detector has: they are data, and what is made of them is worked out apart.
func judge() referee.Cases {
	p := referee.Cases{Points: map[string]int64{}, Services: map[string]string{}, Rotating: map[string]string{}, ScriptHosts: cases.ScriptHosts(), Browsers: cases.Browsers()}
	for _, param := range (cases.Detector{}).Spec().Params {
		switch param.Name {
		case "minConnections":
			p.MinConnections = param.Default.(int64)
		case "newDays":
			p.NewDays = param.Default.(int64)
		case "knownDays":
			p.KnownDays = param.Default.(int64)
		case "longSeconds":
			p.LongSeconds = param.Default.(int64)
		case "actionTypes":
			p.ActionTypes = param.Default.([]string)
		case "privateNetworks":
			p.PrivateNetworks = param.Default.([]string)
		case "internalDomains":
			p.InternalDomains = param.Default.([]string)
		case "suspiciousAsns":
			p.Numbers = param.Default.([]int64)
		case "hostingAsns":
			p.HostingASNs = param.Default.([]int64)
		case "usualPorts":
			p.UsualPorts = param.Default.([]int64)
		}
	}
	for _, e := range cases.Everything() {
		p.Points[e.Name] = e.Points
	}
	domains, vendors := services.Lists()
	for i, domain := range domains {
		p.Services[domain] = vendors[i]
	}
	rotating, rotators := services.Rotating()
	for i, domain := range rotating {
		p.Rotating[domain] = rotators[i]
	}
	p.UserFolder = regexp.MustCompile(cases.UserFolders()).MatchString
	return p
}

// answered reads a table of cases, by device and host.
func answered(t *testing.T, frames data.Frames) map[string]found {
	t.Helper()
	list := map[string]found{}
	for _, frame := range frames {
		for i := range frame.Rows() {
			value := func(name string) any {
				field, _ := frame.FieldByName(name)
				if field == nil {
					t.Fatalf("there is no column %s", name)
				}
				v, _ := field.ConcreteAt(i)
				return v
			}
			f := found{Risk: value("Risk").(int64)}
			if err := json.Unmarshal(value("Why").(json.RawMessage), &f.Why); err != nil {
				t.Fatal(err)
			}
			if len(f.Why) == 0 {
				f.Why = nil
			}
			list[value("DeviceName").(string)+" "+value("RemoteUrl").(string)] = f
		}
	}
	return list
}
