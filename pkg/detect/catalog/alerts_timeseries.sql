-- One row a detector and interval: how many findings are at it, each in every interval from its first event to its last; one that says no
-- first is of the one that its Timestamp is in. Intervals are counted from the epoch, in UTC.
SELECT
    toInt64(dense_rank() OVER (ORDER BY {{if .Hides}}OnlyHidden, {{end}}AlertType)) AS Rank,
    fromUnixTimestamp64Milli(Place * {interval:Int64}, 'UTC') AS Time,
    Detector,
    AlertType,
    toFloat64(Step.2) AS Value
{{- if .Hides}},
    HiddenFindings,
    OnlyHidden
{{- end}}
FROM
(
    -- a number holds from where it changes to where it changes next
    SELECT
        Detector,
        AlertType,
{{- if .Hides}}
        HiddenFindings,
        OnlyHidden,
{{- end}}
        arrayJoin(arrayZip(Changes.1, arrayCumSum(Changes.2), arrayPushBack(arrayPopFront(Changes.1), Changes.1[-1]))) AS Step
    FROM
    (
        SELECT
            Detector,
            AlertType,
{{- if .Hides}}
            OnlyHidden,
            max(AllHidden) AS HiddenFindings,
{{- end}}
            sumMap([intDiv(toUnixTimestamp64Milli(Begins), {interval:Int64}), intDiv(toUnixTimestamp64Milli(Timestamp), {interval:Int64}) + 1], [toInt64(1), toInt64(-1)]) AS Changes
        FROM
        (
{{- if .Hides}}
            -- each detector's number once
            SELECT *, toInt64(sumIf(HiddenFindings, PartRow = 1) OVER ()) AS AllHidden FROM
            (SELECT *, row_number() OVER (PARTITION BY AlertType) AS PartRow FROM
            (
{{- end}}
{{- range $i, $p := .Parts}}
    {{- if $i}}
            UNION ALL{{end}}
            SELECT '{{$p.Name}}' AS Detector, Timestamp, {{$p.First}} AS Begins, AlertType{{range $p.Hidden}}, {{.}}{{end}} FROM
            (
    {{$p.SQL}}
            )
{{- end}}
{{- if .Hides}}
            ))
{{- end}}
        )
        GROUP BY Detector, AlertType{{if .Hides}}, OnlyHidden{{end}}
    )
)
ARRAY JOIN range(Step.1, Step.3) AS Place
WHERE Step.2 > 0
ORDER BY Rank, Time
