package clickhouse

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	driver "github.com/ClickHouse/clickhouse-go/v2"
)

// classify gives an error of the driver its category and hint. What ended on the client's own account (a cancelled
// context, the time limit) never comes here. Types decide; text only where the driver has no type for it.
func classify(op string, err error) *Error {
	var known *Error
	if errors.As(err, &known) {
		return known
	}
	var failed connectErrors
	if errors.As(err, &failed) {
		op, err = failed.op(), failed
	}
	v := judge(err)
	return &Error{Category: v.category, Op: op, Hint: v.hint, Err: &told{text: tell(err), err: err}}
}

// verdict is whose fault an error is, and what to do.
type verdict struct {
	category Category
	hint     string
}

// judge asks from the surest sign to the vaguest. A data source with several addresses may fail in several ways: what
// ClickHouse itself said on one of them counts most.
func judge(err error) verdict {
	for _, judge := range []func(error) (verdict, bool){exception, secureLine, proxyAnswer, ownFindings, connection, wording} {
		if v, ok := judge(err); ok {
			return v
		}
	}
	return verdict{Query, queryHint}
}

// exception judges what ClickHouse itself says, over either protocol.
func exception(err error) (verdict, bool) {
	var e *driver.Exception
	if !errors.As(err, &e) {
		return verdict{}, false
	}
	if v, ok := unpinned(e); ok {
		return v, true
	}
	if v, ok := codes[e.Code]; ok {
		return v, true
	}
	return verdict{Query, queryHint}, true
}

// unpinned judges a server that does not let a statement be sent with the settings that it means.
func unpinned(e *driver.Exception) (verdict, bool) {
	p, ok := pinIn(e.Message)
	switch {
	case !ok:
		return verdict{}, false
	case e.Code == codeReadonly, e.Code == codeConstraint:
		return verdict{Permission, fmt.Sprintf("The profile of ClickHouse's user fixes %s at another value than %q, which %s: remove it, or compatibility where that sets it, from the profile, or let the user change it (readonly=2, and no constraint on it).", p.name, p.value, p.why)}, true
	case e.Code == codeUnknownSetting:
		return verdict{Schema, tooOldHint}, true
	}
	return verdict{}, false
}

// refused says whether ClickHouse does not let the user in.
func refused(err error) bool {
	v, ok := exception(err)
	return ok && v.category == Auth
}

// readonlyRefused says whether ClickHouse does not let the user change a setting, or write.
func readonlyRefused(err error) bool {
	var e *driver.Exception
	return errors.As(err, &e) && e.Code == codeReadonly
}

// told is an error in words fit for a person: short, and without the URL, which carries every parameter.
type told struct {
	text string
	err  error
}

func (t *told) Error() string { return t.text }
func (t *told) Unwrap() error { return t.err }

// longestText bounds an error's text, in characters. ClickHouse quotes whole statements in some of its own.
const longestText = 1000

func tell(err error) string {
	var failed connectErrors
	var e *driver.Exception
	var inURL *url.Error
	switch {
	case errors.As(err, &failed) && len(failed) > 1:
		texts := make([]string, len(failed))
		for i, one := range failed {
			texts[i] = one.addr + ": " + tell(one.err)
		}
		return clip(strings.Join(texts, "; "), longestText)
	case errors.As(err, &e):
		return clip("code "+strconv.Itoa(int(e.Code))+": "+strings.TrimSpace(e.Message), longestText)
	case errors.As(err, &inURL):
		return clip(inURL.Err.Error(), longestText)
	}
	return clip(err.Error(), longestText)
}
