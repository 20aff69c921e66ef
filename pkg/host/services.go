package host

import (
	"fmt"

	"github.com/grafana/grafana-plugin-sdk-go/backend/grpcplugin"
)

// Names under which the SDK serves a plugin's parts.
const (
	dataService        = "data"
	diagnosticsService = "diagnostics"
	resourceService    = "resource"
)

func (h *Host) connect() error {
	connection, err := h.client.Client()
	if err != nil {
		return err
	}
	for name, take := range map[string]func(any) bool{
		dataService:        func(c any) (ok bool) { h.data, ok = c.(grpcplugin.DataClient); return ok },
		diagnosticsService: func(c any) (ok bool) { h.diagnostics, ok = c.(grpcplugin.DiagnosticsClient); return ok },
		resourceService:    func(c any) (ok bool) { h.resource, ok = c.(grpcplugin.ResourceClient); return ok },
	} {
		service, err := connection.Dispense(name)
		if err != nil {
			return fmt.Errorf("its service %s: %w", name, err)
		}
		if !take(service) {
			return fmt.Errorf("its service %s has the unexpected type %T", name, service)
		}
	}
	return nil
}
