package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/go-cmp/cmp"
)

const usersFile = `{"users": [
	{"name": "default", "password": "it's <secret> & long"},
	{"name": "reader", "password": "r", "settings": {"readonly": "1", "max_result_rows": "5"}},
	{"name": "careful", "password": "c", "settings": {"readonly": "2"}},
	{"name": "narrow", "password": "n", "grants": ["SELECT(a) ON default.shown", "INSERT ON default.filled"]},
	{"name": "nobody", "grants": []}
]}`

// users are served and their tables made; log in with as.
func startWithUsers(t *testing.T) *server {
	t.Helper()
	path := filepath.Join(t.TempDir(), "users.json")
	if err := os.WriteFile(path, []byte(usersFile), 0o600); err != nil {
		t.Fatal(err)
	}
	s := startServer(t, "--users", path)
	admin := s.as(t, clickhouse.Native, "default", "it's <secret> & long")
	for _, query := range []string{
		"CREATE TABLE shown (a Int8, b Int8) ENGINE = MergeTree ORDER BY a", "INSERT INTO shown VALUES (1, 2)",
		"CREATE TABLE hidden (a Int8) ENGINE = MergeTree ORDER BY a", "CREATE TABLE filled (a Int8) ENGINE = MergeTree ORDER BY a",
	} {
		exec1(t, admin, query)
	}
	return s
}

func (s *server) as(t *testing.T, protocol clickhouse.Protocol, name, password string) driver.Conn {
	t.Helper()
	options := s.options(protocol)
	options.Auth = clickhouse.Auth{Username: name, Password: password}
	return connect(t, options)
}

func overProtocols(t *testing.T, test func(t *testing.T, protocol clickhouse.Protocol)) {
	t.Helper()
	for _, protocol := range []clickhouse.Protocol{clickhouse.Native, clickhouse.HTTP} {
		t.Run(protocol.String(), func(t *testing.T) { test(t, protocol) })
	}
}

// Only the right password lets a user in, and the error does not say which of name and password was wrong.
func TestPasswords(t *testing.T) {
	server := startWithUsers(t)
	cases := []struct {
		name, user, password string
		code                 int32
	}{
		{"right", "default", "it's <secret> & long", 0},
		{"right and empty", "nobody", "", 0},
		{"wrong", "default", "wrong", 516},
		{"missing", "default", "", 516},
		{"of another", "default", "r", 516},
		{"of nobody", "no_such_user", "", 516},
	}
	overProtocols(t, func(t *testing.T, protocol clickhouse.Protocol) {
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				err := server.as(t, protocol, c.user, c.password).Ping(t.Context())
				if c.code == 0 && err != nil {
					t.Fatal(err)
				}
				if c.code != 0 {
					wantException(t, err, c.code)
				}
			})
		}
	})
	if strings.Contains(server.stderr.String(), "secret") {
		t.Error("the log holds a password")
	}
}

// A user's settings hold in every statement, and readonly keeps them from being changed.
func TestUsersSettingsHold(t *testing.T) {
	server := startWithUsers(t)
	cases := []struct {
		name, user, query string
		settings          clickhouse.Settings
		code              int32
	}{
		{"readonly 1 reads", "reader", "SELECT * FROM shown", nil, 0},
		{"readonly 1 does not write", "reader", "INSERT INTO filled SELECT 1", nil, 164},
		{"readonly 1 takes no settings", "reader", "SELECT 1", clickhouse.Settings{"max_threads": 7}, 164},
		{"readonly 1 takes none in the statement", "reader", "SELECT 1 SETTINGS max_threads = 7", nil, 164},
		{"a limit holds", "reader", "SELECT number FROM numbers(6)", nil, 396},
		{"readonly 2 reads", "careful", "SELECT * FROM shown", nil, 0},
		{"readonly 2 takes settings", "careful", "SELECT 1", clickhouse.Settings{"max_threads": 7}, 0},
		{"readonly 2 stays", "careful", "SELECT 1", clickhouse.Settings{"readonly": 0}, 164},
		{"readonly 2 does not write", "careful", "CREATE TABLE c (a Int8) ENGINE = Memory", nil, 164},
	}
	for _, c := range cases {
		t.Run("native/"+c.name, func(t *testing.T) {
			ctx := t.Context()
			if c.settings != nil {
				ctx = clickhouse.Context(ctx, clickhouse.WithSettings(c.settings))
			}
			err := drain(ctx, server.as(t, clickhouse.Native, c.user, c.user[:1]), c.query)
			if c.code == 0 && err != nil {
				t.Fatal(err)
			}
			if c.code != 0 {
				wantException(t, err, c.code)
			}
		})
		t.Run("http/"+c.name, func(t *testing.T) {
			url := "/?user=" + c.user + "&password=" + c.user[:1]
			for name, value := range c.settings {
				url += fmt.Sprintf("&%s=%v", name, value)
			}
			status, code := http.StatusOK, ""
			if c.code != 0 {
				status, code = http.StatusInternalServerError, fmt.Sprintf("Code: %d.", c.code)
			}
			if got := server.post(t, url, c.query, status); !strings.HasPrefix(got, code) {
				t.Errorf("want %q first, got %q", code, got)
			}
		})
	}
	t.Run("the driver's own settings over HTTP count too", func(t *testing.T) {
		// It turns a deadline into max_execution_time, which readonly 1 forbids: on a server as here.
		err := server.as(t, clickhouse.HTTP, "reader", "r").Ping(t.Context())
		wantException(t, err, 164)
	})
}

