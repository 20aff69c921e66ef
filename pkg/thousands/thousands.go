// Package thousands writes numbers for people.
package thousands

import (
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// Apart writes a whole number with commas: 1,028,105.
func Apart[N int | int64](n N) string { return message.NewPrinter(language.English).Sprint(n) }
