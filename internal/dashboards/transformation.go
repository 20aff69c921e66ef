package dashboards

import (
	"maps"
	"slices"
)

// keepOnly keeps the rows whose field has the value.
func keepOnly(field, value string) Transformation {
	return Transformation{ID: "filterByValue", Options: object{
		"type": "include", "match": "all",
		"filters": []object{{"fieldName": field, "config": object{"id": "equal", "options": object{"value": value}}}},
	}}
}

// countBy counts rows by fields; the count is the field that countOf names.
func countBy(counted string, fields ...string) Transformation {
	return groupBy(counted, "count", fields)
}

// maxBy takes the highest number by fields; it is the field that maxOf names.
func maxBy(number string, fields ...string) Transformation { return groupBy(number, "max", fields) }

func maxOf(number string) string { return number + " (max)" }

func groupBy(field, aggregation string, fields []string) Transformation {
	of := object{field: object{"operation": "aggregate", "aggregations": []string{aggregation}}}
	for _, f := range fields {
		of[f] = object{"operation": "groupby", "aggregations": []string{}}
	}
	return Transformation{ID: "groupBy", Options: object{"fields": of}}
}

func countOf(counted string) string { return counted + " (count)" }

// sortDown sorts rows by a field, the highest first.
func sortDown(field string) Transformation {
	return Transformation{ID: "sortBy", Options: object{"fields": object{}, "sort": []object{{"field": field, "desc": true}}}}
}

// listAsText turns a field's lists into their JSON, which a cell of pills reads as a list all the same. Grafana reckons the height of
// wrapped pills by the list's own text, in which it takes each comma within a pill for the end of one.
func listAsText(field string) Transformation {
	return Transformation{ID: "convertFieldType", Options: object{"fields": object{}, "conversions": []object{
		{"targetField": field, "destinationType": "string"},
	}}}
}

// asText turns a time into a text.
func asText(field, format string) Transformation {
	return Transformation{ID: "convertFieldType", Options: object{"fields": object{}, "conversions": []object{
		{"targetField": field, "destinationType": "string", "dateFormat": format},
	}}}
}

// total adds up the series to one.
func total(name string) Transformation {
	return Transformation{ID: "calculateField", Options: object{
		"mode": "reduceRow", "reduce": object{"reducer": "sum"}, "replaceFields": true, "alias": name,
	}}
}

// hostField is what hostOfURL adds.
const hostField = "Host"

// hostOfURL adds the host of RemoteUrl, which may be a whole URL, cut to what a wall has room for.
func hostOfURL() Transformation {
	return Transformation{ID: "extractFields", Options: object{
		"source": "RemoteUrl", "format": "regexp", "replace": false, "keepTime": false,
		"regExp": `/^(?:[a-z][a-z0-9+.-]*:\/\/)?(?:[^\/?#]*@)?(?<` + hostField + `>[^\/:?#]{0,32})/i`,
	}}
}

// renamed calls fields whose name begins with one of the words by another in its place.
func renamed(words map[string]string) []Transformation {
	var list []Transformation
	for _, word := range slices.Sorted(maps.Keys(words)) {
		list = append(list, Transformation{ID: "renameByRegex", Options: object{"regex": `^` + word + `\b(.*)$`, "renamePattern": words[word] + "$1"}})
	}
	return list
}

// only keeps the named fields.
func only(fields ...string) Transformation {
	return Transformation{ID: "filterFieldsByName", Options: object{"include": object{"names": fields}}}
}

// columns orders a table's columns and leaves some out.
func columns(hidden []string, order ...string) Transformation {
	exclude, index := object{}, object{}
	for _, name := range hidden {
		exclude[name] = true
	}
	for i, name := range order {
		index[name] = i
	}
	return Transformation{ID: "organize", Options: object{"excludeByName": exclude, "indexByName": index, "renameByName": object{}}}
}
