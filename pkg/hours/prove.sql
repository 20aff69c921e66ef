-- Third step: what was made is noted where it is what the events are. Read in one go, the events tell how many they are in each
-- hour and which parts they lie in: the note is of these parts.
-- Row out:  one noted hour; Build 0 where nothing stands for its events.
{{.Known}}
planned AS
(
    SELECT
        Hour,
        argMaxIf((MinBlock, Mutation, Started), At, Step = 'planned') AS Before,
        maxIf(At, Step = 'planned') AS PlannedAt
    FROM {{.Made}}
    WHERE Source = {{.Source}}
    GROUP BY Hour
    HAVING PlannedAt > maxIf(At, Step = 'made')
),
dates AS
(
    SELECT Date FROM changed
    UNION DISTINCT
    SELECT toYYYYMMDD(Hour) FROM planned
),
read AS
(
    SELECT toStartOfHour({{.At}}) AS Hour, _part AS Part, count() AS Events, sum(toUInt64(toUnixTimestamp({{.At}}))) AS Times
    FROM {{.Events}} AS t
    WHERE toYYYYMMDD({{.At}}) IN (SELECT Date FROM dates)
    GROUP BY Hour, Part
),
-- parts that were merged away since are listed for some minutes
footing AS
(
    SELECT
        toString(toYYYYMMDD(parts_read.Date)) AS Day,
        -- a part that is not listed any more tells nothing
        if(countIf(listed.name = '') > 0, 0, sum(cityHash64(listed.name, listed.hash_of_all_files))) AS Parts,
        min(listed.min_block_number) AS MinBlock,
        max(listed.max_block_number) AS MaxBlock,
        sum(listed.rows) AS Rows,
        max(toInt64OrZero(arrayElement(splitByChar('_', listed.name), 5))) AS PartsMutation
    FROM (SELECT toDate(Hour) AS Date, Part FROM read GROUP BY Date, Part) AS parts_read
    LEFT JOIN (SELECT * FROM system.parts WHERE database = {{.DatabaseText}} AND table = {{.EventsText}}) AS listed ON listed.name = parts_read.Part
    GROUP BY Day
),
counted AS
(
    SELECT Hour, toString(toYYYYMMDD(Hour)) AS Day, sum(read.Events) AS Events, sum(read.Times) AS Times
    FROM read
    GROUP BY Hour
),
made AS
(
    SELECT Hour, Build, any(MadeAt) AS MadeAt, toUInt64(sum(Connections)) AS Events, sum(arraySum(Seconds)) AS Times, count() AS HourRows
    FROM {{.Hours}}
    WHERE toYYYYMMDD(Hour) IN (SELECT Date FROM dates)
    GROUP BY Hour, Build
),
-- of the planned hours what was made since
fresh AS
(
    SELECT
        made.Hour AS Hour,
        argMax(made.Build, (made.MadeAt, made.Build)) AS Build
    FROM made
    INNER JOIN planned ON planned.Hour = made.Hour
    INNER JOIN counted ON counted.Hour = made.Hour
    INNER JOIN footing ON footing.Day = counted.Day
    INNER JOIN prints ON prints.Day = counted.Day
    WHERE made.MadeAt >= planned.PlannedAt AND made.Events = counted.Events AND made.Times = counted.Times
      -- nothing that was there before the hour was read has been changed or replaced since
      AND planned.Before.1 = footing.MinBlock AND planned.Before.2 = greatest(prints.Mutation, footing.PartsMutation) AND abs(planned.Before.3 - prints.Started) <= 5
    GROUP BY Hour
),
decided AS
(
    SELECT
        counted.Hour AS Hour,
        counted.Events AS Events,
        counted.Times AS Times,
        footing.Day AS Day,
        footing.Parts AS Parts,
        footing.MinBlock AS MinBlock,
        footing.MaxBlock AS MaxBlock,
        footing.Rows AS Rows,
        greatest(prints.Mutation, footing.PartsMutation) AS NowMutation,
        prints.Started AS NowStarted,
        -- what stood before stands on where only other hours have changed
        standing.Kin AND standing.Events = counted.Events AND standing.Times = counted.Times AND footing.MinBlock = prints.MinBlock AND footing.PartsMutation <= prints.Mutation AS Stands,
        multiIf(fresh.Build > 0, fresh.Build, Stands, standing.Build, toInt64(0)) AS Chosen
    FROM counted
    INNER JOIN footing ON footing.Day = counted.Day
    INNER JOIN prints ON prints.Day = counted.Day
    LEFT JOIN standing ON standing.Hour = counted.Hour
    LEFT JOIN fresh ON fresh.Hour = counted.Hour
)
SELECT
    {{.Source}} AS Source,
    'made' AS Step,
    decided.Hour AS Hour,
    decided.Chosen AS Build,
    made.HourRows AS HourRows,
    decided.Events AS Events,
    decided.Times AS Times,
    decided.Day AS Day,
    decided.Parts AS Parts,
    decided.MinBlock AS MinBlock,
    decided.MaxBlock AS MaxBlock,
    decided.Rows AS Rows,
    decided.NowMutation AS Mutation,
    decided.NowStarted AS Started,
    now64(3) AS At
FROM decided
LEFT JOIN made ON made.Build = decided.Chosen
UNION ALL
-- what was planned and has no events any more is done with
SELECT {{.Source}}, 'made', Hour, toInt64(0), toUInt64(0), toUInt64(0), toUInt64(0), '', toUInt64(0), toInt64(0), toInt64(0), toUInt64(0), toInt64(0), toInt64(0), now64(3)
FROM planned
WHERE Hour NOT IN (SELECT Hour FROM counted)
SETTINGS join_use_nulls = 0
