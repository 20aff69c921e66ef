package settings

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/strictjson"
)

// jsonData is the stored form, field by field; a nil pointer is an absent field.
type jsonData struct {
	Host              word              `json:"host"`
	Port              number            `json:"port"`
	Protocol          word              `json:"protocol"`
	Secure            toggle            `json:"secure"`
	Path              word              `json:"path"`
	Username          word              `json:"username"`
	TLSSkipVerify     toggle            `json:"tlsSkipVerify"`
	TLSAuth           toggle            `json:"tlsAuth"`
	TLSAuthWithCACert toggle            `json:"tlsAuthWithCACert"`
	ServerName        word              `json:"serverName"`
	DialTimeout       number            `json:"dialTimeout"`
	QueryTimeout      number            `json:"queryTimeout"`
	MaxOpenConns      number            `json:"maxOpenConns"`
	MaxIdleConns      number            `json:"maxIdleConns"`
	ConnMaxLifetime   number            `json:"connMaxLifetime"`
	CustomSettings    []customSetting   `json:"customSettings"`
	Database          word              `json:"database"`
	Table             word              `json:"table"`
	Source            word              `json:"source"`
	Columns           storedColumns     `json:"columns"`
	InternalNetworks  storedNetworks    `json:"internalNetworks"`
	RowLimit          number            `json:"rowLimit"`
	CacheTTL          number            `json:"cacheTTL"`
	Allowlist         []json.RawMessage `json:"allowlist"`
	AllowlistTable    word              `json:"allowlistTable"`
	Suffixes          []Suffix          `json:"dynamicDnsSuffixes"`
	SuffixTable       word              `json:"dynamicDnsSuffixTable"`
	ASNDictionary     word              `json:"asnDictionary"`
	ListTables        storedColumns     `json:"listTables"`
	CaseWeights       map[string]number `json:"caseWeights"`
	KeptQuestions     []storedQuestion  `json:"keptQuestions"`
	VerdictsUsername  word              `json:"verdictsUsername"`
}

// UnmarshalJSON reads a suffix by its keys as they are written.
func (s *Suffix) UnmarshalJSON(data []byte) error {
	type plain Suffix
	return strictjson.Struct(data, (*plain)(s))
}

type customSetting struct {
	Setting word `json:"setting"`
	Value   word `json:"value"`
}

func (c *customSetting) UnmarshalJSON(data []byte) error {
	type plain customSetting
	return strictjson.Struct(data, (*plain)(c))
}

// storedColumns maps canonical columns to the table's own.
type storedColumns map[string]string

func (c *storedColumns) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		return nil
	}
	if _, err := strictjson.Object(data); err != nil {
		return err
	}
	return json.Unmarshal(data, (*map[string]string)(c))
}

// Decode reads a data source's jsonData and decrypted secureJsonData. Every error is an *Error that names the field.
func Decode(data []byte, secrets map[string]string) (Settings, error) {
	stored, ignored, err := read(data)
	if err != nil {
		return Settings{}, err
	}
	s := Settings{
		Protocol: protocolOf(stored.Protocol),
		Secure:   bool(stored.Secure),
		Path:     string(stored.Path),
		Username: orDefault(string(stored.Username), DefaultUsername),
		Password: secrets["password"],

		Allowlist: stored.Allowlist, Suffixes: stored.Suffixes, Source: string(stored.Source), VerdictsUsername: string(stored.VerdictsUsername), VerdictsPassword: secrets["verdictsPassword"], ASNDictionary: string(stored.ASNDictionary), Ignored: ignored,
	}
	for _, step := range []func() error{
		func() error { return checkProtocol(s.Protocol) },
		func() error { return tables(&s, stored) },
		func() error { s.Addresses, err = addresses(stored, s.Protocol); return err },
		func() error { s.TLS, err = tlsOf(stored, secrets); return err },
		func() error { return limits(&s, stored) },
		func() error { s.Custom, err = custom(stored.CustomSettings); return err },
		func() error { s.Columns, err = columns(stored.Columns); return err },
		func() error { return internalNetworks(&s, stored.InternalNetworks) },
		func() error { return checkLists(s) },
		func() error { return caseWeights(&s, stored.CaseWeights) },
		func() error { s.KeptQuestions, err = keptQuestions(stored.KeptQuestions); return err },
	} {
		if err := step(); err != nil {
			return Settings{}, err
		}
	}
	return s, nil
}

