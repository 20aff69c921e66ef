package frame

import (
	"fmt"

	"github.com/grafana/grafana-plugin-sdk-go/data"
)

// plausible is the highest number of bytes that a finding's connections are believed to have sent or received, a petabyte.
const plausible = 1 << 50

// bytesNotices say of the findings that are shown how many have no byte counts at all, and how many have counts that cannot be.
func bytesNotices(a Answer, rows int) []data.Notice {
	var unknown, odd int
	for i, c := range a.Result.Columns {
		counts, ok := a.Result.Data[i].([]*int64)
		if !ok || c.Name != "BytesSent" || a.Spec.Technique == nil {
			continue
		}
		for _, n := range counts[:rows] {
			switch {
			case n == nil:
				unknown++
			case *n > plausible:
				odd++
			}
		}
	}
	var notices []data.Notice
	if unknown > 0 {
		notices = append(notices, notice(data.NoticeSeverityInfo, fmt.Sprintf(
			"%d of %d findings have unknown bytes: the sensor counted none of their connections'. Beaconing's threshold on bytes does not apply to them; unknownBytes: drop leaves them out.", unknown, rows)))
	}
	if odd > 0 {
		notices = append(notices, notice(data.NoticeSeverityWarning, fmt.Sprintf(
			"%d of %d findings have sent more than a petabyte, which no device does: look at what the sensor writes as SentBytes.", odd, rows)))
	}
	return notices
}
