package detect

import "github.com/fluxhound/fluxhound-detections-datasource/pkg/query"

// HostingASNs is the name of the parameter that lists autonomous systems that rent servers.
const HostingASNs = "hostingAsns"

// HostingASNsParam returns that parameter.
func HostingASNsParam() query.Param {
	return query.Param{
		Name: HostingASNs, Label: "Hosting ASNs", Kind: query.KindIntegerList, Max: 1000, Default: hostingSystems,
		Help: "Autonomous systems that rent servers. Needs a dictionary in the data source's settings.",
	}
}

// hostingSystems rent servers to anybody, by their own pages and their names in the registries, beside the analytic's five.
var hostingSystems = []int64{
	63949,        // Akamai Connected Cloud (Linode)
	51167,        // Contabo
	60781, 28753, // Leaseweb
	12876,        // Scaleway
	54290,        // Hostwinds
	53667,        // FranTech (BuyVM)
	45102, 37963, // Alibaba Cloud
	132203, 45090, // Tencent Cloud
	199524,        // G-Core Labs
	49505,         // Selectel
	9123,          // Timeweb
	36352,         // ColoCrossing
	8100,          // QuadraNet
	40676,         // Psychz Networks
	8560,          // IONOS
	197540,        // netcup
	202053,        // UpCloud
	47583,         // Hostinger
	60068, 212238, // DataCamp
	57043,  // HOSTKEY
	62240,  // Clouvider
	21859,  // Zenlayer
	46606,  // Unified Layer
	26496,  // GoDaddy
	55286,  // ServerMania
	200019, // AlexHost
	44477,  // Stark Industries Solutions
	210644, // Aeza
}
