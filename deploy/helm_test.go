// Package deploy_test holds the examples of this folder to the rest of the project. They run without a cluster, a Grafana and a network.
package deploy_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

// values are those of the chart that the example sets.
type values struct {
	Image   struct{ Tag string }
	Plugins []string
	INI     struct {
		Plugins struct {
			Unsigned string `yaml:"allow_loading_unsigned_plugins"`
		}
		Security struct {
			Post string `yaml:"actions_allow_post_url"`
		}
	} `yaml:"grafana.ini"`
	FromSecrets []struct{ Name string } `yaml:"envFromSecrets"`
	Env         map[string]string
	Mounts      []struct {
		Name, ConfigMap, MountPath string
		ReadOnly                   bool
	} `yaml:"extraConfigmapMounts"`
	Persistence struct{ Enabled bool }
}

func read(t *testing.T, parts ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(append([]string{".."}, parts...)...))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func (v *values) UnmarshalYAML(node *yaml.Node) error {
	type plain values // the chart's spelling of some names is not that of Go's
	for i := 0; i < len(node.Content); i += 2 {
		for _, mount := range node.Content[i+1].Content {
			for j := 0; node.Content[i].Value == "extraConfigmapMounts" && j < len(mount.Content); j += 2 {
				mount.Content[j].Value = strings.ToLower(mount.Content[j].Value)
			}
		}
	}
	return node.Decode((*plain)(v))
}

func helm(t *testing.T) values {
	t.Helper()
	var v values
	decoder := yaml.NewDecoder(strings.NewReader(read(t, "deploy", "helm", "values.yaml")))
	decoder.KnownFields(true)
	if err := decoder.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

// field reads a text field of a JSON file.
func field(t *testing.T, name, file string) string {
	t.Helper()
	var object map[string]any
	if err := json.Unmarshal([]byte(read(t, file)), &object); err != nil {
		t.Fatal(err)
	}
	return object[name].(string)
}

func TestTheChartInstallsTheReleaseOfThisVersion(t *testing.T) {
	v, id, version := helm(t), field(t, "id", "plugin.json"), field(t, "version", "package.json")
	archive := fmt.Sprintf("%s-%s.linux_amd64.zip", id, version)
	want := fmt.Sprintf("%s@%s@https://github.com/fluxhound/%s/releases/download/v%s/%s", id, version, id, version, archive)
	if len(v.Plugins) != 1 || v.Plugins[0] != want {
		t.Errorf("plugins are %q, want %q", v.Plugins, want)
	}
	if v.INI.Plugins.Unsigned != id {
		t.Errorf("unsigned plugins that may be loaded are %q, want %q", v.INI.Plugins.Unsigned, id)
	}
	if !strings.Contains(read(t, "docker-compose.yaml"), "image: grafana/grafana:"+v.Image.Tag+"\n") {
		t.Errorf("the chart's Grafana %s is not the one of docker-compose.yaml", v.Image.Tag)
	}
	if !strings.Contains(read(t, "docker-compose.yaml"), "GF_SECURITY_ACTIONS_ALLOW_POST_URL: "+v.INI.Security.Post+"\n") {
		t.Errorf("what panels may post to, %s, is not that of docker-compose.yaml", v.INI.Security.Post)
	}
}

// Each mount is a folder of provisioning/, whose ConfigMap the README creates, and small enough for one.
func TestTheChartMountsFoldersThatThereAre(t *testing.T) {
	const most = 1 << 20 // bytes of a ConfigMap
	v := helm(t)
	if len(v.Mounts) != 3 {
		t.Fatalf("%d mounts, want 3", len(v.Mounts))
	}
	for _, mount := range v.Mounts {
		folder := path.Base(mount.MountPath)
		if mount.MountPath != "/etc/grafana/provisioning/"+folder || !mount.ReadOnly {
			t.Errorf("%+v is no folder of Grafana's provisioning, read-only", mount)
		}
		if create := "create configmap " + mount.ConfigMap + " --from-file provisioning/" + folder + "\n"; !strings.Contains(read(t, "deploy", "README.md"), create) {
			t.Errorf("deploy/README.md does not say %q", create)
		}
		files, err := filepath.Glob(filepath.Join("..", "provisioning", folder, "*.yaml"))
		if err != nil || len(files) == 0 {
			t.Errorf("provisioning/%s: %d files, %v", folder, len(files), err)
		}
		size := 0
		for _, file := range files {
			size += len(read(t, "provisioning", folder, filepath.Base(file)))
		}
		if size > most {
			t.Errorf("provisioning/%s has %d bytes, and a ConfigMap holds %d", folder, size, most)
		}
	}
}

// What the files of provisioning/ ask of the environment is set, and the data source's settings can be read.
func TestTheChartSetsWhatProvisioningAsksFor(t *testing.T) {
	v := helm(t)
	env := map[string]string{"GF_PATHS_PLUGINS": "/var/lib/grafana/plugins"} // the chart's own
	for name, value := range v.Env {
		env[name] = value
	}
	if len(v.FromSecrets) != 1 {
		t.Fatalf("%d secrets, want 1", len(v.FromSecrets))
	}
	secret := regexp.MustCompile(`create secret generic ` + v.FromSecrets[0].Name + `((?: \\\n +--from-literal [A-Z_]+=\S*)+)`).FindString(read(t, "deploy", "README.md"))
	if secret == "" {
		t.Fatalf("deploy/README.md does not create the secret %s", v.FromSecrets[0].Name)
	}
	for _, m := range regexp.MustCompile(`--from-literal ([A-Z_]+)=(\S*)`).FindAllStringSubmatch(secret, -1) {
		env[m[1]] = m[2]
	}
	asked := map[string]bool{}
	expand := func(text string) string {
		return os.Expand(text, func(name string) string {
			asked[name] = true
			value, set := env[name]
			if !set {
				t.Errorf("%s is not set", name)
			}
			return value
		})
	}
	comment := regexp.MustCompile(`(?m)^ *#.*$`)
	expand(comment.ReplaceAllString(read(t, "provisioning", "dashboards", "fluxhound.yaml"), ""))
	var file struct {
		Datasources []struct {
			Type           string
			JSONData       map[string]any    `yaml:"jsonData"`
			SecureJSONData map[string]string `yaml:"secureJsonData"`
		}
	}
	if err := yaml.Unmarshal([]byte(expand(comment.ReplaceAllString(read(t, "provisioning", "datasources", "fluxhound.yaml"), ""))), &file); err != nil {
		t.Fatal(err)
	}
	jsonData, err := json.Marshal(file.Datasources[0].JSONData)
	if err != nil {
		t.Fatal(err)
	}
	decoded, err := settings.Decode(jsonData, file.Datasources[0].SecureJSONData)
	if err != nil || len(decoded.Ignored) > 0 {
		t.Fatalf("the data source's settings: %v, ignored %v", err, decoded.Ignored)
	}
	if decoded.Username == "" || decoded.Password == "" || len(decoded.Ignored) > 0 {
		t.Errorf("user %q without a name or a password", decoded.Username)
	}
	for name := range v.Env {
		if !asked[name] {
			t.Errorf("%s is set, and nothing asks for it", name)
		}
	}
}
