package sqltext

import "strings"

// FirstWords gives the first n words of a statement in capitals, fewer when it has fewer before anything else.
func FirstWords(text string, n int) []string {
	var words []string
	lexer := NewLexer(text)
	for len(words) < n {
		token, ok := lexer.Next()
		if !ok || token.Kind != Word {
			if ok && len(words) == 0 && token.Text == "(" {
				continue
			}
			break
		}
		words = append(words, strings.ToUpper(token.Text))
	}
	return words
}

// OutputFormat finds the FORMAT clause that ends a statement: its format, and the statement without it. The format is
// "" when there is none.
func OutputFormat(text string) (format, without string) {
	tokens := Tokens(text)
	for len(tokens) > 0 && tokens[len(tokens)-1].Text == ";" {
		tokens = tokens[:len(tokens)-1]
	}
	// FORMAT may stand before or after SETTINGS; only words, values and commas follow it.
	depth := 0
	for i := len(tokens) - 1; i >= 1; i-- {
		switch token := tokens[i]; {
		case token.Text == ")":
			depth++
		case token.Text == "(":
			depth--
		case depth == 0 && tokens[i-1].Is("FORMAT") && token.Kind == Word && formatEnds(tokens[i+1:]):
			return token.Text, text[:tokens[i-1].Start] + text[token.End:]
		}
	}
	return "", text
}

// formatEnds says whether what follows a format's name lets it be the statement's output format.
func formatEnds(rest []Token) bool { return len(rest) == 0 || rest[0].Is("SETTINGS") }
