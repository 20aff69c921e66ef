-- Rows in:  events of the window that pass the query's filters.
-- Row out:  one event, newest first. One row more than asked for is read, so that a cut result shows.
-- Parameters: limit; from, to and filter* belong to the source.
{{template "mapped" .}}
{{template "select" .}}
FROM mapped
ORDER BY Timestamp DESC, {{template "rest" .}}
LIMIT {limit:Int64}

{{- define "mapped"}}WITH mapped AS
(
    {{.Source.Select 4 .Columns}}
)
{{- end}}

{{- define "select"}}SELECT
{{- range $i, $c := .Kinds}}{{if $i}},{{end}}
    {{if eq $c.Kind "maybe"}}CAST({{$c.Name}}, 'Nullable(Int64)') AS {{end}}{{$c.Name}}
{{- end}}
{{- if .Logs}},
    concat(
        ActionType,
        {{if .Source.Has "InitiatingProcessFileName"}}' ', if(InitiatingProcessFileName = '', '(unknown process)', InitiatingProcessFileName),{{end}}
        ' on ', DeviceName,
        ' to ', if(RemoteUrl = '', RemoteIP, concat(RemoteUrl, ' (', RemoteIP, ')'))
        {{- if .Source.Has "RemotePort"}},
        ' port ', ifNull(toString(RemotePort), '?'){{end}}
    ) AS Body,
    if(endsWith(ActionType, 'Failed'), 'warning', 'info') AS Severity,
    -- as texts where they may be null: a hash of a null is null
    lower(hex(sipHash128({{range $i, $c := .Kinds}}{{if $i}}, {{end}}{{if eq $c.Kind "maybe"}}ifNull(toString({{$c.Name}}), ''){{else}}{{$c.Name}}{{end}}{{end}}))) AS Id
{{- end}}
{{- end}}

{{- define "rest"}}DeviceId, ActionType, RemoteIP, RemoteUrl
{{- range .Kinds}}{{if eq .Kind "maybe"}}, {{.Name}}{{end}}{{end}}
{{- end}}
