package clickhouse

import "context"

// Exec runs one statement that changes something and returns nothing, such as a CREATE TABLE. It is for applying the
// schema only: nothing keeps it from writing but the user's rights.
func (c *Client) Exec(ctx context.Context, ddl string) error {
	const op = "change the schema"
	leave, err := c.enter(ctx, op, Origin{}, c.settings.QueryTimeout)
	if err != nil {
		return err
	}
	defer leave()
	f, land := c.takeOff(ctx, nil, c.settings.QueryTimeout)
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
