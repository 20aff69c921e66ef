package statement

import (
	"strings"

	"github.com/fluxhound/fluxhound-detections-datasource/devenv/clickhouse/sqltext"
)

// tagSetting carries a statement's id into the engine, which as a library gives every statement an id of its own. It is
// a string setting without effect here, for the engine keeps no query cache.
const tagSetting = "query_cache_tag"

// taggedID is the client's id of a statement in system.processes, or the engine's for one that has none.
const taggedID = "if(Settings['" + tagSetting + "'] = '', query_id, Settings['" + tagSetting + "'])"

// rewrite makes query_id mean the client's id where a statement looks at the running ones: in KILL QUERY and in a
// SELECT from system.processes.
func rewrite(text string) string {
	words := sqltext.FirstWords(text, 2)
	switch {
	case len(words) == 2 && words[0] == "KILL" && words[1] == "QUERY":
		return replaceTokens(text, isQueryID, 0, 1, "("+taggedID+")")
	case len(words) > 0 && (words[0] == "SELECT" || words[0] == "WITH") && strings.Contains(strings.ToLower(text), "processes"):
		return replaceTokens(text, isProcesses, 1, 4, "(SELECT * REPLACE ("+taggedID+" AS query_id) FROM system.processes)")
	default:
		return text
	}
}

func isQueryID(tokens []sqltext.Token) bool { return tokens[0].Is("query_id") }

func isProcesses(tokens []sqltext.Token) bool {
	return (tokens[0].Is("FROM") || tokens[0].Is("JOIN")) && tokens[1].Is("system") && tokens[2].Text == "." && tokens[3].Is("processes")
}

// replaceTokens puts replacement for each run of width tokens that match, but for the first of them that are kept.
func replaceTokens(text string, match func([]sqltext.Token) bool, kept, width int, replacement string) string {
	tokens := sqltext.Tokens(text)
	var out strings.Builder
	copied := 0
	for i := 0; i+width <= len(tokens); i++ {
		if !match(tokens[i : i+width]) {
			continue
		}
		out.WriteString(text[copied:tokens[i+kept].Start])
		out.WriteString(replacement)
		copied = tokens[i+width-1].End
	}
	out.WriteString(text[copied:])
	return out.String()
}
