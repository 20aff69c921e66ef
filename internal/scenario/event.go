package scenario

import "time"

// Event is one row of the events table.
type Event struct {
	Timestamp  time.Time // to the millisecond
	DeviceID   string
	DeviceName string
	ActionType string
	RemoteIP   string
	RemotePort uint16
	RemoteURL  string
	Protocol   string
	LocalIP    string
	Process    string // InitiatingProcessFileName
	Account    string // InitiatingProcessAccountName
	Sent       int64  // bytes; Unknown for null
	Received   int64  // bytes; Unknown for null
}

// Unknown stands for a null number of bytes.
const Unknown = -1

// Values of ActionType, as in Defender.
const (
	success = "ConnectionSuccess"
	attempt = "ConnectionAttempt"
	failed  = "ConnectionFailed"
	inbound = "InboundConnectionAccepted"
)
