package statement

import (
	"strings"

	"github.com/fluxhound/fluxhound-detections-datasource/devenv/clickhouse/engine"
	"github.com/fluxhound/fluxhound-detections-datasource/devenv/clickhouse/sqltext"
)

// guard makes a client's text what a server takes for a statement. The engine as a library also plays the client, and
// would obey what is meant for one: read and write files of this machine, leave at the word exit, open a prompt.
func guard(text string) (string, error) {
	tokens := sqltext.Tokens(text)
	for i := 1; i < len(tokens); i++ {
		switch {
		case tokens[i-1].Is("INTO") && tokens[i].Is("OUTFILE"):
			return "", &engine.Exception{Code: codeOutfile, Name: "INTO_OUTFILE_NOT_ALLOWED", Message: "INTO OUTFILE is not allowed"}
		case tokens[i-1].Is("FROM") && tokens[i].Is("INFILE"):
			return "", &engine.Exception{Code: codeBadArguments, Name: "BAD_ARGUMENTS", Message: "Query has infile and was sent directly to server"}
		}
	}
	if clientCommand(text, tokens) {
		// Behind a comment it is a statement like any other, and a syntax error.
		return "/**/" + text, nil
	}
	return text, nil
}

// ClickHouse's codes of what a client must not ask a server.
const (
	codeOutfile      = 358
	codeBadArguments = 36
)

// clientCommand says whether text could be a command to a client: a single word, or one that starts with no word.
func clientCommand(text string, tokens []sqltext.Token) bool {
	words := 0
	for _, token := range tokens {
		if token.Text != ";" {
			words++
		}
	}
	if words < 2 || len(tokens) == 0 {
		return true
	}
	first := strings.TrimLeft(text, " \t\r\n\f\v;")
	return !strings.HasPrefix(first, tokens[0].Text) || tokens[0].Kind != sqltext.Word && tokens[0].Text != "("
}
