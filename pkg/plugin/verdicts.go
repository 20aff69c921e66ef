package plugin

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"regexp"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/findings"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/verdicts"
)

// verdictAnswer is what a verdict comes to.
type verdictAnswer struct {
	Verdict verdicts.Verdict `json:"verdict"`
	Who     string           `json:"who"`
	// AllowlistEntry hides what is benign, for an administrator who wants it to stay so; null otherwise.
	AllowlistEntry json.RawMessage `json:"allowlistEntry"`
}

// maxVerdict bounds a verdict's JSON, in bytes.
const maxVerdict = 64 << 10

// judge writes a verdict down: POST /verdicts, for editors and administrators. It is the only thing that the plugin ever writes, and a
// user of its own writes it.
func (d *Datasource) judge(r *http.Request) (any, error) {
	if d.fault != nil {
		return nil, d.fault
	}
	user := backend.UserFromContext(r.Context())
	if !edits(r.Context()) {
		return nil, &rightsError{"only editors and administrators of the organisation may say what a finding is"}
	}
	if d.writer == nil {
		return nil, &settings.Error{Field: "verdictsUsername", Reason: "verdicts are switched off: name a ClickHouse user who may insert into the table of verdicts, and nowhere else"}
	}
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxVerdict))
	if err != nil {
		return nil, &query.Error{Field: "verdict", Reason: "it is too long, or ended early"}
	}
	// A panel's action cannot put a text into JSON as it is: what it says stands in the URL's query, with an empty object behind it.
	if asked := r.URL.Query(); len(asked) > 0 {
		fields := map[string]string{}
		for name, values := range asked {
			if !unfilled.MatchString(values[0]) {
				fields[name] = values[0]
			}
		}
		body, _ = json.Marshal(fields) // texts always marshal
	}
	v, err := verdicts.Decode(body, d.now())
	if err != nil {
		return nil, err
	}
	if err := verdicts.Write(clickhouse.WithClass(r.Context(), clickhouse.Viewer), d.writer, d.settings.Database, d.settings.Table, v, user.Login); err != nil {
		return nil, err
	}
	d.renewVerdicts(r.Context())
	return verdictAnswer{Verdict: v, Who: user.Login, AllowlistEntry: v.Entry(user.Login)}, nil
}

// unfilled is what Grafana leaves of an expression that it has nothing for: a note that nobody typed, or a column that a panel dropped.
var unfilled = regexp.MustCompile(`^\$(note|\{__data\.fields\.\w+\})$`)

// renewVerdicts reads the verdicts anew, so that the next evaluation knows of one, and the next viewer sees it.
func (d *Datasource) renewVerdicts(ctx context.Context) {
	d.shared.Forget(findings.Name)
	for _, list := range d.known.lists {
		if list.Spec().Name == "verdicts" {
			_, _ = list.lookup.Renew(ctx) // a fault is told wherever the list is used
		}
	}
}

// writer connects as the user who writes verdicts; nil where there is none.
func writer(s settings.Settings, dial func(context.Context, string) (net.Conn, error)) (*clickhouse.Client, error) {
	s, ok := s.ForVerdicts()
	if !ok {
		return nil, nil
	}
	s.MaxOpenConns, s.MaxIdleConns = 2, 1
	return clickhouse.New(s, dial)
}
