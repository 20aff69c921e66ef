package statement

import "fmt"

// Texts come as sensors, exports and log shippers write them. The files text.go, address.go, host.go, process.go and device.go
// are the one place that says what a text stands for.

// edges is what is trimmed off both ends of a text: blanks of any alphabet, control and format characters, and quotes.
const edges = `\\pZ\\pC"\'`

// trimmed renders a text without what is trimmed off its ends.
func trimmed(text string) string {
	return fmt.Sprintf(`replaceRegexpAll(%s, '^[%s]+|[%s]+$', '')`, text, edges, edges)
}

// stopgap is what is written where there is nothing: Zeek's - and (empty), null of JSON and Splunk, \N of database
// exports, N/A of spreadsheets, and so on, in any case, with or without brackets around.
const stopgap = `(?i)^[(<{\\[]?(?:[-?*.]+|#?n/?a|n[.]a[.]|nan|nil|null|none|undefined|unknown|unset|empty|missing|not (?:available|applicable|set)|\\\\N)?[])>}]?$`

// something renders a trimmed text; nothing where it is a placeholder.
func something(text string) string {
	return fmt.Sprintf("replaceRegexpOne(%s, '%s', '')", text, stopgap)
}

// Trimmed renders a text without blanks and quotes around it.
func Trimmed(text string) string { return trimmed(text) }

// Something renders a text without blanks and quotes around it, and nothing where it is a placeholder.
func Something(text string) string { return something(trimmed(text)) }

// Nothing renders the condition that a text stands for no value: it is empty, blank or a placeholder.
func Nothing(text string) string { return something(trimmed(text)) + " = ''" }
