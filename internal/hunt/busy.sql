-- Which steps of time hold events, and how many.
SELECT
    toDateTime64(toInt64(floor(toUnixTimestamp64Milli(Timestamp) / {{.StepMillis}})) * {{.StepMillis}} / 1000, 3, 'UTC') AS Start,
    toInt64(count()) AS Events
FROM {{.Table}}
GROUP BY Start
ORDER BY Start
