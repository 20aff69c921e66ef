package clickhouse

import (
	"context"

	driver "github.com/ClickHouse/clickhouse-go/v2"
)

// Exec runs one statement that changes something and returns nothing, such as a CREATE TABLE. It is for applying the
// schema only: nothing keeps it from writing but the user's rights.
func (c *Client) Exec(ctx context.Context, ddl string) error {
	const op = "change the schema"
	leave, err := c.enter(ctx, op, Origin{}, c.settings.QueryTimeout)
	if err != nil {
		return err
	}
	defer leave()
	var set driver.Settings
	if most := 2 * len(ddl); most > maxQuerySize {
		set = driver.Settings{"max_query_size": most}
	}
	f, land := c.takeOff(ctx, set, c.settings.QueryTimeout)
	defer land()
	if err = c.pool.Exec(f.ctx, ddl); err == nil {
		return nil
	}
	if f.cut() != nil {
		c.stop(f)
		return c.ended(f, op, c.settings.QueryTimeout)
	}
	return classify(op, err)
}
