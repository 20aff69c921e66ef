package thousands

import "testing"

func TestNumbersHaveThousandsApart(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 1028106: "1,028,106", 100000: "100,000", -1000: "-1,000", -100: "-100"} {
		if got := Apart(n); got != want {
			t.Errorf("Apart(%d) = %q, want %q", n, got, want)
		}
	}
}
