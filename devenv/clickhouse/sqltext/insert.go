package sqltext

import "strings"

// Insert is an INSERT whose rows are data, not a SELECT.
type Insert struct {
	Head    string   // up to and without VALUES or FORMAT
	Target  string   // the table, or FUNCTION and its call
	Columns []string // the column list's items, as they stand; nil when it has none
	Format  string   // the format the statement names; Values for VALUES; "" when it names none
	Data    int      // where in the statement the data starts
}

// ParseInsert reads a statement that starts as an INSERT of data. It is false for any other statement. Only the
// statement has to be whole in text, not its data.
func ParseInsert(text string) (Insert, bool) {
	lexer := NewLexer(text)
	if token, ok := lexer.Next(); !ok || !token.Is("INSERT") {
		return Insert{}, false
	}
	insert := Insert{}
	into, ok := lexer.Next()
	if !ok || !into.Is("INTO") {
		return Insert{}, false
	}
	token, ok := lexer.Next()
	if token.Is("TABLE") {
		token, ok = lexer.Next()
	}
	if !ok {
		return Insert{}, false
	}
	isFunction := token.Is("FUNCTION")
	targetStart, targetEnd := token.Start, token.End
	depth, listStart := 0, -1
	seenFunctionCall := false
	for token, ok = lexer.Next(); ok; token, ok = lexer.Next() {
		switch {
		case token.Kind == Symbol && token.Text == "(":
			if depth++; depth == 1 && (!isFunction || seenFunctionCall) && insert.Columns == nil {
				listStart = token.End
			}
		case token.Kind == Symbol && token.Text == ")":
			depth--
			if depth == 0 && listStart >= 0 {
				insert.Columns, listStart = splitList(text[listStart:token.Start]), -1
			} else if depth == 0 && isFunction && !seenFunctionCall {
				seenFunctionCall, targetEnd = true, token.End
			}
		case depth > 0:
		case token.Is("VALUES"):
			return insert.cut(text, targetStart, targetEnd, token.Start, "Values", token.End), true
		case token.Is("FORMAT"):
			format, ok := lexer.Next()
			if !ok || format.Kind != Word {
				return Insert{}, false
			}
			return insert.cut(text, targetStart, targetEnd, token.Start, format.Text, dataStart(text, format.End)), true
		case token.Is("SELECT"), token.Is("WITH"), token.Is("WATCH"), token.Is("INFILE"), token.Is("FROM"):
			return Insert{}, false
		case token.Kind == Symbol && token.Text == ";":
			return insert.cut(text, targetStart, targetEnd, token.Start, "", len(text)), true
		case insert.Columns == nil && !token.Is("SETTINGS") && !isFunction && (token.Text == "." || text[token.Start-1] == '.'):
			targetEnd = token.End
		}
	}
	if insert.Columns != nil && startsSelect(insert.Columns[0]) {
		return Insert{}, false
	}
	return insert.cut(text, targetStart, targetEnd, len(text), "", len(text)), true
}

// startsSelect says whether what stands in brackets after the table is a query and not a column list.
func startsSelect(text string) bool {
	token, ok := NewLexer(text).Next()
	return ok && (token.Is("SELECT") || token.Is("WITH") || token.Text == "(")
}

func (i Insert) cut(text string, targetStart, targetEnd, headEnd int, format string, data int) Insert {
	i.Head = strings.TrimSpace(text[:headEnd])
	i.Target = text[targetStart:targetEnd]
	i.Format = format
	i.Data = data
	return i
}

// dataStart passes blanks and one line end after a format's name, and a semicolon.
func dataStart(text string, at int) int {
	for at < len(text) && (text[at] == ' ' || text[at] == '\t' || text[at] == ';') {
		at++
	}
	if at < len(text) && text[at] == '\r' {
		at++
	}
	if at < len(text) && text[at] == '\n' {
		at++
	}
	return at
}

// splitList parts a list at its outer commas.
func splitList(text string) []string {
	items := []string{}
	depth, start := 0, 0
	for _, token := range Tokens(text) {
		if token.Kind != Symbol {
			continue
		}
		switch token.Text {
		case "(", "[":
			depth++
		case ")", "]":
			depth--
		case ",":
			if depth == 0 {
				items = append(items, strings.TrimSpace(text[start:token.Start]))
				start = token.End
			}
		}
	}
	return append(items, strings.TrimSpace(text[start:]))
}
