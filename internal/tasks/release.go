package tasks

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/build/buildinfo"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/release"
)

// platforms are those that Grafana runs on, and the command line with it.
var platforms = [...][2]string{{"linux", "amd64"}, {"linux", "arm"}, {"linux", "arm64"}, {"windows", "amd64"}, {"darwin", "amd64"}, {"darwin", "arm64"}}

// releaseFolder is where a release goes.
const releaseFolder = ".release"

// manifest is what a release takes from package.json and plugin.json: the one place of each.
type manifest struct {
	id      string // of the plugin
	version string
	commit  string
	at      time.Time // of the commit
}

// Release makes the archives of a release from the commit that is checked out, with their checksums, a bill of materials and notes.
// Twice from one commit it makes the same bytes.
func (p Project) Release(ctx context.Context) error {
	m, err := p.manifest(ctx)
	if err != nil {
		return err
	}
	changelog, err := os.ReadFile(p.path("CHANGELOG.md"))
	if err != nil {
		return err
	}
	notes, released, err := release.Notes(string(changelog), m.version)
	if err != nil {
		return err
	}
	if err := p.Install(ctx); err != nil {
		return err
	}
	if err := errors.Join(os.RemoveAll(p.path(releaseFolder)), os.MkdirAll(p.path(releaseFolder, "built"), 0o755)); err != nil {
		return err
	}
	if err := p.all(ctx, line("npm", "run", "build")); err != nil {
		return err
	}
	if err := p.dated(m); err != nil {
		return err
	}
	programs, err := p.programs(ctx, m)
	if err != nil {
		return err
	}
	if err := p.archives(m, programs); err != nil {
		return err
	}
	if err := p.bill(ctx, m, programs); err != nil {
		return err
	}
	if err := errors.Join(os.RemoveAll(p.path(releaseFolder, "built")), os.WriteFile(p.path(releaseFolder, "notes.md"), []byte(notes), 0o644)); err != nil {
		return err
	}
	if err := release.WriteSums(p.path(releaseFolder)); err != nil {
		return err
	}
	if !released {
		fmt.Fprintf(p.Out, "\nThe change log calls %s unreleased: put a date in its heading before you publish.\n", m.version)
	}
	p.step("%s %s of %s is in %s", m.id, m.version, m.commit[:12], p.path(releaseFolder))
	return nil
}

// manifest reads what is released. A tree with changes is none: nobody could make the same again.
func (p Project) manifest(ctx context.Context) (manifest, error) {
	changes, err := p.output(ctx, line("git", "status", "--porcelain"))
	if err != nil {
		return manifest{}, err
	}
	if changes != "" {
		return manifest{}, fmt.Errorf("commit or put away what has changed, for a release is made from a commit:\n%s", changes)
	}
	head, err := p.output(ctx, line("git", "log", "-1", "--format=%H %ct"))
	if err != nil {
		return manifest{}, err
	}
	commit, seconds, _ := strings.Cut(head, " ")
	at, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil {
		return manifest{}, fmt.Errorf("read the time of the commit: %w", err)
	}
	var pack struct{ Version string }
	var plugin struct{ ID string }
	for name, into := range map[string]any{"package.json": &pack, "plugin.json": &plugin} {
		text, err := os.ReadFile(p.path(name))
		if err != nil {
			return manifest{}, err
		}
		if err := json.Unmarshal(text, into); err != nil {
			return manifest{}, fmt.Errorf("read %s: %w", name, err)
		}
	}
	return manifest{id: plugin.ID, version: pack.Version, commit: commit, at: time.Unix(at, 0).UTC()}, nil
}

var updated = regexp.MustCompile(`("updated":\s*)"[^"]*"`)

// dated puts the day of the commit where the build has put today.
func (p Project) dated(m manifest) error {
	name := p.path("dist", "plugin.json")
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	if !updated.Match(text) {
		return fmt.Errorf("%s does not say when it was updated", name)
	}
	return os.WriteFile(name, updated.ReplaceAll(text, []byte(`${1}"`+m.at.Format(time.DateOnly)+`"`)), 0o644)
}

// program is an executable of a release.
type program struct {
	platform [2]string
	plugin   bool // or the command line
	path     string
	name     string // in an archive
}

