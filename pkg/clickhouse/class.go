package clickhouse

import (
	"context"
	"time"
)

// Class is the class of service of a statement: who waits for its answer. It travels in the context, from the handler to
// the pool of connections.
type Class int

// The classes.
const (
	// Viewer is a person who looks at a panel. Viewers share answers, and leave a part of the connections to the others.
	Viewer Class = iota
	// Alert is the evaluation of an alert rule: it comes first, is answered alone, and never from a part of the data.
	Alert
	// Upkeep is the plugin's own reading of what it knows beside the events, which all others wait for. It is brief.
	Upkeep
)

type classKey struct{}

// WithClass makes what runs under the context a statement of the class.
func WithClass(ctx context.Context, class Class) context.Context {
	return context.WithValue(ctx, classKey{}, class)
}

// ClassOf is the class of what runs under the context: Viewer unless WithClass says otherwise.
func ClassOf(ctx context.Context) Class {
	class, _ := ctx.Value(classKey{}).(Class)
	return class
}

const (
	// Evaluation is how long Grafana waits for an alert rule's answer unless unified_alerting.evaluation_timeout says otherwise.
	// Where it does, the request's own deadline tells.
	Evaluation = 30 * time.Second
	// margin is how much earlier a statement of an alert rule ends, so that the rule's error is ours and says why.
	margin = 2*time.Second + grace
	// upkeepLimit is how long the plugin's own reading may take.
	upkeepLimit = 15 * time.Second
	// shortest is the least time that a statement gets: ClickHouse counts whole seconds, and takes 0 for no limit.
	shortest = time.Second
)

// limitOf is how long a statement may run that begins now, waiting for a connection included.
func (c *Client) limitOf(ctx context.Context) time.Duration {
	limit := c.settings.QueryTimeout
	switch ClassOf(ctx) {
	case Alert:
		left := Evaluation
		if deadline, ok := ctx.Deadline(); ok {
			left = time.Until(deadline)
		}
		limit = min(limit, max(left-margin, shortest))
	case Upkeep:
		limit = min(limit, upkeepLimit)
	}
	return limit
}
