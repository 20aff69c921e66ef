-- What each day of events is made of now, and what was noted of its hours. Nothing of the events is read for it.
-- Row out:  prints: one day; merging changes of its columns nothing but Parts, and whatever else is done to a day changes some.
--           standing: one noted hour. Same: nothing has happened to its day since. Kin: rows may have come, none was changed.
--           changed: the days of which some hour is not noted as they are now.
WITH
prints AS
(
    SELECT
        Day,
        sumIf(cityHash64(name, hash_of_all_files), NOT Patch) AS Parts,
        minIf(min_block_number, NOT Patch) AS MinBlock, -- an insert, ATTACH and REPLACE take higher numbers
        maxIf(max_block_number, NOT Patch) AS MaxBlock,
        sumIf(rows, NOT Patch) AS Rows,
        -- what an UPDATE or DELETE counts up: the fifth number in a part's name
        max(if(Patch, toInt64(data_version), toInt64OrZero(arrayElement(splitByChar('_', name), 5)))) AS Mutation,
        -- a server that starts anew may give a number again
        {{if .Replicated}}toInt64(0){{else}}toInt64(toUnixTimestamp(now())) - toInt64(uptime()){{end}} AS Started
    FROM
    (
        -- a patch belongs to the day that it patches, which ends its partition's name
        SELECT *, arrayElement(splitByChar('-', partition_id), -1) AS Day, startsWith(partition_id, 'patch-') AS Patch
        FROM system.parts
        WHERE database = {{.DatabaseText}} AND table = {{.EventsText}} AND active
    )
    -- younger than the hours' retention by a day, and no day that a wrong clock wrote
    WHERE toUInt32OrZero(Day) BETWEEN toYYYYMMDD(now('UTC') - INTERVAL {{.RetentionDays}} DAY + INTERVAL 1 DAY) AND toYYYYMMDD(now('UTC') + INTERVAL 1 DAY)
    GROUP BY Day
),
-- The rows that are kept of each day's hours: fewer than were noted means that somebody took some away.
kept AS
(
    SELECT partition_id AS Day, sum(rows) AS Rows
    FROM system.parts
    WHERE database = {{.DatabaseText}} AND table = {{.HoursText}} AND active
    GROUP BY Day
),
noted AS
(
    SELECT
        Hour,
        argMax((Build, Events, Times, Day, Parts, MinBlock, MaxBlock, Rows, Mutation, Started, HourRows), (At, Build)) AS Newest
    FROM {{.Made}}
    WHERE Source = {{.Source}} AND Step = 'made'
    GROUP BY Hour
),
standing AS
(
    SELECT
        noted.Hour AS Hour,
        noted.Newest.1 AS Build,
        noted.Newest.2 AS Events,
        noted.Newest.3 AS Times,
        noted.Newest.4 AS Day,
        sum(if(Build = 0, 0, noted.Newest.11)) OVER (PARTITION BY noted.Newest.4) <= kept.Rows AS Whole,
        Whole AND abs(noted.Newest.10 - prints.Started) <= 5 AND noted.Newest.6 = prints.MinBlock AND noted.Newest.9 = prints.Mutation AND prints.Rows > 0 AS Kin,
        Whole AND noted.Newest.5 = prints.Parts AND noted.Newest.9 = prints.Mutation OR Kin AND noted.Newest.7 = prints.MaxBlock AND noted.Newest.8 = prints.Rows AS Same
    FROM noted
    LEFT JOIN prints ON prints.Day = noted.Newest.4
    LEFT JOIN kept ON kept.Day = noted.Newest.4
),
changed AS
(
    SELECT toUInt32OrZero(Day) AS Date
    FROM prints
    WHERE Day NOT IN (SELECT Day FROM standing GROUP BY Day HAVING min(Same))
),
