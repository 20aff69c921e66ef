package engine

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The engine's error texts become code, name and message; the part that plays the client leaves no trace.
func TestParseException(t *testing.T) {
	cases := []struct {
		text string
		want Exception
	}{
		{"Code: 60. DB::Exception: Table default.t does not exist. (UNKNOWN_TABLE)", Exception{60, "UNKNOWN_TABLE", "Table default.t does not exist."}},
		{"Code: 62. DB::Exception: Syntax error (Multi-statements are not allowed): failed. (SYNTAX_ERROR)", Exception{62, "SYNTAX_ERROR", "Syntax error (Multi-statements are not allowed): failed."}},
		{
			"Code: 115. DB::Exception: Code: 115. DB::Exception: Unknown setting 'a'. (UNKNOWN_SETTING) (version 26.7.2.1). (UNKNOWN_SETTING)",
			Exception{115, "UNKNOWN_SETTING", "Unknown setting 'a'."},
		},
		{"Code: 27. DB::ParsingException: Cannot parse\nline two. (CANNOT_PARSE_INPUT_ASSERTION_FAILED)", Exception{27, "CANNOT_PARSE_INPUT_ASSERTION_FAILED", "Cannot parse\nline two."}},
		{"Code: 10. DB::Exception: no name", Exception{10, "", "no name"}},
		{"std::bad_alloc", Exception{1002, "UNKNOWN_EXCEPTION", "std::bad_alloc"}},
	}
	for _, c := range cases {
		t.Run(c.text, func(t *testing.T) {
			if diff := cmp.Diff(&c.want, parseException(c.text)); diff != "" {
				t.Errorf("exception differs (-want +got):\n%s", diff)
			}
		})
	}
}
