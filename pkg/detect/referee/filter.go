package referee

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Filter is one condition on an event, before any detection. Its JSON form is the query's.
type Filter struct {
	Column   string   `json:"column"`
	Operator string   `json:"operator"`
	Values   []string `json:"values"`
}

// Passing returns the events that pass all filters.
func Passing(events []Event, filters []Filter) []Event {
	return slices.DeleteFunc(slices.Clone(events), func(e Event) bool { return !pass(filters, e) })
}

// pass says whether an event passes all filters.
func pass(filters []Filter, e Event) bool {
	return !slices.ContainsFunc(filters, func(f Filter) bool { return !f.passes(e) })
}

func (f Filter) passes(e Event) bool {
	if number, ok := e.number(f.Column); ok {
		return f.passesNumber(number)
	}
	if f.Column == "RemoteUrl" && f.Operator == "contains" { // a host is the same in either case
		return strings.Contains(strings.ToLower(e.text(f.Column)), strings.ToLower(f.Values[0]))
	}
	passes := f.passesText(e.text(f.Column))
	if f.Column == "RemoteIP" || f.Column == "LocalIP" { // by the text, or by the address that it stands for
		switch f.Operator {
		case "=", "in":
			return passes || f.passesText(Address(e.text(f.Column)))
		case "!=", "notIn":
			return passes && f.passesText(Address(e.text(f.Column)))
		}
	}
	return passes
}

func (f Filter) passesNumber(number int64) bool {
	equal := slices.ContainsFunc(f.Values, func(v string) bool {
		n, err := strconv.ParseInt(v, 10, 64)
		return err == nil && n == number
	})
	switch f.Operator {
	case "=", "in":
		return equal
	case "!=", "notIn":
		return !equal
	default:
		panic(fmt.Sprintf("operator %s does not fit a number", f.Operator))
	}
}

func (f Filter) passesText(text string) bool {
	switch f.Operator {
	case "=", "in":
		return slices.Contains(f.Values, text)
	case "!=", "notIn":
		return !slices.Contains(f.Values, text)
	case "contains":
		return strings.Contains(text, f.Values[0])
	case "startsWith":
		return strings.HasPrefix(text, f.Values[0])
	case "endsWith":
		return strings.HasSuffix(text, f.Values[0])
	case "inSubnet":
		return slices.ContainsFunc(f.Values, func(network string) bool { return within(text, network) })
	default:
		panic(fmt.Sprintf("unknown operator %s", f.Operator))
	}
}

func (e Event) number(column string) (int64, bool) {
	switch column {
	case "RemotePort":
		return e.RemotePort, true
	case "SentBytes":
		return orZero(e.SentBytes), true
	case "ReceivedBytes":
		return orZero(e.ReceivedBytes), true
	default:
		return 0, false
	}
}

func (e Event) text(column string) string {
	switch column {
	case "DeviceId":
		return e.DeviceID
	case "DeviceName":
		return e.DeviceName
	case "ActionType":
		return e.ActionType
	case "RemoteIP":
		return e.RemoteIP
	case "RemoteUrl":
		return e.RemoteURL
	case "Protocol":
		return e.Protocol
	case "LocalIP":
		return e.LocalIP
	case "InitiatingProcessFileName":
		return e.InitiatingProcessFileName
	case "InitiatingProcessAccountName":
		return e.InitiatingProcessAccountName
	default:
		panic(fmt.Sprintf("unknown column %s", column))
	}
}
