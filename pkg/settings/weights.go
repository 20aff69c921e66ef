package settings

// MostPoints is what a piece of evidence may be worth at most, for or against.
const MostPoints = 100

// caseWeights reads what evidence is worth. Which evidence there is, and which of it speaks against, is the detector's to know.
func caseWeights(s *Settings, stored map[string]number) error {
	if len(stored) > maxLists {
		return refuse("caseWeights", "it has %d entries; at most %d are allowed", len(stored), maxLists)
	}
	for name, points := range stored {
		if !points.given {
			continue
		}
		if points.value < -MostPoints || points.value > MostPoints {
			return refuse("caseWeights."+name, "it is %d; it must be from %d to %d", points.value, -MostPoints, MostPoints)
		}
		if s.CaseWeights == nil {
			s.CaseWeights = map[string]int64{}
		}
		s.CaseWeights[name] = int64(points.value)
	}
	return nil
}
