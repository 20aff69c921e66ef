package strictjson_test

import (
	"strings"
	"testing"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/strictjson"
)

func TestALikelyNameIsOneThatAPersonMistypes(t *testing.T) {
	known := []string{"host", "port", "path", "secure", "database", "table", "rowLimit", "tlsAuth", "allowlist", "allowlistTable"}
	for name, want := range map[string]string{
		"hots": "host", "Host": "host", "hosts": "host", "hst": "host", "secur": "secure", "secrue": "secure", "databse": "database",
		"rowlimit": "rowLimit", "row_limit": "rowLimit", "tabel": "table", "alowlst": "allowlist", "tlsauth": "tlsAuth",
		"teamHttpHeaders": "", "x": "", "": "", "rawSql": "", "logs": "", "expr": "", "port": "port",
		"pat":                       "path", // port is two letters away
		"pot":                       "port", // of which path is two letters away
		"pst":                       "",     // host, port and path: as near
		strings.Repeat("host", 1e6): "",
	} {
		if got := strictjson.Likely(name, known); got != want {
			t.Errorf("%.20q: got %q, want %q", name, got, want)
		}
	}
}