func read(data []byte) (jsonData, []*Error, error) {
	if len(bytes.TrimSpace(data)) == 0 {
		data = []byte("{}")
	}
	fields, err := strictjson.Object(data)
	if err != nil {
		if named := new(strictjson.NameError); errors.As(err, &named) {
			return jsonData{}, nil, refuse(named.Name, "it stands more than once; write it once")
		}
		return jsonData{}, nil, refuse("jsonData", "it must be a JSON object")
	}
	fields, ignored, err := known(fields)
	if err != nil {
		return jsonData{}, nil, err
	}
	text, err := json.Marshal(fields)
	if err != nil {
		return jsonData{}, nil, refuse("jsonData", "it must be a JSON object")
	}
	var stored jsonData
	if err := json.Unmarshal(text, &stored); err != nil {
		return jsonData{}, nil, readError(fields, err)
	}
	return stored, ignored, nil
}

// readError names the field at fault, which encoding/json tells only in text: it decodes each field alone.
func readError(fields map[string]json.RawMessage, err error) error {
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		one, _ := json.Marshal(map[string]json.RawMessage{name: fields[name]})
		switch err := json.Unmarshal(one, &jsonData{}); {
		case err == nil:
		case errors.As(err, new(*json.UnmarshalTypeError)):
			return refuse(name, "it has the wrong type")
		default:
			return refuse(name, "%v", err)
		}
	}
	return refuse("jsonData", "it cannot be read: %v", err)
}

// protocolOf reads the protocol in the words of ClickHouse's drivers too.
func protocolOf(stored word) Protocol {
	switch p := Protocol(strings.ToLower(strings.TrimSpace(string(stored)))); p {
	case "", "tcp":
		return Native
	default:
		return p
	}
}

func checkProtocol(p Protocol) error {
	if p == "https" {
		return refuse("protocol", "https is http with secure: true here")
	}
	if p != Native && p != HTTP {
		return refuse("protocol", "%q is not a protocol; it may be native or http", p)
	}
	return nil
}

// addresses reads host, which is one name or several name:port separated by commas.
func addresses(stored jsonData, protocol Protocol) ([]string, error) {
	port := DefaultPort(protocol, bool(stored.Secure))
	if stored.Port.given {
		port = stored.Port.value
	}
	if port < 1 || port > 65535 {
		return nil, refuse("port", "%d is out of range; it may be 1 to 65535", port)
	}
	var list []string
	for _, entry := range strings.Split(string(stored.Host), ",") {
		entry = strings.TrimSpace(entry)
		if entry == "" {
			continue
		}
		address, err := address(entry, port)
		if err != nil {
			return nil, err
		}
		list = append(list, address)
	}
	if len(list) == 0 {
		return nil, refuse("host", "it is missing; give a host name or address, or several name:port separated by commas")
	}
	return list, nil
}

func address(entry string, port int) (string, error) {
	if strings.ContainsAny(entry, "/@? \t\n\x00") {
		return "", refuse("host", "%q must be a name or name:port, without scheme and path", entry)
	}
	if host, own, err := net.SplitHostPort(entry); err == nil {
		n, err := strconv.Atoi(own)
		if err != nil || n < 1 || n > 65535 || host == "" {
			return "", refuse("host", "%q has no valid port (1 to 65535)", entry)
		}
		return join(host, n), nil
	}
	return join(strings.Trim(entry, "[]"), port), nil
}

func tlsOf(stored jsonData, secrets map[string]string) (TLS, error) {
	t := TLS{SkipVerify: bool(stored.TLSSkipVerify), ServerName: string(stored.ServerName)}
	if stored.TLSAuthWithCACert {
		if t.CACert = secrets["tlsCACert"]; t.CACert == "" {
			return TLS{}, refuse("tlsCACert", "it is missing, although tlsAuthWithCACert is on")
		}
	}
	if stored.TLSAuth {
		t.ClientCert, t.ClientKey = secrets["tlsClientCert"], secrets["tlsClientKey"]
		if t.ClientCert == "" || t.ClientKey == "" {
			return TLS{}, refuse("tlsClientCert", "it and tlsClientKey must be given, since tlsAuth is on")
		}
	}
	return t, nil
}

