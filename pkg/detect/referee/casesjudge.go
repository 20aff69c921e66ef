package referee

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// reason is a piece of evidence that counts.
type reason struct {
	points   int64
	sentence string
}

// measure works out the shape of the channel in time.
func (c *channel) measure() {
	for i := 1; i < len(c.seconds); i++ {
		if gap := c.seconds[i] - c.seconds[i-1]; gap > 3 {
			c.intervals = append(c.intervals, gap)
		}
	}
	slices.Sort(c.intervals)
	n := len(c.intervals)
	if n > 0 {
		c.MedianInterval = float64(c.intervals[(n+1)/2-1])
	}
	if n >= 5 {
		steps := map[int]int{}
		for _, gap := range c.intervals {
			steps[int(math.Floor(math.Log(float64(gap))/math.Log(1.2)))]++
		}
		var counts []int
		for _, count := range steps {
			counts = append(counts, count)
		}
		slices.SortFunc(counts, func(a, b int) int { return b - a })
		alike := 0
		for _, count := range counts[:min(3, len(counts))] {
			alike += count
		}
		c.regularity = float64(alike) / float64(n)
	}
	c.Regularity = int64(math.RoundToEven(c.regularity * 100))
	length := float64(c.window.To.Sub(c.window.From).Milliseconds())
	bins := map[int64]bool{}
	for _, second := range c.seconds {
		since := max(second*1000-c.window.From.UnixMilli(), 0)
		bins[min(23, since*24/int64(length))] = true
	}
	c.ActiveBins = int64(len(bins))
	if n+1 >= 10 {
		c.coverage = min(1, float64(n+1)*c.MedianInterval*1000/length)
	}
}

// judge adds up what speaks for and against the channel.
func (p Cases) judge(c *channel) {
	var reasons []reason
	add := func(name string, share float64, format string, args ...any) {
		if points := int64(math.RoundToEven(float64(p.Points[name]) * min(1, max(0, share)))); points != 0 {
			reasons = append(reasons, reason{points, fmt.Sprintf(format, args...)})
		}
	}
	when := func(holds bool) float64 {
		if holds {
			return 1
		}
		return 0
	}
	n := len(c.intervals)
	add("regular", min(1, (c.regularity-0.5)/0.3)*min(1, float64(n)/20), "checks in every %s: %d %% of its %d intervals are alike", spell(c.MedianInterval), c.Regularity, n)
	persistence := max(float64(c.ActiveBins)/24, c.coverage, min(1, c.OpenTime/c.window.To.Sub(c.window.From).Seconds()))
	add("persistent", (persistence-0.4)/0.4, "at it for %.0f %% of the time, in %d of 24 parts of the window", math.RoundToEven(persistence*100), c.ActiveBins)
	add("frequent", when(c.regularity > 0.5 && c.MedianInterval <= 120)*float64(n+1-100)/400, "%d check-ins, as close as those of a waiting operator", n+1)
	add("long", when(c.LongestConnection >= float64(p.LongSeconds))*c.LongestConnection/14400, "one connection was open for %s", spell(c.LongestConnection))
	asked := c.namedShare >= 0.5 && !c.namesUnknown && c.LastSeen.Unix()-c.deviceSince.Unix() >= 3600
	add("noName", when(!c.named && asked), "no name leads to this address, while names are known of %.0f %% of the places that the device reaches", math.RoundToEven(c.namedShare*100))
	p.judgePlace(c, add, when)
	p.judgeProgram(c, add, when)
	p.judgeBytes(c, add, when)
	slices.SortFunc(reasons, func(a, b reason) int {
		return cmp.Or(cmp.Compare(b.points, a.points), strings.Compare(a.sentence, b.sentence))
	})
	for _, r := range reasons {
		c.Risk += r.points
		c.Why = append(c.Why, r.sentence)
	}
	c.Risk = max(0, min(100, c.Risk))
}

// adder notes a piece of evidence that holds to a share.
type adder func(name string, share float64, format string, args ...any)