// programs builds the plugin and the command line for every platform.
func (p Project) programs(ctx context.Context, m manifest) ([]program, error) {
	set := map[string]string{}
	buildinfo.Info{Time: m.at.UnixMilli(), PluginID: m.id, Version: m.version}.AppendFlags(set)
	var programs []program
	for _, platform := range platforms {
		suffix := ""
		if platform[0] == "windows" {
			suffix = ".exe"
		}
		built := p.path(releaseFolder, "built", platform[0]+"_"+platform[1])
		for _, made := range []program{
			{plugin: true, name: "gpx_fluxhound_" + platform[0] + "_" + platform[1] + suffix},
			{name: cliName + suffix},
		} {
			made.platform, made.path = platform, filepath.Join(built, made.name)
			source := "./cmd/fluxhound"
			if made.plugin {
				source = "./pkg"
			}
			p.step("%s for %s on %s", made.name, platform[0], platform[1])
			// what the SDK's own build asks for, but for the time, which is the commit's, and paths, which are nobody's
			c := line("go", "build", "-trimpath", "-buildvcs=false", "-tags", "arrow_json_stdlib", "-ldflags", ldflags(set), "-o", made.path, source)
			c.env = []string{"GOOS=" + platform[0], "GOARCH=" + platform[1], "CGO_ENABLED=0"}
			if err := p.run(ctx, c); err != nil {
				return nil, err
			}
			programs = append(programs, made)
		}
	}
	return programs, nil
}

// ldflags are the linker's, in an order that does not change.
func ldflags(set map[string]string) string {
	text := "-s -w"
	for _, name := range slices.Sorted(maps.Keys(set)) {
		text += " -X '" + name + "=" + set[name] + "'"
	}
	return text
}

// archives writes the plugin for all platforms and for each, the command line for each, and what Grafana reads at its start.
func (p Project) archives(m manifest, programs []program) error {
	front, err := release.Under(p.path("dist"), m.id, func(name string) bool { return strings.HasPrefix(path.Base(name), "gpx_") })
	if err != nil {
		return err
	}
	everything := slices.Clone(front)
	for _, made := range programs {
		platform := made.platform[0] + "_" + made.platform[1]
		file := release.File{Name: made.name, From: made.path, Runs: true}
		archive, files := fmt.Sprintf("%s-%s.%s.zip", cliName, m.version, platform), []release.File{file, {Name: "LICENSE", From: p.path("LICENSE")}}
		if made.plugin {
			file.Name = path.Join(m.id, made.name)
			everything = append(everything, file)
			archive, files = fmt.Sprintf("%s-%s.%s.zip", m.id, m.version, platform), append(slices.Clone(front), file)
		}
		if err := release.Zip(p.path(releaseFolder, archive), files, m.at); err != nil {
			return err
		}
	}
	if err := release.Zip(p.path(releaseFolder, fmt.Sprintf("%s-%s.zip", m.id, m.version)), everything, m.at); err != nil {
		return err
	}
	start, err := release.Under(p.path("provisioning"), "provisioning", func(name string) bool { return path.Base(name) == ".gitkeep" })
	if err != nil {
		return err
	}
	dashboards, err := release.Under(p.path("dashboards"), "dashboards", nil)
	if err != nil {
		return err
	}
	return release.Zip(p.path(releaseFolder, fmt.Sprintf("fluxhound-provisioning-%s.zip", m.version)), append(start, dashboards...), m.at)
}

// bill writes the bill of materials of all that is in the archives.
func (p Project) bill(ctx context.Context, m manifest, programs []program) error {
	npm, err := p.output(ctx, line("npm", "sbom", "--omit", "dev", "--package-lock-only", "--sbom-format", "cyclonedx"))
	if err != nil {
		return err
	}
	modules, err := p.output(ctx, line("go", "env", "GOMODCACHE"))
	if err != nil {
		return err
	}
	b := release.Bill{Name: m.id, Version: m.version, At: m.at, Modules: modules, Npm: []byte(npm)}
	for _, made := range programs {
		b.Programs = append(b.Programs, made.path)
	}
	return b.Write(p.path(releaseFolder, fmt.Sprintf("%s-%s.cdx.json", m.id, m.version)))
}
