package repointed

import "github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"

// Everything is all that counts for and against a name that moved. Points add up to Risk, between 0 and 100.
func Everything() []detect.Points {
	return []detect.Points{
		{Name: "moved", Points: 30, When: "the name leads to a network where it was never seen, after stableDays in those where it was",
			Why: "The analytic's own: \"DNS resolutions to newly re-pointed hostnames\". Alone no more than worth a look: sites change their provider every day."},
		{Name: "oldSilent", Points: 10, When: "a day after the move and later the name is seen in the new network, and no more where it was",
			Why: "What takes a name over takes it whole; a load balancer's further site does not."},
		{Name: "suspiciousNetwork", Points: 25, When: "the new network is one of suspiciousAsns",
			Why: "The analytic's own five hosting networks (SuspiciousASNs)."},
		{Name: "hostingNetwork", Points: 5, When: "the new network is one of hostingAsns",
			Why: "Attackers rent servers (T1583.003); so does whoever moves a site."},
		{Name: "shortTTL", Points: 10, When: "DNS answers hold for 5 minutes or less since, and held for longer before",
			Why: "The analytic's \"short TTLs\": who will move again soon lowers the TTL. So do careful administrators, before a move and not after it."},
		{Name: "together", Points: 20, When: "names of three domains or more moved to one address on one day",
			Why: "T1584.001: whoever holds a registrar's or a DNS provider's account re-points all its names. So does a hoster that moves its customers."},
		{Name: "fewDevices", Points: 10, When: "at most two devices went there or asked since",
			Why: "RITA v5 raises what few hosts reach. A site that many use and that moved is talked of elsewhere."},
		{Name: "knownService", Points: -40, When: "the name is, or lies under, a domain of the table of services that cases use",
			Why: "Vendors move their services between networks of their own and those that they rent. It does not clear the name: it stays, and says so."},
		{Name: "delivery", Points: -25, When: "the name was or is in one of deliveryAsns",
			Why: "Who puts a site behind a delivery network, or takes it away, moves its name. Not worth more: attackers hide there too."},
		{Name: "spread", Points: -20, When: "the name came to more than two new networks",
			Why: "That is how names look that become spread over the world. Fast flux has a detector of its own."},
	}
}
