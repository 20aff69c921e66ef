package dashboards

import "github.com/fluxhound/fluxhound-detections-datasource/pkg/profile"

// quality is what the events can be used for: the share that each detector can look at, why not the rest, and what they lack. A
// share is of a sample of each interval's events.
func quality() Dashboard {
	return dashboard(QualityUID, "What the events can be used for: how many of them each detector can look at, why not the rest, and what they lack. An empty list of findings says something only where this is well.",
		[]Variable{filtersVariable()},
		matchingNow(1, place(0, 0, 16, 5)),
		qualityFreshness(2, place(16, 0, 8, 5)),
		shares(3, "Events that detectors can look at", "The share of each interval's events that each detector can look at. Where a line falls to nothing while events come in, the rule Detector blind fires.", place(0, 5, 12, 9), profile.ShowMatching, strokes()),
		shares(4, "Why detectors cannot look at the rest", "The share of each interval's events that a detector cannot look at, by detector and reason. The table below says what each reason means.", place(12, 5, 12, 9), profile.ShowReasons, strokes()),
		shares(5, "What events lack", "The share of each interval's events that lack something, whichever detector looks at them: bytes, names, processes, identifiers, or that are there twice.", place(0, 14, 12, 9), profile.ShowGaps, strokes()),
		ingest(6, place(12, 14, 12, 9)),
		reasonsNow(7, place(0, 23, 24, 13)),
	)
}

// asShare is how every share looks: 0 to 100 %.
func asShare() Field {
	return Field{Unit: unitShare, Decimals: number(1), Min: number(0.0), Max: number(1.0), NoValue: noRows}
}

func matchingNow(id int, at GridPos) Panel {
	look := asShare()
	look.NoValue = noAnswer
	look.Color, look.Thresholds = byThreshold(), steps(red, from(blindUnder, amber), from(0.01, blue))
	p := stat(id, "Can be looked at", "The share of the range's events that each detector can look at. Red: next to none, so that the detector finds nothing whatever happens.", at, "lastNotNull").
		asking(ask("dataQuality", "numeric", 0)).
		transformed(detectorsByLabel()...).
		fields(look, overrideType("number", property("unit", unitShare)))
	p.Options["textMode"] = "value_and_name"
	return p
}

// detectorsByLabel calls detectors what people call them: the labels of numbers and time series have the words of queries.
func detectorsByLabel() []Transformation {
	labels := map[string]string{}
	for _, r := range profile.Rules() {
		labels[r.Detector] = r.Label
	}
	return renamed(labels)
}

// blindUnder is the share under which the rule Detector blind fires.
const blindUnder = 0.0005

func qualityFreshness(id int, at GridPos) Panel {
	return stat(id, "Newest event", "How long ago the newest event of the time range was, in hours, minutes and seconds. Devices whose clocks are ahead do not count.", at, "lastNotNull").
		asking(summed("events")).
		transformed(only("SecondsSinceNewestEvent")).
		fields(Field{DisplayName: "Newest event, ago", Decimals: number(0), NoValue: noAnswer, Color: byThreshold(), Thresholds: judged(green, from(300, amber), from(900, red))}, newestOf()...)
}

func shares(id int, title, description string, at GridPos, show string, drawn object) Panel {
	look := asShare()
	look.Color, look.Custom = byPalette(), drawn
	p := lines(id, title, description, at).
		asking(ask("dataQuality", "timeseries", 30).with(map[string]any{profile.Show: show})).
		transformed(detectorsByLabel()...).
		fields(look, overrideType("number", property("unit", unitShare)))
	p.MaxDataPoints = 100 // each point is a sample of its own
	return p
}

func ingest(id int, at GridPos) Panel {
	p := lines(id, "Events by ActionType", "How many events came in, by what happened: whether there is something to look at.", at).
		asking(ask("events", "timeseries", topSeries)).
		fields(Field{Unit: unitExact, Min: number(0.0), NoValue: noRows, Color: byPalette(), Custom: bars()})
	p.MaxDataPoints = 100
	return p
}

func reasonsNow(id int, at GridPos) Panel {
	p := table(id, "Reasons, and what to do", "Each sensor's events by detector and reason: what it means, the most frequent values, and the fix.", at).
		asking(ask("dataQuality", "table", tableRows)).
		transformed(columns([]string{"Sampled", "Devices"}, "Source", "Detector", "Share", "Meaning", "Examples", "Fix", "Events", "EventsInWindow", "Reason")).
		fields(Field{NoValue: noRows, Custom: object{"filterable": true, "inspect": true, "align": "auto", "cellOptions": object{"type": "auto"}}},
			overrideType("string", property("noValue", "")),
			overrideType("other", pills()...),
			override("Source", property("custom.width", 110)),
			override("Detector", property("custom.width", 120)),
			override("Share", append(gaugeCell(blue), property("unit", unitShare), property("max", 1), property("custom.width", 170))...),
			override("Fix", append(wrapped(), property("custom.minWidth", 380))...),
			override("Meaning", append(wrapped(), property("custom.minWidth", 220))...),
			override("Events", property("custom.width", 90)),
			override("EventsInWindow", property("custom.width", 150)),
			override("Reason", property("custom.width", 160)),
		)
	return p
}
