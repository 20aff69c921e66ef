package release_test

import (
	"archive/zip"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/release"
)

var day = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func write(t *testing.T, folder string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		at := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// Neither the order in which files come, nor when they were written and by whom, is in an archive.
func TestAnArchiveIsTheSameBytesWheneverItIsWritten(t *testing.T) {
	archive := func(backwards bool, written time.Time) []byte {
		folder := t.TempDir()
		write(t, folder, map[string]string{"module.js": "js", "img/logo.svg": "svg", "gpx_x": "program", "left": "out"})
		if err := os.Chtimes(filepath.Join(folder, "module.js"), written, written); err != nil {
			t.Fatal(err)
		}
		files, err := release.Under(folder, "plugin", func(name string) bool { return name == "left" || name == "gpx_x" })
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, release.File{Name: "plugin/gpx_x", From: filepath.Join(folder, "gpx_x"), Runs: true})
		if backwards {
			files[0], files[len(files)-1] = files[len(files)-1], files[0]
		}
		to := filepath.Join(folder, "x.zip")
		if err := release.Zip(to, files, day); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(to)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	first := archive(false, day)
	if diff := cmp.Diff(first, archive(true, day.AddDate(1, 0, 0))); diff != "" {
		t.Error("the bytes differ")
	}
	to := filepath.Join(t.TempDir(), "x.zip")
	if err := os.WriteFile(to, first, 0o600); err != nil {
		t.Fatal(err)
	}
	reader, err := zip.OpenReader(to)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = reader.Close() }()
	got := map[string]os.FileMode{}
	for _, f := range reader.File {
		got[f.Name] = f.Mode()
		if !f.Modified.Equal(day) {
			t.Errorf("%s is of %s", f.Name, f.Modified)
		}
	}
	if diff := cmp.Diff(map[string]os.FileMode{"plugin/module.js": 0o644, "plugin/img/logo.svg": 0o644, "plugin/gpx_x": 0o755}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAnArchiveHoldsNoNameTwice(t *testing.T) {
	folder := t.TempDir()
	write(t, folder, map[string]string{"a": "a"})
	file := release.File{Name: "a", From: filepath.Join(folder, "a")}
	if err := release.Zip(filepath.Join(folder, "x.zip"), []release.File{file, file}, day); err == nil || !strings.Contains(err.Error(), "twice") {
		t.Errorf("got %v", err)
	}
}

func TestSumsAreWhatSha256sumReads(t *testing.T) {
	folder := t.TempDir()
	write(t, folder, map[string]string{"b.zip": "b", "a.zip": "a", release.Sums: "of before", "built/x": "x"})
	if err := release.WriteSums(folder); err != nil {
		t.Fatal(err)
	}
	check := exec.CommandContext(t.Context(), "sha256sum", "--check", "--strict", release.Sums)
	check.Dir = folder
	if text, err := check.CombinedOutput(); err != nil || string(text) != "a.zip: OK\nb.zip: OK\n" {
		t.Errorf("%v\n%s", err, text)
	}
}

func TestNotesAreTheVersionsOwn(t *testing.T) {
	const changelog = "# Changelog\n\n## 0.2.0 (unreleased)\n\n- new\n\n## 0.1.0 (2026-03-02)\n\nFirst.\n\n- old\n\n### Detail\nx\n"
	for version, want := range map[string]struct {
		notes    string
		released bool
	}{"0.2.0": {"- new\n", false}, "0.1.0": {"First.\n\n- old\n\n### Detail\nx\n", true}} {
		notes, released, err := release.Notes(changelog, version)
		if err != nil || notes != want.notes || released != want.released {
			t.Errorf("%s: %q, released %v, %v", version, notes, released, err)
		}
	}
	if _, _, err := release.Notes(changelog, "0.1"); err == nil {
		t.Error("there is a section of no version")
	}
}

// npm's list has a number and a time of the moment.
func TestTheBillNamesModulesAndPackagesWithTheirLicences(t *testing.T) {
	folder := t.TempDir()
	write(t, folder, map[string]string{"main.go": "package main\n\nimport (\n\t_ \"github.com/CycloneDX/cyclonedx-go\"\n\t_ \"github.com/google/go-cmp/cmp\"\n)\n\nfunc main() {}\n"})
	program := filepath.Join(folder, "program")
	if text, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, filepath.Join(folder, "main.go")).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	modules, err := exec.CommandContext(t.Context(), "go", "env", "GOMODCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	bill := func(moment string) []byte {
		to := filepath.Join(t.TempDir(), "x.cdx.json")
		b := release.Bill{
			Name: "fluxhound", Version: "1.2.3", At: day, Programs: []string{program}, Modules: strings.TrimSpace(string(modules)),
			Npm: []byte(`{"bomFormat":"CycloneDX","specVersion":"1.5","serialNumber":"urn:uuid:` + moment + `","components":[{"bom-ref":"rxjs@7.8.2","type":"library","name":"rxjs","version":"7.8.2","purl":"pkg:npm/rxjs@7.8.2","licenses":[{"license":{"id":"Apache-2.0"}}]}]}`),
		}
		if err := b.Write(to); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(to)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	text := bill("1")
	if diff := cmp.Diff(string(text), string(bill("2"))); diff != "" {
		t.Errorf("it differs from one moment to the next:\n%s", diff)
	}
	var got struct {
		BomFormat, SpecVersion string
		Metadata               struct{ Timestamp string }
		Components             []struct {
			Name     string
			Licenses []struct{ License struct{ ID string } }
		}
	}
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if got.BomFormat != "CycloneDX" || got.SpecVersion != "1.5" || got.Metadata.Timestamp != "2026-03-02T12:00:00Z" {
		t.Errorf("it is %s %s of %s", got.BomFormat, got.SpecVersion, got.Metadata.Timestamp)
	}
	licence := map[string]string{}
	for _, c := range got.Components {
		licence[c.Name] = ""
		if len(c.Licenses) > 0 {
			licence[c.Name] = c.Licenses[0].License.ID
		}
	}
	for name, want := range map[string]string{
		"rxjs": "Apache-2.0", "Go's standard library": "BSD-3-Clause", "github.com/google/go-cmp": "BSD-3-Clause", "github.com/CycloneDX/cyclonedx-go": "Apache-2.0",
	} {
		if got, ok := licence[name]; !ok || got != want {
			t.Errorf("%s is under %q, want %q", name, got, want)
		}
	}
}
