package referee

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Texts as sensors write them, and what they stand for.

// trim takes blanks, control and format characters and quotes off both ends.
func trim(text string) string {
	return strings.TrimFunc(text, func(r rune) bool { return unicode.In(r, unicode.Z, unicode.C) || r == '"' || r == '\'' })
}

// something is a trimmed text, or nothing for a placeholder.
func something(text string) string {
	bare := foldASCII(text)
	if bare != "" && strings.ContainsAny(bare[:1], "([{<") {
		bare = bare[1:]
	}
	if bare != "" && strings.ContainsAny(bare[len(bare)-1:], ")]}>") {
		bare = bare[:len(bare)-1]
	}
	words := []string{
		"n/a", "#n/a", "na", "#na", "n.a.", "nan", "nil", "null", "none", "undefined", "unknown", "unset", "empty", "missing",
		"not available", "not applicable", "not set", `\n`,
	}
	if strings.Trim(bare, "-?*.") == "" || slices.Contains(words, bare) {
		return ""
	}
	return text
}

// Address is the address that a text stands for, written canonically; empty for none.
func Address(text string) string {
	bare := strings.TrimPrefix(trim(text), "[")
	if i := strings.IndexByte(bare, '%'); i >= 0 {
		end := strings.IndexByte(bare[i:], ']')
		if end < 0 {
			end = len(bare) - i
		}
		bare = bare[:i] + bare[i+end:]
	}
	// What stands behind a colon is a port where it cannot be a part of the address.
	if before, port, found := cutLast(bare, ':'); found && strings.Trim(port, "0123456789") == "" && (strings.HasSuffix(before, "]") || strings.Contains(before, ".")) {
		bare = before
	}
	address, ok := parse(strings.TrimSuffix(bare, "]"))
	if !ok {
		return ""
	}
	return canonical(address.Unmap())
}

// Host is the host of a URL or name as a browser reads it; an address without brackets, and empty for none.
func Host(url string) string {
	url = strings.Map(func(r rune) rune {
		switch {
		case unicode.In(r, unicode.Cc, unicode.Cf):
			return -1
		case r == '\\':
			return '/'
		}
		return r
	}, strings.ToValidUTF8(url, "\uFFFD"))
	url = withoutScheme(foldASCII(something(trim(url))))
	if end := strings.IndexAny(url, "/?#"); end >= 0 {
		url = url[:end]
	}
	url = url[strings.LastIndexByte(url, '@')+1:]
	host := hostOf(url)
	if strings.ContainsFunc(host, func(r rune) bool { return r < ' ' || r > '~' }) {
		host = strings.ReplaceAll(strings.ToLower(norm.NFKC.String(host)), "。", ".")
	}
	host = strings.TrimRight(host, ".")
	if strings.ContainsAny(host, ":[") {
		return Address(host)
	}
	return host
}

// withoutScheme takes the scheme off, with the slashes behind it, of which a browser forgives any number.
func withoutScheme(url string) string {
	scheme, rest, found := strings.Cut(url, ":")
	switch {
	case found && slices.Contains([]string{"http", "https", "ws", "wss", "ftp"}, scheme):
		return strings.TrimLeft(rest, "/")
	case found && isScheme(scheme) && strings.HasPrefix(rest, "//"):
		return strings.TrimLeft(rest, "/")
	case strings.HasPrefix(url, "//"):
		return strings.TrimLeft(url, "/")
	}
	return url
}

// isScheme holds for what may stand before the colon of a URL.
func isScheme(s string) bool {
	return s != "" && 'a' <= s[0] && s[0] <= 'z' && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789+.-") == ""
}

var (
	inBrackets = regexp.MustCompile(`^(\[[^\]]*\])(?::.*)?$`)
	bareIPv6   = regexp.MustCompile(`^([0-9a-f]*:[0-9a-f]*:[0-9a-f:.]*(?:%.*)?)(?::.*)?$`)
)

// hostOf takes the port off.
func hostOf(authority string) string {
	for _, whole := range []*regexp.Regexp{inBrackets, bareIPv6} {
		if found := whole.FindStringSubmatch(authority); found != nil {
			return found[1]
		}
	}
	host, _, _ := strings.Cut(authority, ":")
	return host
}

func cutLast(s string, b byte) (before, after string, found bool) {
	i := strings.LastIndexByte(s, b)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}

