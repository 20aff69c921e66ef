package schema_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
)

func TestTheTableHasTheCanonicalColumnsInTheirOrder(t *testing.T) {
	statements, err := schema.DDL(`"soc"`, `"network_events"`)
	if err != nil {
		t.Fatal(err)
	}
	if len(statements) != 1 {
		t.Fatalf("want one statement, got %d", len(statements))
	}
	var want, got []string
	for _, c := range schema.Columns() {
		want = append(want, c.Name)
	}
	for _, m := range regexp.MustCompile("(?m)^    `([A-Za-z]+)` +[A-Z]").FindAllStringSubmatch(statements[0], -1) {
		got = append(got, m[1])
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestStatementsNameWhatTheyAreGivenAndCanRunAgain(t *testing.T) {
	statements, err := schema.DDL("`my db`", "`my table`")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(statements[0], "CREATE TABLE IF NOT EXISTS `my db`.`my table`\n") {
		t.Errorf("got %s", statements[0])
	}
	database, err := schema.DatabaseDDL("`my db`")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(database, "CREATE DATABASE IF NOT EXISTS `my db`") {
		t.Errorf("got %s", database)
	}
}
