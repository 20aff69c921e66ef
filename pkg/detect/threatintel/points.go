package threatintel

import "github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"

// Everything is all that counts beside the highest confidence of the sources. Points add up to Risk, between 0 and 100.
func Everything() []detect.Points {
	return []detect.Points{
		{Name: "severalSources", Points: 10, When: "lists of two sources or more name it",
			Why: "Sources that watch by themselves seldom err alike. Not worth more: many lists copy from each other."},
		{Name: "flagged", Points: -40, When: "the import flagged the only indicators that name it: a wide network, or the host of a service that many share",
			Why: "Most of what lies there is somebody else's."},
		{Name: "knownService", Points: -40, When: "the host is, or lies under, a domain of the table of services that cases use",
			Why: "Lists hold vendors' hosts by mistake, or because a sample asked them whether it was online. It does not clear the host: a match stays, and says so."},
		{Name: "unanswered", Points: -25, When: "every connection is an attempt or failed",
			Why: "What a firewall or a sinkhole stopped is a device to look at, and no channel that works."},
	}
}
