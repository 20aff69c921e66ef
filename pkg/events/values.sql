-- Rows in:  events of the window that pass the filters.
-- Row out:  one distinct value of a column, sorted. One row more than asked for is read, so that a cut result shows.
-- Parameters: limit, search; from, to and filter* belong to the source.
WITH mapped AS
(
    {{.Source.Select 4 .Column}}
)
SELECT ifNull(toString({{.Column}}), '') AS Value
FROM mapped
WHERE Value != ''
{{- if .Search}}
  AND positionCaseInsensitiveUTF8(Value, {search:String}) > 0
{{- end}}
GROUP BY Value
ORDER BY Value
LIMIT {limit:Int64}
