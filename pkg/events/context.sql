-- The events around one of them, nearest first.
-- Rows in:  events of the window that pass the query's filters.
-- Row out:  one event. One row more than asked for is read, so that a cut result shows.
-- Parameters: contextTime, contextDevice, limit; from, to and filter* belong to the source.
{{template "mapped" .}}
{{template "select" .}}
FROM mapped
WHERE Timestamp {{if .After}}>={{else}}<{{end}} {contextTime:DateTime64(3, 'UTC')}
{{- if .Device}}
  AND DeviceId = {contextDevice:String}
{{- end}}
ORDER BY Timestamp {{if .After}}ASC{{else}}DESC{{end}}, {{template "rest" .}}
LIMIT {limit:Int64}
