package crash_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/crash"
)

func TestAPanicBecomesAnErrorThatSaysWhatWasUnderWay(t *testing.T) {
	for rule, value := range map[string]any{"an error": io.EOF, "a text": "boom", "a number": 7} {
		err := crash.Caught("read the list", func() error { panic(value) })
		var broken *crash.Error
		if !errors.As(err, &broken) || !strings.HasPrefix(err.Error(), "read the list: ") || !strings.Contains(string(broken.Stack), "crash_test.go") {
			t.Errorf("%s: got %v", rule, err)
		}
		if value == io.EOF && !errors.Is(err, io.EOF) {
			t.Errorf("%s: %v is not in its chain", rule, value)
		}
	}
}

func TestWhatDoesNotPanicReturnsItsOwnError(t *testing.T) {
	if err := crash.Caught("read", func() error { return io.EOF }); err != io.EOF { //nolint:errorlint // the very same
		t.Errorf("got %v", err)
	}
	if err := crash.Caught("read", func() error { return nil }); err != nil {
		t.Errorf("got %v", err)
	}
}
