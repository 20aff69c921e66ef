-- What was found, as it is remembered: which findings are new, open or gone, and what was said of them.
-- Rows in:  the runs of the questions that are asked, and the findings that they have found.
-- Row out:  one finding of one question, found last at the window's beginning or later, and first by its end.
-- Parameters: findings_*, as declared in params.go; findingKeys and severities, those that are looked at; from, to and filter* belong to the source.
WITH
-- The newest run of each question of which all is there: what it found is open.
newest AS
(
    SELECT Question, max(Run) AS NewestRun, argMax(RunRule, Run) AS Rule
    FROM
    (
        SELECT Question, Run, Build, any(runs.Rule) AS RunRule
        FROM {{.Runs}} AS runs
        WHERE Run > {findings_since:DateTime64(3, 'UTC')}
        GROUP BY Question, Run, Build
        HAVING {{.Whole}}
    )
    GROUP BY Question
),
remembered AS
(
    SELECT
        QueryType,
        Question,
        FindingKey,
        toDateTime64(min(f.FirstDetected), 3, 'UTC') AS FirstDetected,
        toDateTime64(max(f.LastDetected), 3, 'UTC') AS LastDetected,
        -- of all that is kept of it what all detectors have, as it was found last
        JSONExtract(argMaxMerge(Latest), '{{.Kept}}') AS Finding
    FROM {{.Findings}} AS f
    WHERE Question IN (SELECT Question FROM newest)
    GROUP BY QueryType, Question, FindingKey
    HAVING LastDetected >= {from:DateTime64(3, 'UTC')} AND FirstDetected <= {to:DateTime64(3, 'UTC')}
),
{{- if .Verdicts}}
-- The newest word on each finding. One that has run out, or was taken back, is none.
judged AS
(
    SELECT FindingKey, SaidOf, if(Word = 'none' OR Expires != toDateTime(0, 'UTC') AND Expires <= {to:DateTime64(3, 'UTC')}, '', Word) AS Verdict, Note, Who, Said
    FROM
    (
        SELECT FindingKey, toString(argMax(v.Verdict, v.At)) AS Word, argMax(v.Until, v.At) AS Expires, argMax(v.Note, v.At) AS Note, argMax(v.Who, v.At) AS Who, if(argMax(v.Severity, v.At) = '', 'critical', toString(argMax(v.Severity, v.At))) AS SaidOf, max(v.At) AS Said
        FROM {{.VerdictsTable}} AS v
        GROUP BY FindingKey
    )
),
{{- end}}
findings AS
(
    SELECT
        t.*,
{{- if .Verdicts}}
        judged.Verdict AS Verdict,
        if(judged.Verdict = '', '', judged.Note) AS VerdictNote,
        if(judged.Verdict = '', '', judged.Who) AS VerdictBy,
        if(judged.Verdict = '', NULL, judged.Said) AS VerdictAt
{{- else}}
        '' AS Verdict,
        '' AS VerdictNote,
        '' AS VerdictBy,
        CAST(NULL, 'Nullable(DateTime64(3, \'UTC\'))') AS VerdictAt
{{- end}}
    FROM
    (
        SELECT
            remembered.QueryType AS QueryType,
            newest.Rule AS Rule,
            remembered.FindingKey AS FindingKey,
            remembered.FirstDetected AS FirstDetected,
            remembered.LastDetected AS LastDetected,
            multiIf(remembered.LastDetected < newest.NewestRun, 'gone', remembered.FirstDetected >= {to:DateTime64(3, 'UTC')} - toIntervalHour({findings_newSince:Int64}), 'new', 'open') AS Status,
{{- range .Fields}}
            tupleElement(Finding, '{{.}}') AS {{.}},
{{- end}}
            arrayZip(tupleElement(Finding, 'EveryDeviceId'), tupleElement(Finding, 'EveryDeviceName')) AS EveryDevice
        FROM remembered
        INNER JOIN newest USING (Question)
    ) AS t
{{- if .Verdicts}}
    LEFT JOIN judged USING (FindingKey)
{{- end}}
    WHERE (empty({findings_status:Array(String)}) OR Status IN {findings_status:Array(String)})
      AND (empty({findings_rules:Array(String)}) OR Rule IN {findings_rules:Array(String)}){{.Filters}}
{{- if .Keys}}
      AND t.FindingKey IN {findingKeys:Array(String)}
{{- end}}
{{- if .Graded}}
      AND has({severities:Array(String)}, t.Severity)
{{- end}}
{{- if .Verdicts}}
{{- if .Mutes}}
      -- what an analyst calls benign, unless it has become graver since
      AND NOT (judged.Verdict = 'benign' AND indexOf({{.Severities}}, Severity) <= indexOf({{.Severities}}, judged.SaidOf))
{{- end}}
      AND (empty({findings_verdicts:Array(String)}) OR if(judged.Verdict = '', 'none', judged.Verdict) IN {findings_verdicts:Array(String)})
{{- else}}
      AND (empty({findings_verdicts:Array(String)}) OR 'none' IN {findings_verdicts:Array(String)})
{{- end}}
)
