package cases_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/cases"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/cases/services"
)

func TestTheDocumentationHasTheTableOfWeights(t *testing.T) {
	text, err := os.ReadFile("../../../docs/detectors.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "\n### What it is worth\n")
	section, _, _ = strings.Cut(section, "\n## ")
	var got []string
	for line := range strings.Lines(section) {
		if strings.HasPrefix(line, "| `") {
			got = append(got, strings.TrimSpace(line))
		}
	}
	var want []string
	for _, e := range cases.Everything() {
		want = append(want, fmt.Sprintf("| `%s` | %d | %s | %s |", e.Name, e.Points, e.When, e.Why))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the table (-code +documentation):\n%s", diff)
	}
}

// No piece of evidence makes a case high by itself, and none clears what two grave ones say.
func TestNoEvidenceDecidesAlone(t *testing.T) {
	for _, e := range cases.Everything() {
		if e.Points >= cases.High || e.Points <= -cases.High || e.Points == 0 || e.When == "" || e.Why == "" {
			t.Errorf("%+v", e)
		}
	}
}

// Anybody may rent a name under these: no entry may cover them.
func TestNoTenantIsAKnownService(t *testing.T) {
	domains, vendors := services.Lists()
	if len(domains) < 300 || len(domains) != len(vendors) {
		t.Errorf("%d domains, %d vendors", len(domains), len(vendors))
	}
	for _, shared := range []string{
		"cloudfront.net", "amazonaws.com", "azurewebsites.net", "azureedge.net", "cloudapp.azure.com", "appspot.com", "github.io", "githubusercontent.com", "herokuapp.com",
		"workers.dev", "pages.dev", "web.app", "firebaseapp.com", "trycloudflare.com", "blogspot.com", "sharepoint.com", "akamaized.net", "akamaiedge.net", "fastly.net",
		"windows.net", "azure.com", "netlify.app", "vercel.app", "run.app", "ngrok.io", "dropbox.com", "dropboxapi.com", "discord.com", "telegram.org", "pastebin.com",
	} {
		for _, domain := range domains {
			if domain == shared || strings.HasSuffix(shared, "."+domain) {
				t.Errorf("%s covers the tenants of %s", domain, shared)
			}
		}
	}
}
