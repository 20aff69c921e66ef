package ingest

import (
	"fmt"
	"strings"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

// What a field's text stands for is said here, once for all sources: sensors, shippers and exports write one value in many ways.
// Each of these renders an expression, and none ever fails, whatever the text. An argument stands in a list of one, so that it is
// written and computed once.

// of binds an expression to a name within another.
func of(expression, name, within string) string {
	return each(name, within, []string{expression}) + "[1]"
}

// each renders a list: what becomes of each of some expressions.
func each(name, within string, expressions []string) string {
	return fmt.Sprintf("arrayMap(%s -> %s, [%s])", name, within, strings.Join(expressions, ", "))
}

// fieldsOf renders fields as a tuple with their names: those of a record that an envelope holds as JSON, or where it is empty the
// row's own. An object or a list among them is JSON.
func fieldsOf(envelope string, names ...string) string {
	var own, typed []string
	for _, name := range names {
		own = append(own, statement.Identifier(name))
		typed = append(typed, statement.Identifier(name)+" String")
	}
	tuple := "'Tuple(" + strings.Join(typed, ", ") + ")'"
	return fmt.Sprintf("if(%s != '', JSONExtract(%s, %s), CAST((%s), %s))", envelope, envelope, tuple, strings.Join(own, ", "), tuple)
}

// either renders the first of some texts that is not empty.
func either(texts ...string) string {
	last := len(texts) - 1
	var b strings.Builder
	for _, text := range texts[:last] {
		fmt.Fprintf(&b, "%s != '', %s, ", text, text)
	}
	return "multiIf(" + b.String() + texts[last] + ")"
}

// first renders a field's text, or the first element that holds anything where it is a list as JSON: in Elasticsearch any field may
// be one. (An address in brackets is no JSON.)
func first(text string) string {
	return fmt.Sprintf("if(startsWith(%s, '[') AND isValidJSON(%s), arrayFirst(element -> element != '', JSONExtract(%s, 'Array(String)')), %s)", text, text, text, text)
}

// joined renders the same of a text in which an export has joined several values with a comma and a blank, as Kibana's CSV does.
func joined(text string) string { return "splitByString(', ', " + first(text) + ")[1]" }

// one renders the one text of a field that may hold a list: without blanks and quotes around it, nothing for a placeholder. What may hold a
// comma itself, such as a user's name, is read by it.
func one(text string) string { return ones(text) + "[1]" }

// ones renders a list of the same of several fields.
func ones(texts ...string) string {
	return each("written", statement.Something(first("written")), texts)
}

// oneOf renders the first of some texts that stands for anything.
func oneOf(texts ...string) string {
	return "arrayFirst(told -> told != '', arrayMap(told -> " + one("told") + ", [" + strings.Join(texts, ", ") + "]))"
}

// word is one of a field whose values hold no comma: of several that were joined the first counts.
func word(text string) string { return words(text) + "[1]" }

// words renders a list of the words of several fields: as what follows, it costs no more than one of them. See address.
func words(texts ...string) string {
	return each("written", statement.Something(joined("written")), texts)
}

// Planning takes ClickHouse a part of a millisecond for each function and each lambda, in each of the statements that make hours. So
// addresses, numbers and times take what they are out of a list, or out of what was joined, with the expression that reads them; a SELECT
// reads several fields at once, and names them in the next.

// address renders the address of a field: written canonically, an IPv4-mapped one as its IPv4, without brackets, port and zone. What
// is no address, such as the name of a proxy's client, stays; a placeholder is nothing, and so is a list without an address at its head.
func address(text string) string { return addresses(text) + "[1]" }

// addresses renders a list of the addresses of several fields.
func addresses(texts ...string) string {
	odd := of(statement.AnyAddressText("written"), "canonical", "multiIf(canonical != '', canonical, startsWith(written, '['), '', "+statement.Something("written")+")")
	// Most are plain IPv4 addresses.
	return each("written", "if(IPv4NumToString(IPv4StringToNumOrDefault(written)) = written, written, "+odd+")", texts)
}

const (
	// thousands stands between groups of digits: a comma, a blank of any kind, an apostrophe, a low line.
	thousands = `[, \\x{00A0}\\x{2009}\\x{202F}\'’_]`
	// figures are digits with a fraction or an exponent, or hexadecimal ones.
	figures = `[+]?(?:0x[0-9a-f]{1,16}|(?:[0-9]+[.]?[0-9]*|[.][0-9]+)(?:e[+]?[0-9]+)?)`
	// grouped are digits in groups of thousands.
	grouped = `[0-9]{1,3}(?:` + thousands + `[0-9]{3})+(?:[.][0-9]*)?`
	// oneNumber captures a number with blanks and quotes around it, the first of several that were joined.
	oneNumber = `^[\\s"]*(` + figures + `|` + grouped + `)[\\s"]*(?:, .*)?$`
	// firstNumber captures the first number of a list as JSON, with its quotes.
	firstNumber = `^\\[\\s*(?:(?:null|"")\\s*,\\s*)*(` + figures + `|"\\s*(?:` + figures + `|` + grouped + `)\\s*")\\s*[],]`
)

// whole renders the whole number that a field tells, as a Nullable(UInt64): 443, "443", 443.0, 1.5e3, 8,443 and 0x1bb are numbers. What is
// none, is below zero or does not fit is NULL.
func whole(text string) string { return wholes(text) + "[1]" }

// wholes renders a list of the whole numbers of several fields.
func wholes(texts ...string) string { return numbers("toFloat64OrZero(figure)", texts) }

// rounded is whole of a measure, which may have a fraction: the number nearest to it.
func rounded(text string) string {
	return numbers("round(toFloat64OrZero(figure))", []string{text}) + "[1]"
}

func numbers(fraction string, texts []string) string {
	figure := "replaceRegexpAll(if(startsWith(written, '['), extract(lower(written), '" + firstNumber + "'), extract(lower(written), '" + oneNumber + "')), '" + thousands + "|[+\"]', '')"
	odd := of(figure, "figure", "multiIf(figure = '', NULL, match(figure, '^[0-9]+$'), toUInt64OrNull(figure), "+
		"startsWith(figure, '0x'), reinterpretAsUInt64(reverse(unhex(leftPad(substring(figure, 3), 16, '0')))), accurateCastOrNull("+fraction+", 'UInt64'))")
	// Most are plain digits, or nothing.
	return each("written", "multiIf(written = '', NULL, match(written, '^[0-9]{1,19}$'), toUInt64OrNull(written), "+odd+")", texts)
}

// port renders the port that a field tells, as a UInt16. The events' column knows no NULL: 0 says that it is not known.
func port(text string) string { return asPort(whole(text)) }

// asPort renders a number of wholes as a port.
func asPort(number string) string { return "ifNull(accurateCastOrNull(" + number + ", 'UInt16'), 0)" }

// firstTime is when the first event can have been. What is before it counts from something else, such as a device's start.
const firstTime = "toDateTime64('2000-01-01 00:00:00', 6, 'UTC')"

// dated renders a time, or 1970 where it is before the first that can be.
func dated(at string) string {
	return of(at, "at", "if(at < "+firstTime+", toDateTime64(0, 6, 'UTC'), at)")
}

// readTime reads seconds, milliseconds, microseconds or nanoseconds since 1970, told apart by how many there are until the year 2100,
// ISO 8601 with its zone, or in UTC, and a date with the month's name, as Kibana writes it, in UTC. All else is 1970: it never fails,
// for a row must land whatever its time. (ClickHouse's best effort alone takes a lone 1 for the first of this month.)
func readTime(expression string) string {
	const end = "4102444800"
	number := "toFloat64OrZero(written)"
	// Out of a list, without quotes, and without the mark that Kibana puts before the time of day.
	written := "trimBoth(replaceOne(extract(" + expression + `, '^[[\\s"]*([^]"]*)'), ' @ ', ' '))`
	return dated(of(written, "written", "multiIf("+
		"match(written, '^[0-9]{4}-[0-9]{2}-[0-9]{2}'), parseDateTime64BestEffortOrZero(written, 6, 'UTC'), "+
		// Nov 29, 2025 10:00:00.000; 29 Nov 2025 10:00:00
		"match(written, '"+namedMonth+"'), parseDateTime64BestEffortOrZero(replaceRegexpAll(written, '[,.]? +', ' '), 6, 'UTC'), "+
		// ClickHouse may compute all branches: what is infinite must not fail here either.
		"fromUnixTimestamp64Micro(if("+number+" > 0 AND "+number+" < "+end+"e9, ifNull(accurateCastOrNull(round("+number+" * "+
		"multiIf("+number+" < "+end+", 1e6, "+number+" < "+end+"e3, 1e3, "+number+" < "+end+"e6, 1, 1e-3)), 'Int64'), 0), 0), 'UTC'))"))
}

const (
	month      = `(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*`
	namedMonth = `^(?:[0-9]{1,2}[.]? ` + month + `[.,]? |` + month + `[.]? [0-9]{1,2},? )[0-9]{4}`
)

// hostOf renders the host of a URL, or of a host with a port, and portOf its port: 0 where it is not known.
func hostOf(url string) string { return of(url, "url", statement.Host("url")) }

func portOf(url string) string { return of(url, "url", statement.Port("url")) }