// judgePlace looks at where the channel leads, and who else goes there.
func (p Cases) judgePlace(c *channel, add adder, when func(bool) float64) {
	of := func(wanted []int64) []int64 {
		var list []int64
		for _, as := range c.systems {
			if slices.Contains(wanted, as.Number) {
				list = append(list, as.Number)
			}
		}
		return list
	}
	suspicious, hosting := of(p.Numbers), of(p.HostingASNs)
	if len(suspicious) > 0 {
		add("suspiciousNetwork", 1, "in a network of the suspicious list, AS%d", suspicious[0])
	} else if len(hosting) > 0 {
		add("hostingNetwork", 1, "in a network that rents servers by the hour, AS%d", hosting[0])
	}
	var odd []string
	for _, at := range c.ports {
		if at.number > 0 && !slices.Contains(p.UsualPorts, at.number) {
			odd = append(odd, strconv.FormatInt(at.number, 10))
		}
	}
	slices.Sort(odd)
	add("oddPort", when(len(odd) > 0 && len(odd) == len(c.ports)), "only on ports that no common service uses: %s", strings.Join(odd[:min(5, len(odd))], ", "))
	add("timeService", when(!slices.ContainsFunc(c.ports, func(at port) bool { return at != port{123, "udp"} })), "asks for the time (UDP port 123), which is even by design")
	add("dynamicDns", when(c.dynamic != ""), "a name under %s, where anybody may take one", c.dynamic)
	if c.named {
		addresses, networks := float64(len(c.addresses)), float64(c.networks)
		fluxiness := networks / addresses * (1.32*addresses + 18.54*networks)
		beyond := (fluxiness - 142.38) / 71.19
		add("flux", beyond, "moves between %d addresses in %d networks", len(c.addresses), c.networks)
		add("shortTtl", when(beyond > 0 && p.ShortTTLs[c.Host]), "an answer of DNS for it held for 5 minutes or less")
		for domain := c.Host; domain != ""; _, domain, _ = strings.Cut(domain, ".") {
			if service := p.Rotating[domain]; service != "" {
				add("rotatingService", beyond, "rotates by design: %s (%s)", service, domain)
				break
			}
		}
	}
	p.judgeLists(c, add)
	p.judgeAge(c, add, when)
	for domain := c.Host; domain != ""; {
		if vendor := p.Services[domain]; vendor != "" {
			add("knownService", 1, "a known service: %s (%s)", vendor, domain)
			break
		}
		_, domain, _ = strings.Cut(domain, ".")
	}
	who := "only 2 devices or one in a hundred"
	if c.UniqueDevices == 1 {
		who = "only this device"
	}
	fleet, devices := float64(c.fleet), float64(c.UniqueDevices)
	add("fewDevices", when(c.fleet >= 20 && devices <= max(2, fleet/100)), "%s of %d connects there", who, c.fleet)
	few, many := max(2, fleet/100), max(5, fleet/10)
	add("manyDevices", when(c.fleet >= 20 && c.dynamic == "")*(devices-few)/(many-few), "%d of %d devices connect there", c.UniqueDevices, c.fleet)
}

// judgeProgram looks at what connects.
func (p Cases) judgeProgram(c *channel, add adder, when func(bool) float64) {
	var scripts, others []string
	for _, name := range c.processes {
		if slices.Contains(p.ScriptHosts, foldASCII(name)) {
			scripts = append(scripts, name)
		}
		if !slices.Contains(p.Browsers, foldASCII(name)) {
			others = append(others, name)
		}
	}
	slices.Sort(scripts)
	add("scriptHost", when(len(scripts) > 0), "connected by %s, which runs scripts", strings.Join(scripts[:min(3, len(scripts))], ", "))
	add("userFolder", when(slices.ContainsFunc(c.folders, p.UserFolder)), "connected by a program in a folder that its user may write to")
	add("browser", when(len(c.processes) > 0 && len(others) == 0), "connected by a browser alone")
}

// judgeBytes looks at what is carried.
func (p Cases) judgeBytes(c *channel, add adder, when func(bool) float64) {
	sent, received := float64(orZero(c.sent)), float64(orZero(c.received))
	each := received / float64(c.ConnectionCount)
	add("upload", when(sent > 1<<20 && sent > received), "sends more than it receives: %s", readable(sent))
	add("bulk", when(each > 1<<20), "receives %s each time, as downloads and calls do", readable(each))
}

// spell tells a span of seconds.
func spell(seconds float64) string {
	switch {
	case seconds < 120:
		return fmt.Sprintf("%.0f s", math.RoundToEven(seconds))
	case seconds < 7200:
		return fmt.Sprintf("%.0f min", math.RoundToEven(seconds/60))
	default:
		return strconv.FormatFloat(math.RoundToEven(seconds/360)/10, 'f', -1, 64) + " h"
	}
}

// readable tells a number of bytes.
func readable(bytes float64) string {
	units := []string{"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"}
	unit := 0
	for bytes >= 1024 && unit < len(units)-1 {
		bytes, unit = bytes/1024, unit+1
	}
	return fmt.Sprintf("%.2f %s", bytes, units[unit])
}

// judgeLists looks the channel up in what lists of threat intelligence name. The first of its names, or else of its addresses, is told.
func (p Cases) judgeLists(c *channel, add adder) {
	told, confidence := "", int64(0)
	look := func(name string) {
		if of := p.Listed[name]; of > 0 {
			if told == "" {
				told = name
			}
			confidence = max(confidence, of)
		}
	}
	for name := c.Host; name != "" && told == ""; _, name, _ = strings.Cut(name, ".") {
		look(name)
	}
	for _, address := range c.addresses {
		look(address)
	}
	add("listed", float64(confidence)/100, "on a list of threat intelligence: %s, at a confidence of %d", told, confidence)
	if told := p.Moved[c.Host]; told != "" {
		add("repointed", 1, "%s", told)
	}
}
