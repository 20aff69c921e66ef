package detect

// Points is one thing that counts for or against a finding, and what it is worth.
type Points struct {
	Name   string // of its parameter, without the detector's name
	Points int64  // of 100; below 0 for what speaks against
	When   string // it counts
	Why    string // it is worth that
}

// PointValues returns the parameters of a detector's .sql that hold the points.
func PointValues(detector string, all []Points) map[string]any {
	values := map[string]any{}
	for _, e := range all {
		values[detector+"_"+e.Name] = e.Points
	}
	return values
}
