package repointed

import (
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
)

// params are the detector's.
func params() []query.Param {
	suspicious := detect.SuspiciousASNsParam()
	suspicious.Help = "A name that moves to one of these autonomous systems counts for more. Needs a dictionary in the data source's settings."
	return []query.Param{
		{Name: "minRisk", Label: "Lowest risk", Kind: query.KindInteger, Unit: "of 100", Min: 0, Max: 100, Default: int64(0), Least: "Risk",
			Help: "Names of a lower risk are left out. From 60 a name is high, from 80 critical."},
		{Name: "stableDays", Label: "Days in place", Kind: query.KindInteger, Unit: "d", Min: 1, Max: 365, Default: int64(14),
			Help: "Before it moved, a name came to no new network for so many days."},
		{Name: "minDaysSeen", Label: "Days seen", Kind: query.KindInteger, Unit: "d", Min: 1, Max: 365, Default: int64(3),
			Help: "Before it moved, a name was seen on so many days: of what is seen once a month nobody knows where it was between."},
		{Name: "maxNetworks", Label: "Most networks before", Kind: query.KindInteger, Unit: "networks", Min: 1, Max: 1000, Default: int64(3),
			Help: "A name that was in more networks before rotates by design, and is left out. A network is an autonomous system where a dictionary tells it, otherwise a /16, of IPv6 a /32."},
		suspicious,
		detect.HostingASNsParam(),
		{Name: "deliveryAsns", Label: "Delivery networks", Kind: query.KindIntegerList, Max: 1000, Default: deliverySystems,
			Help: "Autonomous systems of content delivery networks, where names of many owners come and go. Needs a dictionary in the data source's settings."},
		detect.SamplesParam("SampleDevices and SampleIPs"),
	}
}

// deliverySystems carry the content of others, by their own pages and their names in the registries. Those that rent servers as well, as
// Amazon, Google and Microsoft do, are none here.
var deliverySystems = []int64{
	20940, 16625, // Akamai
	13335,  // Cloudflare
	54113,  // Fastly
	19551,  // Imperva
	60068,  // CDN77
	200325, // bunny.net
	30148,  // Sucuri
	15133,  // Edgio (Edgecast)
	22822,  // Edgio (Limelight)
}
