-- The newest run of each question of which all is there.
-- Row out:  one question.
SELECT
    Question AS Asked,
    max(Run) AS Newest,
    argMax(Build, (Run, Build)) AS NewestBuild,
    toInt64(argMax(Every, (Run, Build))) AS Seconds,
    toInt64(argMax(Findings, (Run, Build))) AS Found,
    argMax(Name, (Run, Build)) AS NewestRule
FROM
(
    SELECT Question, Run, Build, any(RunEvery) AS Every, any(RunFindings) AS Findings, toString(any(Rule)) AS Name
    FROM {{.Runs}}
    WHERE Run > {since:DateTime64(3, 'UTC')}
    GROUP BY Question, Run, Build
    HAVING {{.Whole}}
)
GROUP BY Asked
ORDER BY Asked
