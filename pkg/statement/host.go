package statement

import "fmt"

// Host renders the host of a URL or name: lower case, without scheme, userinfo, one trailing dot, port, path, query and
// fragment. It is empty where there is none, and for an IPv6 address in brackets.
func Host(url string) string {
	// The scheme goes first and alone: in one expression, what stands before its colon could pass for the host.
	bare := fmt.Sprintf("replaceRegexpOne(lower(%s), '^(?:[a-z][a-z0-9+.-]*:)?//', '')", url)
	return fmt.Sprintf("extract(%s, '^(?:[^/?#]*@)?([^/?#:@]*?)[.]?(?::[0-9]*)?(?:[/?#]|$)')", bare)
}

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
