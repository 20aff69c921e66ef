package access

import (
	"encoding/xml"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// AdminRole is the engine's role that may do everything. All sessions start with it.
const AdminRole = "unrestricted"

// WriteConfig writes the engine's configuration into dir and returns the path of its main file. Each restricted user
// becomes a role of the engine with the user's grants, for the engine as a library has only the user default; a
// session of such a user takes that role alone.
func (u Users) WriteConfig(dir string) (string, error) {
	usersPath := filepath.Join(dir, "users.xml")
	if err := writeXML(usersPath, u.engineUsers()); err != nil {
		return "", err
	}
	configPath := filepath.Join(dir, "config.xml")
	config := element("clickhouse", append(cluster(), text("users_config", usersPath))...)
	if err := writeXML(configPath, config); err != nil {
		return "", err
	}
	return configPath, nil
}

// cluster configures the cluster two_shards, both of whose shards are this engine: nothing listens on the port, by which
// the engine knows itself. With a Keeper in memory, tables that replicate can be created; they never leave read-only mode.
func cluster() []node {
	const port = "9000"
	shard := element("shard", element("replica", text("host", "127.0.0.1"), text("port", port)))
	return []node{
		text("tcp_port", port),
		element("remote_servers", element("two_shards", shard, shard)),
		element("macros", text("shard", "1"), text("replica", "1")),
		element("zookeeper", text("implementation", "testkeeper")),
	}
}

func (u Users) engineUsers() node {
	roles := []node{element(AdminRole, element("grants", text("query", "GRANT ALL ON *.* WITH GRANT OPTION")))}
	granted := []node{text("query", "GRANT "+AdminRole)}
	for _, user := range u {
		if !user.Restricted() {
			continue
		}
		var queries []node
		for _, grant := range *user.Grants {
			queries = append(queries, text("query", "GRANT "+grant))
		}
		roles = append(roles, element(user.Role(), element("grants", queries...)))
		granted = append(granted, text("query", "GRANT "+user.Role()))
	}
	return element("clickhouse",
		element("profiles", element("default")),
		element("quotas", element("default")),
		element("users", element("default",
			text("password", ""),
			element("networks", text("ip", "::/0")),
			text("profile", "default"),
			text("quota", "default"),
			element("grants", granted...),
			element("databases", u.policies()...),
		)),
		element("roles", roles...),
	)
}

// policies are the users' row policies. All sessions are one user's, so that a condition asks for the session's role.
func (u Users) policies() []node {
	conditions := map[string][]string{}
	for _, user := range u {
		for table, condition := range user.Filters {
			conditions[table] = append(conditions[table], fmt.Sprintf("(NOT has(currentRoles(), '%s') OR (%s))", user.Role(), condition))
		}
	}
	var policies []node
	for table, all := range conditions {
		database, name, _ := strings.Cut(table, ".")
		policies = append(policies, element(database, element(name, text("filter", strings.Join(all, " AND ")))))
	}
	return policies
}

// node is an XML element with a text or with elements.
type node struct {
	XMLName  xml.Name
	Text     string `xml:",chardata"`
	Children []node
}

func element(name string, children ...node) node {
	return node{XMLName: xml.Name{Local: name}, Children: children}
}

func text(name, value string) node {
	return node{XMLName: xml.Name{Local: name}, Text: value}
}

func writeXML(path string, root node) error {
	content, err := xml.MarshalIndent(root, "", "  ")
	if err != nil {
		return fmt.Errorf("write engine configuration %s: %w", path, err)
	}
	if err := os.WriteFile(path, content, 0o600); err != nil {
		return fmt.Errorf("write engine configuration: %w", err)
	}
	return nil
}
