package chtest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
)

// User may connect to a server.
type User struct {
	Name     string            `json:"name"`
	Password string            `json:"password"`
	Settings map[string]string `json:"settings,omitempty"` // such as readonly: "1"
	// Grants are what follows GRANT, such as "SELECT ON db.table"; nil for everything.
	Grants []string `json:"grants,omitempty"`
	// Filters are row policies: by table, such as default.network_events, the condition on the rows that the user may see.
	Filters map[string]string `json:"filters,omitempty"`
}

const admin = "default"

// arguments are the server's command line, the addresses apart.
type arguments struct {
	list   []string
	secure bool
}

// arguments writes what the options need into files under dir. authority is the certificate authority, in PEM.
func (o options) arguments(dir string) (a arguments, authority string, err error) {
	a = arguments{list: []string{"--data", filepath.Join(dir, "data")}, secure: o.tls}
	if len(o.users) > 0 {
		users := o.users
		if !slices.ContainsFunc(users, func(u User) bool { return u.Name == admin }) {
			users = append(slices.Clone(users), User{Name: admin})
		}
		content, err := json.Marshal(map[string][]User{"users": users})
		if err != nil {
			return a, "", err
		}
		path := filepath.Join(dir, "users.json")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			return a, "", err
		}
		a.list = append(a.list, "--users", path)
	}
	if o.tls {
		pair, err := newCertificates()
		if err != nil {
			return a, "", err
		}
		certificate, key := filepath.Join(dir, "server.crt"), filepath.Join(dir, "server.key")
		if err := os.WriteFile(certificate, pair.certificate, 0o600); err != nil {
			return a, "", err
		}
		if err := os.WriteFile(key, pair.key, 0o600); err != nil {
			return a, "", err
		}
		a.list = append(a.list, "--tls-cert", certificate, "--tls-key", key)
		authority = string(pair.authority)
	}
	return a, authority, nil
}
