// Package sqltext reads ClickHouse statements as far as a server's edge must, before the engine parses them.
package sqltext

import "strings"

// Kind is what a token is.
type Kind int

// The kinds of tokens. Space and comments are not tokens.
const (
	Word   Kind = iota // a bare identifier, keyword or number
	Quoted             // an identifier in backticks or double quotes
	String             // a string literal
	Symbol             // one byte of punctuation
)

// Token is a piece of a statement.
type Token struct {
	Kind       Kind
	Text       string // as it stands in the statement
	Start, End int    // bytes
}

// Is says whether the token is this bare word, in any case.
func (t Token) Is(word string) bool { return t.Kind == Word && strings.EqualFold(t.Text, word) }

// Lexer gives the tokens of a statement one by one.
type Lexer struct {
	text string
	at   int
}

// NewLexer reads text from its start.
func NewLexer(text string) *Lexer { return &Lexer{text: text} }

// Next gives the next token; false at the end.
func (l *Lexer) Next() (Token, bool) {
	l.skipSpace()
	start := l.at
	if start >= len(l.text) {
		return Token{}, false
	}
	kind := Symbol
	switch c := l.text[start]; {
	case c == '\'':
		kind = String
		l.skipQuoted(c)
	case c == '`' || c == '"':
		kind = Quoted
		l.skipQuoted(c)
	case c == '$' && l.skipHeredoc():
		kind = String
	case isWordByte(c):
		kind = Word
		for l.at < len(l.text) && isWordByte(l.text[l.at]) {
			l.at++
		}
	default:
		l.at++
	}
	return Token{Kind: kind, Text: l.text[start:l.at], Start: start, End: l.at}, true
}

// Tokens gives all tokens of text.
func Tokens(text string) []Token {
	var tokens []Token
	lexer := NewLexer(text)
	for {
		token, ok := lexer.Next()
		if !ok {
			return tokens
		}
		tokens = append(tokens, token)
	}
}

func isWordByte(c byte) bool {
	return c == '_' || c == '$' || c >= 0x80 || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

func (l *Lexer) skipSpace() {
	for l.at < len(l.text) {
		rest := l.text[l.at:]
		switch {
		case strings.IndexByte(" \t\n\r\f\v\x00", rest[0]) >= 0:
			l.at++
		case strings.HasPrefix(rest, "--"), strings.HasPrefix(rest, "#!"), strings.HasPrefix(rest, "# "):
			l.skipPast("\n")
		case strings.HasPrefix(rest, "/*"):
			l.at += 2
			l.skipPast("*/")
		default:
			return
		}
	}
}

func (l *Lexer) skipPast(end string) {
	if i := strings.Index(l.text[l.at:], end); i >= 0 {
		l.at += i + len(end)
		return
	}
	l.at = len(l.text)
}

// skipQuoted passes a quoted piece, in which a backslash and a doubled quote escape.
func (l *Lexer) skipQuoted(quote byte) {
	for l.at++; l.at < len(l.text); l.at++ {
		switch l.text[l.at] {
		case '\\':
			l.at++
		case quote:
			if l.at+1 < len(l.text) && l.text[l.at+1] == quote {
				l.at++
				continue
			}
			l.at++
			return
		}
	}
	l.at = len(l.text)
}

// skipHeredoc passes $tag$ … $tag$; false, and nothing passed, when none starts here.
func (l *Lexer) skipHeredoc() bool {
	rest := l.text[l.at:]
	end := strings.IndexByte(rest[1:], '$')
	if end < 0 {
		return false
	}
	tag := rest[:end+2]
	for i := 1; i < len(tag)-1; i++ {
		if !isWordByte(tag[i]) || tag[i] == '$' {
			return false
		}
	}
	closing := strings.Index(rest[len(tag):], tag)
	if closing < 0 {
		return false
	}
	l.at += len(tag) + closing + len(tag)
	return true
}
