package threatintel

// Evidence is one thing that counts beside a source's confidence, and what it is worth.
type Evidence struct {
	Name   string // of its parameter, without the detector's name
	Points int64  // of 100; below 0 for what speaks against
	When   string // it counts
	Why    string // it is worth that
}

// Everything is all that counts beside the highest confidence of the sources. Points add up to Risk, between 0 and 100.
func Everything() []Evidence {
	return []Evidence{
		{"severalSources", 10, "lists of two sources or more name it",
			"Sources that watch by themselves seldom err alike. Not worth more: many lists copy from each other."},
		{"flagged", -40, "the import flagged the only indicators that name it: a wide network, or the host of a service that many share",
			"Most of what lies there is somebody else's."},
		{"knownService", -40, "the host is, or lies under, a domain of the table of services that cases use",
			"Lists hold vendors' hosts by mistake, or because a sample asked them whether it was online. It does not clear the host: a match stays, and says so."},
		{"unanswered", -25, "every connection is an attempt or failed",
			"What a firewall or a sinkhole stopped is a device to look at, and no channel that works."},
	}
}

func points() map[string]any {
	values := map[string]any{}
	for _, e := range Everything() {
		values[Name+"_"+e.Name] = e.Points
	}
	return values
}
