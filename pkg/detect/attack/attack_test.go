package attack

import (
	"regexp"
	"slices"
	"testing"
)

func TestTechniquesAreWellFormedInOrderAndOnce(t *testing.T) {
	form := regexp.MustCompile(`^T\d{4}(\.\d{3})?$`)
	for i, each := range known {
		if !form.MatchString(each.ID) || each.Name == "" || len(each.Tactics) == 0 {
			t.Errorf("%+v is not whole", each)
		}
		if i > 0 && known[i-1].ID >= each.ID {
			t.Errorf("%s stands behind %s", each.ID, known[i-1].ID)
		}
	}
}

func TestASubTechniqueLiesUnderItsTechnique(t *testing.T) {
	for id, url := range map[string]string{
		"T1584": "https://attack.mitre.org/techniques/T1584/", "T1571": "https://attack.mitre.org/techniques/T1571/", "T1071.001": "https://attack.mitre.org/techniques/T1071/001/",
	} {
		if got, ok := Named(id); !ok || got.URL != url || len(got.Tactics) == 0 {
			t.Errorf("%s is %+v, want the page %s", id, got, url)
		}
	}
	if _, ok := Named("T9999"); ok {
		t.Error("T9999 is known")
	}
}

func TestWhatIsReturnedChangesNothing(t *testing.T) {
	got, _ := Named("T1133")
	got.Tactics[0] = "x"
	if again, _ := Named("T1133"); !slices.Equal(again.Tactics, []string{persistence, access}) {
		t.Errorf("its tactics became %v", again.Tactics)
	}
}
