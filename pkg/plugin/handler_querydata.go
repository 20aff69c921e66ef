package plugin

import (
	"context"
	"slices"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/grafana/grafana-plugin-sdk-go/experimental/concurrent"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/crash"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/events"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/frame"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/query"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/querytypes"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// maxConcurrent bounds how many of one request's queries run at a time; the pool bounds them over all requests.
const maxConcurrent = 10

// QueryData answers each query of a request on its own: one that fails, or that the plugin breaks off at, leaves the others
// standing.
func (d *Datasource) QueryData(ctx context.Context, req *backend.QueryDataRequest) (*backend.QueryDataResponse, error) {
	defer d.calls.begin()()
	ctx, done := serve(ctx, req.PluginContext, classOf(req))
	defer done()
	return concurrent.QueryData(ctx, req, func(ctx context.Context, q concurrent.Query) backend.DataResponse {
		var frames data.Frames
		err := crash.Caught("answer the query", func() (err error) {
			frames, err = d.answer(ctx, q, originOf(req, q.DataQuery))
			return err
		})
		if err != nil {
			return failed(ctx, err)
		}
		for _, f := range frames {
			f.RefID = q.DataQuery.RefID
		}
		return backend.DataResponse{Frames: frames, Status: backend.StatusOK}
	}, maxConcurrent)
}

// answer is the way of one query: JSON → query → statement → rows → frames. An alert rule is answered alone, on the window
// it asked for: it must decide on what is there now.
func (d *Datasource) answer(ctx context.Context, asked concurrent.Query, origin clickhouse.Origin) (data.Frames, error) {
	if d.fault != nil {
		return nil, d.fault
	}
	q, err := query.Decode(asked.DataQuery.JSON, query.Options{
		Types:    querytypes.Decodable(d.defaults()),
		Range:    query.Window{From: asked.DataQuery.TimeRange.From, To: asked.DataQuery.TimeRange.To},
		Now:      d.now,
		Interval: asked.DataQuery.Interval,
		RowLimit: d.settings.RowLimit,
	})
	if err != nil {
		return nil, err
	}
	run, alert := d.client.Query, clickhouse.ClassOf(ctx) == clickhouse.Alert
	if !alert {
		if !listsEvents(q) {
			q.Window = query.Aligned(q.Window, d.now(), d.settings.CacheTTL)
		}
		run = d.shared.Query
	}
	table, notices, err := d.eventsTable(ctx)
	if err != nil {
		return nil, err
	}
	known, err := d.knownSite(ctx)
	if err != nil {
		return nil, err
	}
	notices = slices.Concat(notices, known.notices)
	site, withheld, err := d.withLedgers(ctx, q.Type, known.shownTo(ctx, d.now()), table)
	if err != nil {
		return nil, err
	}
	notices = append(notices, withheld...)
	detector, _ := querytypes.Named(q.Type, site) // decoding has checked it
	profiled := d.noticesOf(table, q)
	s, err := d.statement(ctx, detector, q, table)
	if err != nil {
		return nil, err
	}
	notices = slices.Concat(notices, unreadNotices(d.settings.Ignored, q.Unread))
	s = withNotices(s, notices)
	origin.Detector = q.Type
	if alert && len(detector.Spec().Details) > 0 {
		run = d.telling(q.Details)
	}
	result, err := run(ctx, s, origin)
	if err != nil {
		d.doubt(err)
		return nil, err
	}
	answer := frame.Answer{Query: q, Spec: detector.Spec(), Statement: withNotices(s, profiled(ctx)), Result: result, Decides: alert}
	if !alert && frame.IsCut(answer) {
		answer.Counted = d.counted(ctx, detector, q, table, origin)
	}
	return frame.Build(answer)
}

// listsEvents reports whether an answer's rows are events. Their window is the one that is asked for, and not that of others who ask at the
// same time: a link to those of a finding ends with the last of them.
func listsEvents(q query.Query) bool {
	return q.Type == "events" && (q.Format == query.Logs || q.Format == query.Table)
}

// counted asks how many rows there are of a list that is cut, as a summary on the same dashboard does, with which it shares its answer, but
// for events, whose list has a window of its own. It is 0 where nothing counts them; that it cannot be told is no reason to show none of them.
func (d *Datasource) counted(ctx context.Context, detector detect.Detector, q query.Query, table schema.Table, origin clickhouse.Origin) int64 {
	var column string
	switch kind := detector.Spec().Kind; {
	case q.Format == query.Table && (kind == detect.KindDetector || kind == detect.KindUnion):
		column = detect.FindingsColumn
	case q.Format == query.Logs && q.Params.String(events.ContextTime) == "": // what lies around an event is always a part
		column = events.EventsColumn
	default:
		return 0
	}
	q.Format = query.Summary
	s, err := d.statement(ctx, detector, q, table)
	if err != nil {
		return 0
	}
	result, err := d.shared.Query(ctx, s, origin)
	if err != nil {
		return 0
	}
	var sum int64
	for i, c := range result.Columns {
		if numbers, ok := result.Data[i].([]int64); ok && c.Name == column {
			for _, n := range numbers {
				sum += n
			}
		}
	}
	return sum
}

// telling answers an alert rule whose number has details. Grafana asks for both one after the other, of the same window: the number is
// always asked of ClickHouse, and what explains it is read from that answer where it is there.
func (d *Datasource) telling(details bool) func(context.Context, statement.Statement, clickhouse.Origin) (*clickhouse.Result, error) {
	return func(ctx context.Context, s statement.Statement, origin clickhouse.Origin) (*clickhouse.Result, error) {
		if details {
			if result, ok := d.told.Kept(s); ok {
				return result, nil
			}
			return d.client.Query(ctx, s, origin)
		}
		result, err := d.client.Query(ctx, s, origin)
		if err == nil {
			d.told.Put(s, origin, result)
		}
		return result, err
	}
}

func withNotices(s statement.Statement, more []string) statement.Statement {
	s.Notices = slices.Concat(s.Notices, more)
	return s
}

// originOf tells who asked, for ClickHouse's query log.
func originOf(req *backend.QueryDataRequest, q backend.DataQuery) clickhouse.Origin {
	origin := clickhouse.Origin{
		Dashboard: req.GetHTTPHeader("X-Dashboard-Uid"),
		Panel:     req.GetHTTPHeader("X-Panel-Id"),
		Rule:      req.GetHTTPHeader("X-Rule-Uid"),
		RefID:     q.RefID,
	}
	if req.PluginContext.User != nil {
		origin.User = req.PluginContext.User.Login
	}
	return origin
}
