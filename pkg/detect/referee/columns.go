package referee

// CommonColumns are the columns that every detector starts with.
func CommonColumns() []string {
	return []string{
		"Timestamp", "DeviceName", "RemoteIP", "RemoteUrl", "AlertType", "ConnectionCount", "BytesSent", "BytesReceived",
		"SampleProcesses",
	}
}

// Columns returns the columns of Rows.
func (Alerts) Columns() []string { return CommonColumns() }

// Columns returns the columns of Rows.
func (Beaconing) Columns() []string {
	return append(CommonColumns(), "DeviceId", "FirstSeen", "LastSeen", "DurationHours", "BeaconRate", "UniqueRemotePorts",
		"Score", "IntervalScore", "SizeScore", "HistogramScore", "DurationScore", "MedianInterval", "Jitter", "Sparkline")
}

// Columns returns the columns of Rows.
func (DynamicDNS) Columns() []string {
	return append(CommonColumns(), "UniqueDevices", "SampleDevices", "SampleIPs", "FirstSeen", "LastSeen")
}

// Columns returns the columns of Rows.
func (p FastFlux) Columns() []string {
	if p.GroupBy == "host" {
		return append(CommonColumns(), "UniqueIPs", "UniqueNetworks", "Fluxiness", "Churn", "ChurnHours", "UniqueDevices", "SampleDevices", "SampleIPs", "FirstSeen", "LastSeen")
	}
	return append(CommonColumns(), "DeviceId", "UniqueIPs", "UniqueDomains", "DomainList")
}
