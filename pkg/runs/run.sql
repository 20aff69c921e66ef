-- A run: one question, asked of its detector over the look-back. What it finds is one block, with a row before it that says how many
-- findings there are: a run of which a row is missing is not believed.
-- Rows in:  findings, with all that is known of each.
-- Row out:  one finding, Place counting from 1; and the row of Place 0.
SELECT
    {{.Question}} AS Question,
    {{.QueryType}} AS QueryType,
    {{.Rule}} AS Rule,
    {{.To}} AS Run,
    toInt64(randConstant()) AS Build,
    toUInt32({{.EverySeconds}}) AS RunEvery,
    toUInt32(Number - 1) AS Place,
    toUInt64(length(Found)) AS RunFindings
{{- range .Columns}},
    tupleElement(Row, {{.Number}}) AS {{.Name}}
{{- end}},
    tupleElement(Row, {{.Text}}) AS Finding
FROM
(
    SELECT groupArray(({{range .Columns}}{{.Name}}, {{end}}toJSONString(({{range $i, $c := .Columns}}{{if $i}}, {{end}}{{$c.Name}}{{end}})::Tuple({{range $i, $c := .Columns}}{{if $i}}, {{end}}{{$c.Name}} {{$c.Type}}{{end}})))) AS Found
    FROM
    (
        {{.Statement}}
    )
)
-- a row of nothing before the first finding
ARRAY JOIN
    arrayConcat(arrayResize(arraySlice(Found, 1, 0), 1), Found) AS Row,
    range(1, length(Found) + 2) AS Number
