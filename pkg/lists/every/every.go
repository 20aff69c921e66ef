// Package every holds the one explicit list of lists.
package every

import (
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/lists"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/lists/allowed"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/lists/asn"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/lists/suffixes"
)

// List returns every list, in the order in which the health check tells of them. A new list is one line here.
func List() []lists.List {
	return []lists.List{
		allowed.List{},
		suffixes.List{},
		asn.List{},
	}
}
