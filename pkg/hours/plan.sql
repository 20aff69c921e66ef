-- First step: which hours are to be made, the newest first, and of what their days are made before anybody reads them.
-- Row out:  one planned hour.
{{.Known}}
-- also the days of which something was left, although nothing has happened to them since
dates AS
(
    SELECT Date FROM changed
    UNION DISTINCT
    SELECT toUInt32OrZero(Day) FROM standing WHERE Build = 0
),
{{.Counted}},
{{- if .Patient}}
made AS
(
    SELECT Hour, max(MadeAt) AS LastMade
    FROM {{.Hours}}
    WHERE toYYYYMMDD(Hour) IN (SELECT Date FROM dates)
    GROUP BY Hour
),
{{- end}}
stale AS
(
    SELECT counted.Hour AS Hour, counted.Events AS Events, counted.Times AS Times
    FROM counted
{{- if .Patient}}
    LEFT JOIN made ON made.Hour = counted.Hour
{{- end}}
    WHERE NOT counted.Stands
      -- over for so long that most of its events have come
      AND counted.Hour + INTERVAL 1 HOUR + INTERVAL {{.SettleSeconds}} SECOND <= now()
{{- if .Patient}}
      -- An hour into which events keep coming late is made again after twice the time, so that it is made a few times and not
      -- at each run.
      AND dateDiff('second', made.LastMade, now64(3)) >= least(3600, dateDiff('second', counted.Hour + INTERVAL 1 HOUR, made.LastMade))
{{- end}}
),
-- so many at a time as fit into memory, and at least one
chosen AS
(
    SELECT Hour, Events, Times, sum(Events) OVER (ORDER BY Hour DESC) - Events AS Before
    FROM stale
)
SELECT
    {{.Source}} AS Source,
    'planned' AS Step,
    chosen.Hour AS Hour,
    toInt64(0) AS Build,
    toUInt64(0) AS HourRows,
    chosen.Events AS Events,
    chosen.Times AS Times,
    prints.Day AS Day,
    prints.Parts AS Parts,
    prints.MinBlock AS MinBlock,
    prints.MaxBlock AS MaxBlock,
    prints.Rows AS Rows,
    prints.Mutation AS Mutation,
    prints.Started AS Started,
    now64(3) AS At
FROM chosen
INNER JOIN prints ON prints.Day = toString(toYYYYMMDD(chosen.Hour))
WHERE chosen.Before < {{.MostEvents}}
SETTINGS join_use_nulls = 0
