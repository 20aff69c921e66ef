,
-- One row a set of labels: the highest alert value in the window.
numbers AS
(
    SELECT
{{- range .Labels}}
        {{.}},
{{- end}}
{{- if .Devices}}
        {{if .Unique}}{{.Devices}}{{else}}any({{.Devices}}){{end}} AS Devices,
{{- end}}
{{- if .FindingKey}}
        {{if .Unique}}{{.FindingKey}}{{else}}any({{.FindingKey}}){{end}} AS FindingKey,
{{- end}}
{{- range .Details}}
        {{if $.Unique}}{{.SQL}}{{else}}argMax({{.SQL}}, {{$.Value}}){{end}} AS {{.Name}},
{{- end}}
        toFloat64({{if .Unique}}{{.Value}}{{else}}max({{.Value}}){{end}}) AS Value
{{- range .Hidden}},
        {{if $.Unique}}{{$.From}}.{{.Name}}{{else}}max({{$.From}}.{{.Name}}){{end}} AS {{.Name}}
{{- end}}
    FROM {{.From}}
{{- if not .Unique}}
    GROUP BY {{.Identity}}
{{- end}}
),
-- Who comes first where not all may be shown: the gravest finding of each device before the second of any, so that no device
-- takes the place of another.
turns AS
(
{{- if .Devices}}
    -- what several devices share comes as early as for the one with the fewest
    SELECT
        {{.Identity}},
        any(Value) AS Value,
{{- if .FindingKey}}
        any(FindingKey) AS FindingKey,
{{- end}}
{{- range .Details}}
        any(OfDevice.{{.Name}}) AS {{.Name}},
{{- end}}
{{- range .Hidden}}
        max(OfDevice.{{.Name}}) AS {{.Name}},
{{- end}}
        min(Turn) AS DeviceTurn
    FROM
    (
        SELECT {{.Identity}}, Value{{if .FindingKey}}, FindingKey{{end}}{{range .Details}}, {{.Name}}{{end}}{{range .Hidden}}, {{.Name}}{{end}}, row_number() OVER (PARTITION BY Device ORDER BY Value DESC, {{.Identity}}) AS Turn
        FROM numbers
        ARRAY JOIN Devices AS Device
    ) AS OfDevice
    GROUP BY {{.Identity}}
{{- else}}
    SELECT
        *,
        row_number() OVER (PARTITION BY if(DeviceId = '', DeviceName, DeviceId) ORDER BY Value DESC, {{.Identity}}) AS DeviceTurn
    FROM numbers
{{- end}}
),
-- Rank 1 is shown first. Findings is how many there are, shown or not.
ranked AS
(
    SELECT
        *,
{{- if .Hidden}}
        -- a row that stands for what the allowlist hides is none
        toInt64(countIf(OnlyHidden = 0) OVER ()) AS Findings,
{{- else}}
        toInt64(count() OVER ()) AS Findings,
{{- end}}
{{- if .Destination}}
        toInt64(row_number() OVER (ORDER BY greatest(DeviceTurn, DestinationTurn), Value DESC, {{.Identity}})) AS Rank
    FROM
    (
        -- the same for each destination, whose devices take turns
        SELECT
            *,
            row_number() OVER (PARTITION BY {{.Destination}} ORDER BY DeviceTurn, Value DESC, {{.Identity}}) AS DestinationTurn
        FROM turns
    )
{{- else}}
        toInt64(row_number() OVER (ORDER BY DeviceTurn, Value DESC, {{.Identity}})) AS Rank
    FROM turns
{{- end}}
    ORDER BY Rank
    LIMIT {limit:Int64}
)
