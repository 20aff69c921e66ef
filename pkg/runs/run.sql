-- A run: one question, asked of its detector over the look-back. Each row says how many findings there are: a run of which a row is
-- missing is not believed. One that finds nothing has a row all the same.
-- Rows in:  findings, with all that is known of each.
-- Row out:  one finding, Place counting from 1; without any one row of Place 0.
SELECT
    {{.Question}} AS Question,
    {{.QueryType}} AS QueryType,
    {{.Rule}} AS Rule,
    {{.To}} AS Run,
    toInt64(randConstant()) AS Build,
    toUInt32({{.EverySeconds}}) AS RunEvery,
    toUInt32(if(found.There = 0, 0, row_number() OVER ())) AS Place,
    toUInt64(sum(found.There) OVER ()) AS RunFindings,
{{- range .Columns}}
    found.{{.Name}} AS {{.Name}},
{{- end}}
    found.Finding AS Finding
FROM (SELECT 1 AS One) AS run
LEFT JOIN
(
    SELECT
        1 AS One,
        1 AS There,
        *,
        toJSONString(({{range $i, $c := .Columns}}{{if $i}}, {{end}}{{$c.Name}}{{end}})::Tuple({{range $i, $c := .Columns}}{{if $i}}, {{end}}{{$c.Name}} {{$c.Type}}{{end}})) AS Finding
    FROM
    (
        {{.Statement}}
    )
) AS found USING (One)
