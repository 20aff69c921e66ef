package referee

// CommonColumns are the columns that every detector starts with.
func CommonColumns() []string {
	return []string{
		"Timestamp", "DeviceName", "RemoteIP", "RemoteUrl", "AlertType", "ConnectionCount", "BytesSent", "BytesReceived",
		"SampleProcesses",
	}
}

// GradeColumns are the columns that every detector ends with.
func GradeColumns() []string {
	return []string{"ASN", "ASName", "SuspiciousASN", "Severity", "FindingKey"}
}

// Columns returns the columns of Rows.
func (Alerts) Columns() []string { return append(CommonColumns(), GradeColumns()...) }

// Columns returns the columns of Rows.
func (Beaconing) Columns() []string {
	own := append(CommonColumns(), "DeviceId", "FirstSeen", "LastSeen", "DurationHours", "BeaconRate", "UniqueRemotePorts",
		"Score", "IntervalScore", "SizeScore", "HistogramScore", "DurationScore", "MedianInterval", "Jitter", "Sparkline")
	return append(own, GradeColumns()...)
}

// Columns returns the columns of Rows.
func (DynamicDNS) Columns() []string {
	own := append(CommonColumns(), "UniqueDevices", "SampleDevices", "SampleIPs", "FirstSeen", "LastSeen", "Provider", "Tenant")
	return append(own, GradeColumns()...)
}

// Columns returns the columns of Rows.
func (p FastFlux) Columns() []string {
	own := append(CommonColumns(), "DeviceId", "UniqueIPs", "UniqueDomains", "DomainList")
	if p.GroupBy == "host" {
		own = append(CommonColumns(), "UniqueIPs", "UniqueNetworks", "Fluxiness", "Churn", "ChurnHours", "UniqueDevices", "SampleDevices", "SampleIPs", "FirstSeen", "LastSeen")
	}
	return append(own, GradeColumns()...)
}
