package referee_test

import (
	"strconv"
	"unicode/utf8"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/referee"
)

// someParams chooses parameters: the defaults, or some of them changed.
func (g *generator) someParams() {
	g.params = referee.DefaultAlerts()
	if g.plain = g.chance(8); g.plain {
		return
	}
	g.beaconingParams(&g.params.Beaconing)
	g.dynamicDNSParams(&g.params.DynamicDNS)
	g.fastFluxParams(&g.params.FastFlux)
}

func (g *generator) beaconingParams(p *referee.Beaconing) {
	maybe(g, &p.GroupBy, "host")
	maybe(g, &p.InternalDomains, []string{}, []string{"Example.com", "org"}, []string{"a.duckdns.org"})
	maybe(g, &p.MinScore, 0.001, 0.3, 0.4, 0.5, 0.6)
	maybe(g, &p.MaxDevices, 1, 1, 2)
	maybe(g, &p.MinConnections, 1, 2, 5, 12)
	maybe(g, &p.BytesSentOver, -1, 0, 1, 5000, 1<<40)
	maybe(g, &p.UnknownBytes, "drop")
	maybe(g, &p.DurationHoursOver, 0, 2, 5)
	maybe(g, &p.MinBeaconRate, 0, 1, 10.0/3, 0.1, 20.0/7, 1e-9)
	maybe(g, &p.MaxBeaconRate, 1, 10.0/3, 13.7, 20.0/7, 35.0/6, 1e9)
	maybe(g, &p.Ports, []int64{443}, []int64{0, 22, 65535}, []int64{}, []int64{79, 81, 444, 80, 80})
	maybe(g, &p.ActionTypes, []string{"connectionsuccess"}, []string{}, []string{"ConnectionFailed", "ConnectionSuccess"}, []string{`o'"\`})
	maybe(g, &p.Samples, 1, 2, 100)
	g.suspicious(&p.SuspiciousASNs)
	g.addressParams(&p.Addresses)
}

func (g *generator) dynamicDNSParams(p *referee.DynamicDNS) {
	maybe(g, &p.Domains, []string{"custom.test"}, []string{}, []string{"DuckDNS.org", "no-ip.com"}, []string{"example.com", "c2.example.com", "custom.test"})
	maybe(g, &p.Match, "suffix", "suffix", "contains")
	if p.Match == "suffix" && g.chance(2) {
		g.edges["all known domains"] = true
		p.Domains = nil
	}
	maybe(g, &p.GroupBy, "tenant")
	maybe(g, &p.OnlyBeacons, true)
	maybe(g, &p.UnknownBytes, "drop")
	maybe(g, &p.MinConnections, 2, 4)
	maybe(g, &p.ActionTypes, []string{"ConnectionAttempt"}, []string{}, []string{"ConnectionFailed", "ConnectionSuccess"})
	maybe(g, &p.Samples, 1, 2, 100)
	g.suspicious(&p.SuspiciousASNs)
}

func (g *generator) fastFluxParams(p *referee.FastFlux) {
	maybe(g, &p.GroupBy, "host")
	if p.GroupBy == "host" { // few random names reach the analysts' threshold
		p.MinFluxiness = pick(g, []float64{142.38, 0, 19.86, 30, 60})
	}
	maybe(g, &p.ChurnOver, 0, 0.25, 1.0/3, 1)
	maybe(g, &p.MinUniqueIPs, 1, 2, 8)
	maybe(g, &p.MinConnections, 1, 3, 15)
	maybe(g, &p.ExcludeProcesses, []string{}, []string{"AGENT.exe", "é.exe"}, []string{""}, []string{"Z", `q"u'o\te.exe`, "{p:String}"})
	maybe(g, &p.ActionTypes, []string{"ConnectionAttempt"}, []string{}, []string{"ConnectionFailed", "ConnectionSuccess"})
	maybe(g, &p.DomainSamples, 1, 3, 100)
	maybe(g, &p.Samples, 1, 2, 100)
	g.suspicious(&p.SuspiciousASNs)
	g.addressParams(&p.Addresses)
}

func (g *generator) addressParams(p *referee.Addresses) {
	p.IncludeIPv6 = g.chance(3)
	maybe(g, &p.PrivateNetworks, []string{}, []string{"127.0.0.0/8", "100.64.0.0/10", "10.0.0.0/8"}, []string{"0.0.0.0/0"}, []string{"8.8.8.8/32", "198.51.100.9/28"})
}

func (g *generator) suspicious(p *referee.SuspiciousASNs) {
	maybe(g, &p.Numbers, []int64{}, []int64{64500, 64503}, []int64{64504, 64501, 64501}, []int64{4294967295, 64505, 64506}, []int64{1})
}

// maybe leaves a parameter as it is, or changes it to one of the values.
func maybe[T any](g *generator, parameter *T, values ...T) {
	if g.chance(3) {
		*parameter = pick(g, values)
	}
}

// someFilters returns no filter half of the time: most filters leave too little for a finding.
func (g *generator) someFilters() []referee.Filter {
	if g.chance(2) {
		return nil
	}
	filters := []referee.Filter{g.filter()}
	if g.chance(3) {
		filters = append(filters, g.filter())
	}
	for _, f := range filters {
		g.edges["operator "+f.Operator] = true
	}
	return filters
}

func (g *generator) filter() referee.Filter {
	if g.chance(4) {
		column := pick(g, []string{"RemotePort", "SentBytes", "ReceivedBytes"})
		values := numerals(append(some(g, ports(), 14), 0, 443))
		return g.compared(column, values, "=", "!=", "!=", "in", "notIn", "notIn")
	}
	like := g.noise()
	if g.chance(2) {
		d := g.owner()
		like.DeviceID, like.DeviceName = d.id, d.name
	}
	texts := map[string]string{
		"DeviceId": like.DeviceID, "DeviceName": like.DeviceName, "ActionType": like.ActionType, "RemoteIP": like.RemoteIP,
		"RemoteUrl": like.RemoteURL, "Protocol": like.Protocol, "LocalIP": like.LocalIP,
		"InitiatingProcessFileName": like.InitiatingProcessFileName, "InitiatingProcessAccountName": like.InitiatingProcessAccountName,
	}
	column := pick(g, textColumns())
	if (column == "RemoteIP" || column == "LocalIP") && g.chance(2) {
		return referee.Filter{Column: column, Operator: "inSubnet", Values: append(some(g, subnets(), 3), pick(g, subnets()))}
	}
	value := asked(texts[column])
	if g.chance(2) {
		return referee.Filter{Column: column, Operator: pick(g, []string{"contains", "startsWith", "endsWith"}), Values: []string{g.part(value)}}
	}
	return g.compared(column, []string{value, "", asked(pick(g, urls())), "WS-1", "ConnectionSuccess", "Tcp"}, "=", "!=", "!=", "in", "in", "notIn", "notIn")
}

func textColumns() []string {
	return []string{
		"DeviceId", "DeviceName", "ActionType", "RemoteIP", "RemoteIP", "RemoteUrl", "Protocol", "LocalIP",
		"InitiatingProcessFileName", "InitiatingProcessAccountName",
	}
}

func (g *generator) compared(column string, values []string, operators ...string) referee.Filter {
	operator := pick(g, operators)
	if operator == "=" || operator == "!=" {
		values = values[:1]
	}
	return referee.Filter{Column: column, Operator: operator, Values: values}
}

// part returns a piece of a text, perhaps all or nothing of it.
func (g *generator) part(s string) string {
	runes := []rune(s)
	from := g.IntN(len(runes) + 1)
	switch g.IntN(4) {
	case 0:
		return string(runes[:from])
	case 1:
		return string(runes[from:])
	default:
		return string(runes[min(from, 1):max(len(runes)-1, min(from, 1))])
	}
}

// asked makes a text one that a query may hold: without NUL.
func asked(s string) string {
	clean := ""
	for _, r := range s {
		if r != 0 && r != utf8.RuneError {
			clean += string(r)
		}
	}
	return clean
}

func numerals(numbers []int64) []string {
	texts := make([]string, len(numbers))
	for i, n := range numbers {
		texts[i] = strconv.FormatInt(n, 10)
	}
	return texts
}
