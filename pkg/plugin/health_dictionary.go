package plugin

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/lists/asn"
)

// withDictionary proves the dictionary of autonomous systems beyond what the lists' own check did: that an address of one of its
// prefixes is found, as an answer would look it up.
func (d *Datasource) withDictionary(ctx context.Context, lists []check) []check {
	for i, c := range lists {
		if c.Name != asn.Name || !c.OK {
			continue
		}
		name := d.settings.ASNDictionary
		dictionary, err := d.client.Dictionary(ctx, d.settings.Database, name)
		switch fault := new(clickhouse.Error); {
		case errors.As(err, &fault):
			lists[i] = failedCheck(asn.Name, fmt.Errorf("the dictionary of autonomous systems %s cannot be used: %w", name, err))
			lists[i].Hint = dictionaryHint
		case err != nil:
			lists[i] = failedCheck(asn.Name, err)
		default:
			if problem := dictionaryProblem(dictionary); problem != "" {
				lists[i] = check{Name: asn.Name, Message: fmt.Sprintf("The dictionary of autonomous systems %s %s: ASN is empty and no network suspicious.", name, problem), Hint: dictionaryHint}
			} else {
				lists[i].Message = fmt.Sprintf("Autonomous systems are read from %s: %s is in AS%d.", name, dictionary.Prefix, dictionary.ASN)
			}
		}
	}
	return lists
}

const dictionaryHint = "Make it as `fluxhound schema print --asn` does: LAYOUT(IP_TRIE), the key Prefix String, ASN UInt32, Name String; then fill its table and run SYSTEM RELOAD DICTIONARY (docs/asn.md)."

// dictionaryProblem is what is wrong with a dictionary; empty where it is as docs/asn.md says.
func dictionaryProblem(d clickhouse.Dictionary) string {
	switch {
	case d.Layout != "" && d.Layout != "Trie":
		return fmt.Sprintf("has the layout %s, and must have ip_trie", strings.ToLower(d.Layout))
	case d.ASNType != "UInt32":
		return fmt.Sprintf("has ASN of type %s, and must have UInt32", d.ASNType)
	case d.NameType != "String":
		return fmt.Sprintf("has Name of type %s, and must have String", d.NameType)
	case d.Prefix == "":
		return "is empty"
	case d.ASN == 0:
		return "does not find " + d.Prefix + ", which is in it"
	}
	return ""
}