// A user with grants may do what they say and nothing else; the error names the user and the grant.
func TestGrantsHold(t *testing.T) {
	server := startWithUsers(t)
	cases := []struct {
		name, user, password, query, missing string
	}{
		{"a granted column", "narrow", "n", "SELECT a FROM shown", ""},
		{"another column", "narrow", "n", "SELECT b FROM shown", "SELECT ON default.shown"},
		{"another table", "narrow", "n", "SELECT a FROM hidden", "SELECT ON default.hidden"},
		{"a granted INSERT", "narrow", "n", "INSERT INTO filled SELECT 1", ""},
		{"an INSERT elsewhere", "narrow", "n", "INSERT INTO shown SELECT 1, 2", "INSERT ON default.shown"},
		{"DDL", "narrow", "n", "DROP TABLE shown", "DROP TABLE ON default.shown"},
		{"another's role", "narrow", "n", "SET ROLE unrestricted", "role"},
		{"no grants: a table", "nobody", "", "SELECT a FROM shown", "SELECT ON default.shown"},
		{"no grants: no table", "nobody", "", "SELECT 1", ""},
	}
	overProtocols(t, func(t *testing.T, protocol clickhouse.Protocol) {
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				err := server.as(t, protocol, c.user, c.password).Exec(t.Context(), c.query)
				if c.missing == "" {
					if err != nil {
						t.Fatal(err)
					}
					return
				}
				exception := wantException(t, err, 497)
				if !strings.HasPrefix(exception.Message, c.user+": ") || !strings.Contains(exception.Message, c.missing) {
					t.Errorf("want the user %s and %q, got %q", c.user, c.missing, exception.Message)
				}
			})
		}
		t.Run("SHOW TABLES shows what is granted", func(t *testing.T) {
			got := scalar[[]string](t, server.as(t, protocol, "narrow", "n"), t.Context(), "SELECT groupArray(name) FROM (SELECT name FROM system.tables WHERE database = 'default' ORDER BY name)")
			if diff := cmp.Diff([]string{"filled", "shown"}, got); diff != "" {
				t.Errorf("tables differ (-want +got):\n%s", diff)
			}
		})
	})
}

// A batch, which asks for the table's columns first, needs no more rights than INSERT.
func TestInsertRightIsEnoughForABatch(t *testing.T) {
	server := startWithUsers(t)
	conn := server.as(t, clickhouse.Native, "narrow", "n")
	batch, err := conn.PrepareBatch(t.Context(), "INSERT INTO filled (a)")
	if err != nil {
		t.Fatal(err)
	}
	if err := batch.Append(int8(7)); err != nil {
		t.Fatal(err)
	}
	if err := batch.Send(); err != nil {
		t.Fatal(err)
	}
	admin := server.as(t, clickhouse.Native, "default", "it's <secret> & long")
	if got := scalar[int64](t, admin, t.Context(), "SELECT sum(a) FROM filled"); got != 7 {
		t.Errorf("want 7, got %d", got)
	}
}

// A users file that cannot be meant is refused at start, with what is wrong with it.
func TestUsersFileIsChecked(t *testing.T) {
	cases := []struct{ name, content, message string }{
		{"no JSON", "users:", "invalid character"},
		{"an unknown field", `{"users": [{"name": "a", "pasword": "b"}]}`, "pasword"},
		{"nobody", `{"users": []}`, "nobody could connect"},
		{"no name", `{"users": [{"password": "a"}]}`, "no name"},
		{"one twice", `{"users": [{"name": "a"}, {"name": "a"}]}`, "twice"},
		{"a grant that is none", `{"users": [{"name": "a", "grants": ["NONSENSE"]}]}`, "ON what"},
		{"a right that is none", `{"users": [{"name": "a", "grants": ["SELEKT ON default.*"]}]}`, "Failed to parse grant"},
		{"a setting that is none", `{"users": [{"name": "a", "settings": {"readonli": "1"}}]}`, "readonli"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "users.json")
			if err := os.WriteFile(path, []byte(c.content), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := tryStart(t, "--native", "", "--http", "127.0.0.1:0", "--users", path)
			if err == nil || !strings.Contains(err.Error(), c.message) {
				t.Errorf("want an error with %q, got %v", c.message, err)
			}
		})
	}
}
