package statement

import (
	"fmt"
	"strings"
)

// Inline writes values into a text in place of their placeholders, for where ClickHouse takes no parameters: the
// definition of a view. Only values of the project's own belong there, never a user's. A value is a text, a number, or a
// list of either; a placeholder without a value stays.
func Inline(sql string, values map[string]any) string {
	return placeholder.ReplaceAllStringFunc(sql, func(found string) string {
		value, ok := values[placeholder.FindStringSubmatch(found)[1]]
		if !ok {
			return found
		}
		return inline(value)
	})
}

func inline(value any) string {
	switch v := value.(type) {
	case string:
		return Quoted(v)
	case []string:
		return inlineList(v)
	case []int64:
		return inlineList(v)
	default:
		return fmt.Sprint(v)
	}
}

func inlineList[T any](values []T) string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = inline(v)
	}
	return "[" + strings.Join(texts, ", ") + "]"
}