func limits(s *Settings, stored jsonData) error {
	var dial, query, lifetime, cache int
	for _, l := range []struct {
		into *int
		span span
		from number
	}{
		{&dial, dialTimeout, stored.DialTimeout},
		{&query, queryTimeout, stored.QueryTimeout},
		{&s.MaxOpenConns, maxOpen, stored.MaxOpenConns},
		{&s.MaxIdleConns, maxIdle, stored.MaxIdleConns},
		{&lifetime, connLifetime, stored.ConnMaxLifetime},
		{&s.RowLimit, rowLimit, stored.RowLimit},
		{&cache, cacheTTL, stored.CacheTTL},
	} {
		var err error
		if *l.into, err = l.span.check(l.from); err != nil {
			return err
		}
	}
	s.DialTimeout, s.QueryTimeout = time.Duration(dial)*time.Second, time.Duration(query)*time.Second
	s.ConnLifetime = time.Duration(lifetime) * time.Minute
	s.CacheTTL = time.Duration(cache) * time.Second
	return nil
}

var settingName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// reserved are the ClickHouse settings that each statement's safety rests on.
var reserved = []string{"readonly", "allow_ddl", "log_comment", "max_result_rows", "result_overflow_mode", "max_execution_time"}

func custom(list []customSetting) (map[string]string, error) {
	settings := map[string]string{}
	for _, c := range list {
		name := string(c.Setting)
		switch {
		case !settingName.MatchString(name):
			return nil, refuse("customSettings", "%q is not the name of a ClickHouse setting", name)
		case slices.Contains(reserved, name):
			return nil, refuse("customSettings", "%s is set by the plugin and cannot be changed here; use queryTimeout and rowLimit for limits", name)
		}
		if _, twice := settings[name]; twice {
			return nil, refuse("customSettings", "%s stands more than once; write it once", name)
		}
		settings[name] = string(c.Value)
	}
	return settings, nil
}

// tables reads where the events and the lists are. The lists' tables stand in the events' database.
func tables(s *Settings, stored jsonData) (err error) {
	if s.Database, s.Table, err = located("table", orDefault(string(stored.Table), DefaultTable), string(stored.Database)); err != nil {
		return err
	}
	s.Database = orDefault(s.Database, DefaultDatabase)
	if _, s.AllowlistTable, err = located("allowlistTable", string(stored.AllowlistTable), s.Database); err != nil {
		return err
	}
	if _, s.SuffixTable, err = located("dynamicDnsSuffixTable", string(stored.SuffixTable), s.Database); err != nil {
		return err
	}
	for list, table := range stored.ListTables {
		if _, stored.ListTables[list], err = located("listTables."+list, table, s.Database); err != nil {
			return err
		}
	}
	s.ListTables = stored.ListTables
	return nil
}

func columns(mapping map[string]string) (map[string]string, error) {
	for canonical, own := range mapping {
		if _, ok := schema.Lookup(canonical); !ok {
			return nil, refuse("columns."+canonical, "it is not a column of the events table's model")
		}
		if own == "" || strings.ContainsRune(own, 0) {
			return nil, refuse("columns."+canonical, "it must name a column of the table; remove the entry to use %s", canonical)
		}
	}
	return mapping, nil
}

// maxLists bounds the lists that are kept in the settings, in entries; more belong into a table.
const maxLists = 1000

func checkLists(s Settings) error {
	for field, n := range map[string]int{"allowlist": len(s.Allowlist), "dynamicDnsSuffixes": len(s.Suffixes)} {
		if n > maxLists {
			return refuse(field, "it has %d entries; at most %d are allowed, and more in a table", n, maxLists)
		}
	}
	names := map[string]string{"allowlistTable": s.AllowlistTable, "dynamicDnsSuffixTable": s.SuffixTable, "asnDictionary": s.ASNDictionary}
	for list, table := range s.ListTables {
		names["listTables."+list] = table
	}
	for field, name := range names {
		if strings.ContainsRune(name, 0) {
			return refuse(field, "a name holds no NUL character")
		}
	}
	return nil
}

func orDefault[T ~string](value, byDefault T) T {
	if value == "" {
		return byDefault
	}
	return value
}
