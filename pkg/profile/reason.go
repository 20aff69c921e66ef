package profile

// Reason is why an event cannot be looked at, or what it lacks.
type Reason struct {
	Name    string // as the SQL and the answers have it
	Meaning string // after "of the events": what they are
	Fix     string // what to do about it, in a sentence or two
	// Fault says that the data or its mapping is to be mended; else it is the detector's own choice of events.
	Fault bool
}

// Reasons that the judgement names.
const (
	match           = "match"
	sampled         = "sampled"
	future          = "future"
	duplicate       = "duplicate"
	actionType      = "actionType"
	addressMissing  = "addressMissing"
	addressPrivate  = "addressPrivate"
	addressWritten  = "addressWritten"
	addressOdd      = "addressUnreadable"
	portMissing     = "portMissing"
	nameMissing     = "nameMissing"
	namePlaceholder = "namePlaceholder"
	nameWritten     = "nameWritten"
	processMissing  = "processMissing"
	processPath     = "processPath"
	bytesUnknown    = "bytesUnknown"
	bytesZero       = "bytesZero"
	deviceIDMissing = "deviceIdMissing"
	deviceSpelling  = "deviceSpelling"
)

// Reasons returns every reason: first why a detector cannot look at an event, then what events lack.
func Reasons() []Reason {
	return []Reason{
		{match, "can be looked at", "", false},
		{actionType, "have an ActionType that it does not look at", "Map ActionType to ConnectionSuccess and ConnectionAttempt in a view (for example multiIf(ActionType IN ('SF', 'allow'), 'ConnectionSuccess', …)), and name the view in the data source's settings; or give the values in the parameter actionTypes.", true},
		{"inbound", "are inbound connections", "No detector looks at connections that others made.", false},
		{addressMissing, "have no RemoteIP", "Map RemoteIP to the column that holds the address; a sensor behind a proxy knows names only, which beaconing with groupBy: host looks at.", true},
		{addressPrivate, "have a private RemoteIP", "Look whether RemoteIP is mapped to the remote end and not to the device or a proxy; behind a proxy, beaconing with groupBy: host looks at the names.", true},
		{"addressIPv6", "have an IPv6 RemoteIP", "Set includeIPv6 in the queries and rules: the analytic leaves IPv6 out.", true},
		{addressWritten, "have a RemoteIP with a port, brackets, blanks or in IPv4-mapped form", "Write the address alone, for example with a view that takes the port off: replaceRegexpOne(RemoteIP, ':[0-9]+$', '').", true},
		{addressOdd, "have a RemoteIP that is no address", "Map RemoteIP to the column that holds the address of the remote end.", true},
		{portMissing, "have no RemotePort (NULL or 0)", "Map RemotePort to the column that holds the port of the remote end, or leave it unmapped where the sensor does not know it: then beaconing looks at every port. The parameter ports may hold 0 as well.", true},
		{"port", "go to ports that it does not look at", "The parameter ports says which count.", false},
		{"process", "are of processes that it leaves out", "The parameter excludeProcesses says which are left out.", false},
		{nameMissing, "have no name in RemoteUrl", "Map RemoteUrl to the column with the host or URL, or add names from the sensor's DNS, TLS and HTTP logs.", true},

		{namePlaceholder, "have a placeholder in RemoteUrl", "Write the empty text for no name, for example with a view: if(RemoteUrl IN ('-', '(empty)', 'N/A'), '', RemoteUrl).", true},
		{nameWritten, "have a RemoteUrl with blanks around it, backslashes, control characters or bytes that are no UTF-8", "Mend what writes RemoteUrl: match: suffix and grouping by host need a host that can be read.", true},
		{processMissing, "have no process", "Map InitiatingProcessFileName if the sensor knows the process; a network sensor does not, and then no process is left out.", true},
		{processPath, "have a path or quotes in InitiatingProcessFileName", "Write the file name alone, for example with a view: extract(path, '[^/\\\\\\\\]+$'); lists of processes and allowlist entries name files.", true},
		{bytesUnknown, "have no count of bytes sent (NULL)", "Map SentBytes and ReceivedBytes if the sensor counts bytes. If it does not, see unknownBytes in docs/detectors.md for what becomes of its beacons.", true},
		{bytesZero, "have 0 bytes sent", "A sensor that does not count bytes must write NULL, not 0: use a view with nullIf(SentBytes, 0), or set bytesSentOver to -1.", true},
		{deviceIDMissing, "have no DeviceId", "Map DeviceId to what tells devices apart; if there is nothing else, to the column of DeviceName.", true},
		{deviceSpelling, "are of devices whose identifier is written in several ways", "Write one spelling, for example with a view: lower(splitByChar('.', DeviceId)[1]).", true},
		{duplicate, "are in the table more than once", "Read them once: CREATE VIEW … AS SELECT * FROM the table FINAL, and name the view in the data source's settings; or keep the way in from writing an event twice.", true},
		{future, "are dated in the future", "Set the devices' clocks (NTP), or check the time zone in which the sensor's times are read: windows end now, so that these events are looked at late or never.", true},
	}
}

func reasonOf(name string) Reason {
	for _, r := range Reasons() {
		if r.Name == name {
			return r
		}
	}
	return Reason{Name: name, Meaning: name}
}