// Process is the file name of a process, which may come as a path or as a command line in quotes.
func Process(text string) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	if rest := strings.TrimLeftFunc(text, func(r rune) bool { return unicode.In(r, unicode.Z, unicode.C) }); strings.HasPrefix(rest, `"`) {
		if end := strings.IndexByte(rest[1:], '"'); end >= 0 {
			text = rest[1 : end+1]
		}
	}
	text = strings.TrimRightFunc(trim(text), func(r rune) bool { return unicode.In(r, unicode.Z, unicode.C) || strings.ContainsRune(`"'/\`, r) })
	text = something(text)
	for _, noise := range []*regexp.Regexp{behindProgram, replacedFile} {
		text = noise.ReplaceAllString(text, "$1")
	}
	return text[strings.LastIndexAny(text, `/\`)+1:]
}

var (
	behindProgram = regexp.MustCompile(`(?is)^(.*?\.exe)\pZ.*$`)
	replacedFile  = regexp.MustCompile(`(?i)()(?:\pZ+\(deleted\)|\.app)$`)
)

// Device is what two events of one device have in common: the identifier, or the name where there is none, without case and
// domain.
func Device(id, name string) string {
	if id = identifier(id); id != "" {
		return foldDevice(id)
	}
	return foldDevice(something(trim(name)))
}

// identifier is a device's, or nothing: for a placeholder, or a GUID of zeros.
func identifier(id string) string {
	id = something(trim(id))
	// an opening bracket before, a closing one behind, as a GUID is written
	bare := id
	if strings.HasPrefix(bare, "{") || strings.HasPrefix(bare, "(") {
		bare = bare[1:]
	}
	if strings.HasSuffix(bare, "}") || strings.HasSuffix(bare, ")") {
		bare = bare[:len(bare)-1]
	}
	if strings.HasPrefix(bare, "00000000") && strings.Trim(bare, "0-") == "" {
		return ""
	}
	return id
}

func foldDevice(name string) string {
	name = strings.ToLower(strings.ToValidUTF8(name, "\uFFFD"))
	if i := strings.IndexByte(name, '\\'); i > 0 && i < len(name)-1 {
		name = name[i+1:]
	}
	if bare := strings.TrimRight(name, ".$"); bare != "" {
		name = bare
	}
	name = unwrapped(name)
	labels := strings.Split(name, ".")
	last := labels[len(labels)-1]
	for _, l := range labels {
		if l == "" || strings.ContainsFunc(l, func(r rune) bool { return !letter(r) && (r < '0' || r > '9') && r != '_' && r != '-' }) {
			return name
		}
	}
	if first, size := utf8.DecodeRuneInString(last); len(labels) < 2 || !strings.ContainsFunc(labels[0], letter) || len(last) == size || !letter(first) || strings.Contains(last, "_") {
		return name
	}
	return labels[0]
}

// letter is what stands for a letter in a device's name: one of ASCII, or anything beyond it.
func letter(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= utf8.RuneSelf
}

// unwrapped takes the brackets, port and zone off an address, the mark of an IPv4-mapped one, and the braces off a GUID.
func unwrapped(name string) string {
	if n := len(name); n == 38 && strings.ContainsAny(name[:1], "{(") && strings.ContainsAny(name[n-1:], ")}") && strings.Trim(name[1:n-1], "0123456789abcdef-") == "" {
		return name[1 : n-1]
	}
	bare := strings.TrimPrefix(name, "[")
	rest := ""
	if end := strings.IndexByte(bare, ']'); end >= 0 {
		bare, rest = bare[:end], bare[end+1:]
		if rest != "" && (rest[0] != ':' || !digits(rest[1:])) {
			return name
		}
	}
	dotted := func(text string) bool {
		octets := strings.Split(text, ".")
		return len(octets) == 4 && !slices.ContainsFunc(octets, func(o string) bool { return !digits(o) })
	}
	v4 := strings.TrimPrefix(bare, "::ffff:")
	if before, port, found := cutLast(v4, ':'); found && digits(port) && dotted(before) && !strings.Contains(name, "]") {
		v4 = before
	}
	if dotted(v4) {
		return v4
	}
	bare, _, _ = strings.Cut(bare, "%")
	if strings.Count(bare, ":") < 2 || strings.Trim(bare, "0123456789abcdef:.") != "" || strings.Contains(strings.SplitN(bare, ":", 3)[1], ".") || strings.Contains(strings.SplitN(bare, ":", 2)[0], ".") {
		return name
	}
	return bare
}

func digits(text string) bool { return text != "" && strings.Trim(text, "0123456789") == "" }

func device(e Event) string { return Device(e.DeviceID, e.DeviceName) }

// deviceKey is the identifier as it is written, or the name where there is none.
func deviceKey(e Event) string {
	if identifier(e.DeviceID) == "" {
		return e.DeviceName
	}
	return e.DeviceID
}

func process(e Event) string { return Process(e.InitiatingProcessFileName) }

func address(e Event) string { return Address(e.RemoteIP) }

// hostName is Host where it means the same host everywhere: a name with a dot, or an address.
func hostName(url string) string {
	host := Host(url)
	if !strings.ContainsAny(host, ".:") {
		return ""
	}
	return host
}
