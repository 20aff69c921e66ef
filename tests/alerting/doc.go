// Package alerting holds the end-to-end tests of the alert rules: a real Grafana reads the provisioning folder, evaluates
// the rules with the built plugin on the embedded ClickHouse, and notifies a receiver of the test.
//
// They carry the build tag e2e, so that `go test ./...` leaves them out; `go tool mage e2e` runs them. They need the Grafana
// that GRAFANA_HOME names and the plugin built in dist, and fail without.
//
//	go test -tags e2e -timeout 60m ./tests/alerting
package alerting
