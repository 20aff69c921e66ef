package statement

import "fmt"

// Host renders the host of a URL or name: lower case, without scheme, userinfo, one trailing dot, port, path, query and
// fragment. It is empty where there is none, and for an IPv6 address in brackets.
func Host(url string) string {
	// The scheme goes first and alone: in one expression, what stands before its colon could pass for the host.
	bare := fmt.Sprintf("replaceRegexpOne(lower(%s), '^(?:[a-z][a-z0-9+.-]*:)?//', '')", url)
	return fmt.Sprintf("extract(%s, '^(?:[^/?#]*@)?([^/?#:@]*?)[.]?(?::[0-9]*)?(?:[/?#]|$)')", bare)
}
