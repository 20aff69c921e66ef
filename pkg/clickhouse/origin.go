package clickhouse

import (
	"encoding/json"
	"net/url"
	"strings"
)

// Origin says who asks and from where. It travels with a statement as its log_comment, where an administrator of
// ClickHouse finds it in system.processes and system.query_log. Every field may be empty.
type Origin struct {
	User      string // Grafana's login
	Dashboard string // UID
	Panel     string // id
	Rule      string // UID of the alert rule
	RefID     string
	Detector  string
}

// longestComment bounds a comment where it travels in a URL, in bytes as they are written there.
const longestComment = 1500

// comment writes the origin as JSON, which takes no more than longestComment in a URL, whatever the fields hold.
func (o Origin) comment() string {
	comment := o.commentOf(longestName)
	for longest := longestName / 2; len(url.QueryEscape(comment)) > longestComment; longest /= 2 {
		comment = o.commentOf(longest)
	}
	return comment
}

func (o Origin) commentOf(longestName int) string {
	comment, _ := json.Marshal(struct { // a struct of texts always marshals
		App       string `json:"app"`
		User      string `json:"user,omitempty"`
		Dashboard string `json:"dashboard,omitempty"`
		Panel     string `json:"panel,omitempty"`
		Rule      string `json:"rule,omitempty"`
		RefID     string `json:"refId,omitempty"`
		Detector  string `json:"detector,omitempty"`
	}{productName, clip(o.User, longestName), clip(o.Dashboard, longestName), clip(o.Panel, longestName), clip(o.Rule, longestName), clip(o.RefID, longestName), clip(o.Detector, longestName)})
	return string(comment)
}

// asker is whose statements share a bound: those of one user on one dashboard.
func (o Origin) asker() string { return o.User + "\x00" + o.Dashboard }

// longestName bounds each of an origin's fields, in characters. Grafana's UIDs have at most 40.
const longestName = 64

// clip cuts a text to so many characters, and makes it valid UTF-8.
func clip(text string, longest int) string {
	text = strings.ToValidUTF8(text, "�")
	if len(text) <= longest {
		return text
	}
	if runes := []rune(text); len(runes) > longest {
		return string(runes[:longest]) + "…"
	}
	return text
}
