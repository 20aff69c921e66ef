package statement

import "fmt"

// Host renders the host of a URL or name: in lower case, without scheme, userinfo, port, path, query, fragment and trailing
// dots. An address is written canonically, without brackets. It is empty for a placeholder, and where there is no host.
//
// What most sensors write, a name in ASCII with or without a scheme, is cut out without a capturing expression, which takes a
// tenth of the time.
func Host(url string) string {
	return fmt.Sprintf("multiIf(%s = '', '', match(lower(%s), '%s'), domain(lower(%s)), %s)", url, url, plainURL, url, oddHost(url))
}

const plainURL = `^(?:[a-z]+://)?[a-z0-9_-]+(?:[.][a-z0-9_-]+)+(?::[0-9]+)?(?:[/?#]|$)`

// oddHost reads a host as browsers do (https://url.spec.whatwg.org/#url-parsing): control characters are no part of a URL,
// both slashes are one, and behind http: and its like there may be any number of them.
func oddHost(url string) string {
	clean := cleanURL(url)
	host := fmt.Sprintf(`extract(lower(%s), '%s')`, clean, urlHost)
	// Case and full-width forms fold as they do in names (https://www.unicode.org/reports/tr46/), and so do ideographic dots.
	folded := fmt.Sprintf(`arrayMap(host -> replaceRegexpOne(if(match(host, '[^ -~]'), replaceAll(lowerUTF8(normalizeUTF8NFKC(host)), '。', '.'), host), '[.]+$', ''), [%s])`, host)
	return fmt.Sprintf(`arrayMap(host -> if(match(host, '[:[]'), %s, host), %s)[1]`, oddAddressText("host"), folded)
}

// cleanURL is a URL as browsers clean it; nothing for a placeholder.
func cleanURL(url string) string {
	return something(trimmed(fmt.Sprintf(`replaceAll(replaceRegexpAll(toValidUTF8(%s), '[\\p{Cc}\\p{Cf}]', ''), '\\', '/')`, url)))
}

// Port renders the port of a URL, or of a host with a port, as a UInt16: the one that it names, otherwise that of its scheme. 0 where
// neither tells it.
func Port(url string) string {
	named := fmt.Sprintf(`extract(url, '%s')`, urlPort)
	of := fmt.Sprintf(`multiIf(%s != '', toUInt16OrZero(%s), match(url, '^(?:https|wss):'), 443, match(url, '^(?:http|ws):'), 80, match(url, '^ftp:'), 21, 0)`, named, named)
	return fmt.Sprintf(`toUInt16(arrayMap(url -> %s, [lower(%s)])[1])`, of, cleanURL(url))
}

// urlPort captures the digits behind the host that urlHost captures. Of an IPv6 address without brackets none are a port.
const urlPort = `^(?:(?:https?|wss?|ftp):/*|[a-z][a-z0-9+.-]*:///*|///*)?(?:[^/?#]*@)?(?:\\[[^]/?#]*\\]|[^/?#:@]*):([0-9]+)(?:[/?#]|$)`

// urlHost captures the host: in brackets, an IPv6 address without them, or whatever stands before a port.
const urlHost = `^(?:(?:https?|wss?|ftp):/*|[a-z][a-z0-9+.-]*:///*|///*)?(?:[^/?#]*@)?(\\[[^]/?#]*\\]|[0-9a-f]*:[0-9a-f]*:[0-9a-f:.]*(?:%[^/?#]*)?|[^/?#:@]*)(?::[^/?#]*)?(?:[/?#]|$)`

// LongestSuffix renders the longest of the domains that a host lies under, with at least one byte and a dot before it; the
// empty text for none. domains is the name of an Array(String) parameter. A host has few labels and the domains may be
// many, so that each ending of the host is looked up.
func LongestSuffix(host, domains string) string {
	return fmt.Sprintf(`arrayFirst(ending -> ending IN {%s:Array(String)} AND length(%s) > length(ending) + 1, %s)`, domains, host, Endings(host))
}

// Tenant renders a suffix of a host with the label before it; nothing where the suffix is empty.
func Tenant(host, suffix string) string {
	return fmt.Sprintf(`if(%s = '', '', concat(arrayElement(splitByChar('.', %s), -(2 + countSubstrings(%s, '.'))), '.', %s))`, suffix, host, suffix, suffix)
}

// Endings renders everything behind a dot of a host, the longest first.
func Endings(host string) string {
	return fmt.Sprintf(`arrayMap(i -> arrayStringConcat(arraySlice(splitByChar('.', %s), i), '.'), range(2, length(splitByChar('.', %s)) + 1))`, host, host)
}
