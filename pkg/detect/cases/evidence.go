package cases

// Evidence is one thing that speaks for or against a channel, and what it is worth.
type Evidence struct {
	Name   string `json:"name"`   // of its parameter
	Points int64  `json:"points"` // at most, of 100; below 0 for what speaks against
	When   string `json:"when"`   // it counts
	Why    string `json:"why"`    // it is worth that, with the source
}

// Everything is every piece of evidence. Points add up to Risk, between 0 and 100. A timer that runs day and night comes to
// 45, as most updaters do, and at an operator's pace to 65. High is from 60: it takes that pace, or something else beside a timer.
func Everything() []Evidence {
	return []Evidence{
		{"regular", 30, "from 50 % (none) to 80 % (all) of the intervals lie in three steps of a fifth each; in full from 20 intervals on",
			"A beacon sleeps by a timer with jitter: T1571 and T1071 describe it, RITA v5 scores the dispersion of intervals, Sentinel's analytics the share of the most frequent interval. Three steps hold a sleep with 50 % of jitter, or one that changes between a few values."},
		{"persistent", 15, "from 40 % (none) to 80 % (all) of the window",
			"An implant runs while the machine does, people sleep. RITA v5 scores the longest run of active hours and the share of the day."},
		{"frequent", 20, "regular at 2 minutes or less, from 100 (none) to 500 (all) check-ins",
			"Cobalt Strike, Sliver, Mythic, Havoc and Metasploit sleep for 60 s or less unless told otherwise, by their documentation. Vendors ask their clients to poll every few minutes or slower."},
		{"long", 25, "one connection of an hour or more, all at 4 hours",
			"RITA v5 scores long connections from 1 hour (base) to 12 hours (high): interactive channels and tunnels keep one open."},
		{"noName", 20, "an address without a name from TLS, HTTP or DNS, where names are known of half of the device's destinations, and an hour or more after the device was first seen",
			"A name may have been asked for before the first event. Services are reached by name; Elastic and Active Countermeasures hunt for direct-to-address traffic for that reason. Worth less than a timer: peer-to-peer and calls have no names either."},
		{"suspiciousNetwork", 15, "an address belongs to one of suspiciousAsns",
			"The analytic's own five hosting networks (SuspiciousASNs)."},
		{"hostingNetwork", 8, "an address belongs to one of hostingAsns",
			"Attackers rent servers (T1583.003, T1584.004); so do many small services."},
		{"oddPort", 10, "every port of the channel is outside usualPorts",
			"T1571, Non-Standard Port."},
		{"dynamicDns", 15, "the name lies under a dynamic DNS or tunnel provider's domain",
			"T1568.001 and T1572: names that anybody may take without being known. Worth less than what a tunnel of a developer's own would need to be high while its user works."},
		{"flux", 50, "a name's addresses and their networks reach a Fluxiness of 142.38 (none) to 213.57 (all), over the window",
			"T1568.001; Holz et al., \"Measuring and Detecting Fast-Flux Service Networks\" (NDSS 2008), tell flux from content networks by that line, here with a half beyond it. Networks are autonomous systems where a dictionary tells them."},
		{"shortTtl", 10, "beyond the line of flux, and an answer of DNS for the name held for 5 minutes or less, by the ledger of names",
			"The analytic's own: \"short TTLs\". T1568.001 and Holz et al. (NDSS 2008): who changes addresses all the time lets answers hold for minutes. So do content networks, whose names few networks hold: worth nothing without flux, and nothing where no TTL is known."},
		{"listed", 50, "an indicator of threat intelligence names the host or an address; in full at a confidence of 100",
			"The analytic's own: addresses flagged in threat intelligence. Less than what is high alone: lists err, and the detector threatIntel tells of each match. An indicator that was flagged at its import counts nothing."},
		{"repointed", 20, "the name came to another network within the last 7 days, after two weeks or more in others: the detector repointed, at its defaults",
			"The analytic's own: newly re-pointed hostnames (T1584.001, T1584.002). Worth little without a timer: sites move, and people read them."},
		{"newDestination", 10, "no device went there until a day or more after this device was first seen",
			"Attackers' servers are set up for an attack (T1583, T1584); RITA v5 raises what was first seen lately. Within the window: a rule that looks over a day knows nothing of it."},
		{"firstSeen", 15, "no device connected to it before the last newDays (7) days, by a ledger of destinations that goes back twice as long without a gap",
			"RITA v5 adds 15 % to what was first seen within 7 days (first_seen_score_increase), by what it keeps of the time before. Twice as long, since what comes by once a week would be new in a ledger's second week. Where it tells, newDestination does not count."},
		{"scriptHost", 15, "a connecting process runs scripts",
			"T1059 and T1218: interpreters and signed binaries that run others' code."},
		{"userFolder", 10, "a connecting program lies in a temporary, download or profile folder",
			"T1204 and T1036.005: what users are brought to run lies where they may write."},
		{"upload", 5, "more than 1 MiB sent, and more sent than received",
			"T1041: clients usually receive more than they send."},
		{"fewDevices", 10, "of 20 devices or more, at most two, or one in a hundred",
			"RITA v5 raises what few hosts reach (prevalence below 2 %)."},
		{"knownService", -40, "the host is, or lies under, a domain of the table of services",
			"services.txt, each block with the vendor's page: what vendors document as needed by their products. It does not clear a host for good: a vendor's tenants are not in the table."},
		{"manyDevices", -25, "of 20 devices or more, from one in a hundred and two (none) to a tenth and at least five (all); not for a name under a dynamic DNS or tunnel provider's domain",
			"What many devices reach is the company's or a vendor's, unless anybody may take the name. RITA v5 lowers what more than half of the hosts reach."},
		{"longKnown", -15, "by a ledger of destinations known for knownDays (30) days, on 5 of them or more, to 5 devices or more; not for a name under a dynamic DNS or tunnel provider's domain, and not for one that repointed counts",
			"RITA v5 takes 15 % off what was first seen 30 days ago or earlier (first_seen_score_decrease). An implant may stay as long on one device, and seldom on several; what one visit made known, or leads elsewhere now, was never known. Not worth more: a service that was taken over stays in its place (T1584)."},
		{"rotatingService", -40, "as flux counts, and the name is, or lies under, a domain of the table of services that rotate by design",
			"rotating.txt, each block with the page that documents it: pools and caches in the networks of many providers look like flux. It takes back what flux adds, and nothing else: names of their customers are among them."},
		{"browser", -15, "only browsers connected",
			"The analytic leaves browsers out of fast flux; pages refresh by timers. Not worth more: malware injects itself into browsers (T1055)."},
		{"timeService", -30, "only UDP port 123",
			"NTP asks at even intervals, RFC 5905."},
		{"bulk", -15, "more than 1 MiB received a connection",
			"Orders are small; streams, downloads and calls are not."},
	}
}

// Weights tells what is wrong with a data source's own weights, by their names: the detector's own hold in their place.
func Weights(own map[string]int64) map[string]string {
	known, wrong := map[string]int64{}, map[string]string{}
	for _, e := range Everything() {
		known[e.Name] = e.Points
	}
	for name, points := range own {
		switch byDefault, ok := known[name]; {
		case !ok:
			wrong[name] = "there is no evidence of this name"
		case byDefault > 0 && points < 0:
			wrong[name] = "it speaks for a channel: 0 to 100 points"
		case byDefault < 0 && points > 0:
			wrong[name] = "it speaks against a channel: -100 to 0 points"
		}
	}
	return wrong
}

// High and Critical are the risks from which a case is of that severity, Medium that from which it is worth a look.
const (
	Medium   = 30
	High     = 60
	Critical = 80
)
