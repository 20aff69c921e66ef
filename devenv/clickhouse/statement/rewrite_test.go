package statement

import "testing"

// query_id means the client's id where a statement looks at the running ones, and nothing else changes.
func TestRewrite(t *testing.T) {
	const id = "if(Settings['query_cache_tag'] = '', query_id, Settings['query_cache_tag'])"
	const processes = "(SELECT * REPLACE (" + id + " AS query_id) FROM system.processes)"
	cases := []struct{ text, want string }{
		{"KILL QUERY WHERE query_id = 'query_id' SYNC", "KILL QUERY WHERE (" + id + ") = 'query_id' SYNC"},
		{"kill query where QUERY_ID in ('a')", "kill query where (" + id + ") in ('a')"},
		{"SELECT query_id FROM system.processes WHERE query_id = 'x'", "SELECT query_id FROM " + processes + " WHERE query_id = 'x'"},
		{"SELECT 1 FROM a JOIN system . processes AS p ON 1", "SELECT 1 FROM a JOIN " + processes + " AS p ON 1"},
		{"SELECT 'FROM system.processes'", "SELECT 'FROM system.processes'"},
		{"DESCRIBE system.processes", "DESCRIBE system.processes"},
		{"SELECT query_id FROM t", "SELECT query_id FROM t"},
		{"KILL MUTATION WHERE mutation_id = 'a'", "KILL MUTATION WHERE mutation_id = 'a'"},
	}
	for _, c := range cases {
		if got := rewrite(c.text); got != c.want {
			t.Errorf("%s\nwant %s\ngot  %s", c.text, c.want, got)
		}
	}
}
