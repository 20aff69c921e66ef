package nativeserver

import "testing"

// A dumped value becomes what the client dumped.
func TestRestoreField(t *testing.T) {
	cases := []struct{ dump, want string }{
		{`'plain'`, "plain"},
		{`''`, ""},
		{`'it\'s'`, "it's"},
		{`'a\\nb'`, `a\nb`},
		{`'tab\tline\nreturn\rnul\0'`, "tab\tline\nreturn\rnul\x00"},
		{`UInt64_5`, "5"},
		{`17`, "17"},
	}
	for _, c := range cases {
		if got, err := restoreField(c.dump); got != c.want || err != nil {
			t.Errorf("%s: want %q, got %q, %v", c.dump, c.want, got, err)
		}
	}
	if got, err := restoreField(`'open`); err == nil {
		t.Errorf("a value without its closing quote: want an error, got %q", got)
	}
}
