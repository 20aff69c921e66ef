// Package access knows the users of the development server: who they are, with what settings they start, and what
// they may do.
package access

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/fluxhound/fluxhound-detections-datasource/devenv/clickhouse/engine"
	"github.com/fluxhound/fluxhound-detections-datasource/devenv/clickhouse/sqltext"
)

// User is a person or program that connects.
type User struct {
	Name     string `json:"name"`
	Password string `json:"password"`
	// Settings the user's sessions start with, such as readonly: "1". The engine enforces them.
	Settings map[string]string `json:"settings"`
	// Grants are what follows GRANT in ClickHouse, such as "SELECT ON default.network_events". Left out, the user may do
	// everything; an empty list, nothing. The engine enforces them.
	Grants *[]string `json:"grants"`
	// Filters are row policies of a restricted user: by table, such as default.network_events, the condition on the rows that the
	// user may see. The engine enforces them, and for everybody else a condition that holds.
	Filters map[string]string `json:"filters"`
}

// Users are all that may connect.
type Users []User

// Default is the one user of a server that was given none: default, without a password, who may do everything.
func Default() Users { return Users{{Name: "default"}} }

// Load reads users from a JSON file: {"users": [{"name": …, "password": …, "settings": {…}, "grants": […]}]}.
func Load(path string) (Users, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read users: %w", err)
	}
	defer file.Close()
	var content struct {
		Users Users `json:"users"`
	}
	decoder := json.NewDecoder(file)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&content); err != nil {
		return nil, fmt.Errorf("read users from %s: %w", path, err)
	}
	if err := content.Users.validate(); err != nil {
		return nil, fmt.Errorf("read users from %s: %w", path, err)
	}
	return content.Users, nil
}

func (u Users) validate() error {
	if len(u) == 0 {
		return errors.New("it lists none, so nobody could connect")
	}
	for i, user := range u {
		if user.Name == "" {
			return fmt.Errorf("user %d has no name", i+1)
		}
		if slices.ContainsFunc(u[:i], func(other User) bool { return other.Name == user.Name }) {
			return fmt.Errorf("%q is there twice", user.Name)
		}
		if !user.Restricted() {
			continue
		}
		for _, grant := range *user.Grants {
			// Without ON, ClickHouse takes it for the name of a role, and one that is missing for nothing.
			if !slices.ContainsFunc(sqltext.Tokens(grant), func(token sqltext.Token) bool { return token.Is("ON") }) {
				return fmt.Errorf("grant %q of %s does not say ON what; write it as in SELECT ON default.network_events", grant, user.Name)
			}
		}
	}
	return nil
}

// CheckSettings asks the engine whether it knows every user's settings and can read their values.
func (u Users) CheckSettings(ctx context.Context, running *engine.Engine) error {
	for _, user := range u {
		session, err := running.Connect()
		if err != nil {
			return err
		}
		err = session.Set(ctx, user.SessionSettings())
		session.Close()
		if err != nil {
			return fmt.Errorf("settings of user %s: %w", user.Name, err)
		}
	}
	return nil
}

// Authenticate gives the user of that name and password, else ClickHouse's AUTHENTICATION_FAILED. An empty name is
// default.
func (u Users) Authenticate(name, password string) (User, error) {
	if name == "" {
		name = "default"
	}
	for _, user := range u {
		if user.Name == name && subtle.ConstantTimeCompare([]byte(user.Password), []byte(password)) == 1 {
			return user, nil
		}
	}
	return User{}, &engine.Exception{
		Code:    engine.CodeAuthenticationFailed,
		Name:    "AUTHENTICATION_FAILED",
		Message: name + ": Authentication failed: password is incorrect, or there is no user with such name.",
	}
}

// Restricted says whether the user may do only what the grants say.
func (u User) Restricted() bool { return u.Grants != nil }

// Role is the engine's role that holds the user's grants; "" for a user without restrictions.
func (u User) Role() string {
	if !u.Restricted() {
		return ""
	}
	return "granted_to_" + u.Name
}

// SessionSettings are the user's settings in a fixed order.
func (u User) SessionSettings() []engine.Setting {
	names := make([]string, 0, len(u.Settings))
	for name := range u.Settings {
		names = append(names, name)
	}
	slices.Sort(names)
	settings := make([]engine.Setting, len(names))
	for i, name := range names {
		settings[i] = engine.Setting{Name: name, Value: u.Settings[name]}
	}
	return settings
}

// AsSeenBy puts the user's name where the engine, whose sessions all belong to its user default, writes that one's.
func (u User) AsSeenBy(err error) error {
	var exception *engine.Exception
	const engineUser = "default: "
	if u.Name == "default" || !errors.As(err, &exception) || len(exception.Message) < len(engineUser) || exception.Message[:len(engineUser)] != engineUser {
		return err
	}
	named := *exception
	named.Message = u.Name + ": " + exception.Message[len(engineUser):]
	return &named
}
