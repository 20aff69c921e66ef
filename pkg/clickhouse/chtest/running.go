package chtest

import "testing"

// Running counts the statements that run on the server now and whose text contains the given one, this one apart.
func (s Server) Running(t testing.TB, text string) int {
	t.Helper()
	conn, err := s.connect()
	if err != nil {
		t.Fatalf("count running statements: %v", err)
	}
	defer func() { _ = conn.Close() }()
	var n uint64
	row := conn.QueryRow(t.Context(), "SELECT count() FROM system.processes WHERE position(query, $1) > 0 AND position(query, 'system.processes') = 0", text)
	if err := row.Scan(&n); err != nil {
		t.Fatalf("count running statements: %v", err)
	}
	return int(n)
}
