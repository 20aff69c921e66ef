package referee

import "slices"

// CommonColumns are the columns that every detector starts with.
func CommonColumns() []string {
	return []string{
		"Timestamp", "DeviceName", "RemoteIP", "RemoteUrl", "AlertType", "ConnectionCount", "BytesSent", "BytesReceived",
		"SampleProcesses",
	}
}

// columns puts what to look at first behind a detector's main columns, and the rest of what a finding is worth at the end.
func columns(main []string, further ...string) []string {
	return slices.Concat(CommonColumns(), main, []string{"Severity", "SuspiciousASN"}, further, []string{"FindingKey", "ASN", "ASName"})
}

// columns is the row of the columns of that name.
func (g Grade) columns(common, main Row, further ...any) Row {
	number := any(nil)
	if g.AS.Number != 0 {
		number = g.AS.Number
	}
	return slices.Concat(common, main, Row{g.Severity, g.Suspicious}, Row(further), Row{g.Key, number, g.AS.Name})
}

// Columns returns the columns of Rows.
func (Alerts) Columns() []string { return columns(nil) }

// Columns returns the columns of Rows.
func (Beaconing) Columns() []string {
	return columns([]string{"DeviceId", "FirstSeen", "LastSeen", "DurationHours", "BeaconRate", "UniqueRemotePorts", "Score"},
		"IntervalScore", "SizeScore", "HistogramScore", "DurationScore", "MedianInterval", "Jitter", "Sparkline", "BytesKnown")
}

// Columns returns the columns of Rows.
func (DynamicDNS) Columns() []string {
	return columns([]string{"UniqueDevices", "SampleDevices", "SampleIPs", "FirstSeen", "LastSeen"}, "Provider", "Tenant", "ProviderKind")
}

// Columns returns the columns of Rows.
func (p FastFlux) Columns() []string {
	if p.GroupBy == "host" {
		return columns([]string{"UniqueIPs", "UniqueNetworks", "Fluxiness", "Churn", "ChurnHours", "UniqueDevices"}, "SampleDevices", "SampleIPs", "FirstSeen", "LastSeen")
	}
	return columns([]string{"DeviceId", "UniqueIPs", "UniqueDomains", "DomainList"})
}
