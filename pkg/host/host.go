// Package host runs a data source plugin's executable as Grafana does: as a child process that speaks gRPC over
// hashicorp/go-plugin. Tests and the command line ask the real executable through it.
package host

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend/grpcplugin"
	"github.com/hashicorp/go-hclog"
	goplugin "github.com/hashicorp/go-plugin"
)

// Host is one running plugin process. Its methods may be called from several goroutines at once.
type Host struct {
	client      *goplugin.Client
	release     context.CancelFunc // of the process's context
	sockets     string             // the folder of the process's socket
	stderr      *tail
	data        grpcplugin.DataClient
	diagnostics grpcplugin.DiagnosticsClient
	resource    grpcplugin.ResourceClient
	closing     sync.Once
}

// Option changes how Start runs the plugin.
type Option func(*options)

type options struct {
	log          io.Writer
	env          []string
	startTimeout time.Duration
}

// WithLog writes the plugin's standard error, which carries its log as a JSON object a line, to w as it comes.
func WithLog(w io.Writer) Option { return func(o *options) { o.log = w } }

// WithEnv adds environment variables, name=value, to those that Grafana lets through (see permitted).
func WithEnv(variables ...string) Option {
	return func(o *options) { o.env = append(o.env, variables...) }
}

// WithStartTimeout bounds the time from the start of the process to the end of the handshake; the default is 60 s.
func WithStartTimeout(d time.Duration) Option { return func(o *options) { o.startTimeout = d } }

// Start starts the executable, shakes hands and connects. The context bounds the start alone: the plugin then runs
// until Close, which the caller owes. The error wraps ErrStart and ends with the last lines that the plugin wrote.
func Start(ctx context.Context, executable string, opts ...Option) (*Host, error) {
	o := options{log: io.Discard, startTimeout: time.Minute}
	for _, apply := range opts {
		apply(&o)
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrStart, executable, err)
	}
	sockets, err := os.MkdirTemp("", "fluxhound-")
	if err != nil {
		return nil, fmt.Errorf("%w: making a folder for its socket: %w", ErrStart, err)
	}
	process, release := context.WithCancel(context.WithoutCancel(ctx))
	h := &Host{release: release, sockets: sockets, stderr: &tail{next: o.log}}
	h.client = goplugin.NewClient(h.config(process, executable, o))
	// exec kills the process when its context ends, and that ends the handshake.
	stop := context.AfterFunc(ctx, release)
	err = h.connect()
	if !stop() && err == nil {
		err = ctx.Err()
	}
	if err != nil {
		h.Close()
		return nil, h.startError(ctx, executable, err)
	}
	return h, nil
}

// Close ends the plugin and waits until its process is gone: first it asks, after two seconds it kills. It may be
// called more than once.
func (h *Host) Close() {
	h.closing.Do(func() {
		h.client.Kill()
		h.release()
		_ = os.RemoveAll(h.sockets) // a killed process leaves its socket
	})
}

// Exited reports whether the plugin's process has ended.
func (h *Host) Exited() bool { return h.client.Exited() }

// Pid returns the number of the plugin's process, as a text.
func (h *Host) Pid() string { return h.client.ID() }

func (h *Host) config(ctx context.Context, executable string, o options) *goplugin.ClientConfig {
	command := exec.CommandContext(ctx, executable)
	command.Env = append(permitted(os.LookupEnv), o.env...)
	command.Env = append(command.Env, goplugin.EnvUnixSocketDir+"="+h.sockets)
	return &goplugin.ClientConfig{
		HandshakeConfig: goplugin.HandshakeConfig{
			ProtocolVersion:  grpcplugin.ProtocolVersion,
			MagicCookieKey:   grpcplugin.MagicCookieKey,
			MagicCookieValue: grpcplugin.MagicCookieValue,
		},
		VersionedPlugins: map[int]goplugin.PluginSet{grpcplugin.ProtocolVersion: {
			dataService:        &grpcplugin.DataGRPCPlugin{},
			diagnosticsService: &grpcplugin.DiagnosticsGRPCPlugin{},
			resourceService:    &grpcplugin.ResourceGRPCPlugin{},
		}},
		AllowedProtocols: []goplugin.Protocol{goplugin.ProtocolGRPC},
		Cmd:              command,
		SkipHostEnv:      true,
		Stderr:           h.stderr,
		Logger:           hclog.NewNullLogger(), // standard error already carries the plugin's log
		StartTimeout:     o.startTimeout,
	}
}

// permitted returns the variables of our own environment that Grafana passes on to a plugin. Nothing else may reach
// it, so that a plugin that works here does not rest on a variable that it will not have.
func permitted(lookup func(string) (string, bool)) []string {
	var env []string
	for _, name := range []string{
		"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR",
	} {
		if value, ok := lookup(name); ok {
			env = append(env, name+"="+value)
		}
	}
	return env
}
