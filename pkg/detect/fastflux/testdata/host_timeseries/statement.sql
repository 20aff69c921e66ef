-- PotentialFastFluxActivity by host: a name that has many addresses in many networks.
-- Rows in:  events of the window that pass the query's filters.
-- Row out:  one host whose fluxiness reaches the threshold.
-- Parameters: fastFlux_*, as declared in params.go; from, to and filter* belong to the source.
WITH
-- The events table under the analytic's column names.
mapped AS
(
    SELECT
        t."Timestamp" AS Timestamp,
        t."DeviceId" AS DeviceId,
        t."DeviceName" AS DeviceName,
        multiIf(match(t."DeviceId", '^[0-9A-Za-z_-]*[1-9][0-9A-Za-z_-]*$'), lower(t."DeviceId"), match(t."DeviceId", '^[0-9A-Za-z_-]*[A-Za-z][0-9A-Za-z_-]*(?:[.][0-9A-Za-z_-]+)*[.][A-Za-z][0-9A-Za-z-]+$'), lower(extract(t."DeviceId", '^[^.]+')), if(replaceRegexpOne(replaceRegexpOne(replaceRegexpOne(replaceRegexpOne(lowerUTF8(toValidUTF8(replaceRegexpOne(replaceRegexpOne(replaceRegexpAll(t."DeviceId", '^[\\pZ\\pC"\']+|[\\pZ\\pC"\']+$', ''), '(?i)^[(<{\\[]?(?:[-?*.]+|#?n/?a|n[.]a[.]|nan|nil|null|none|undefined|unknown|unset|empty|missing|not (?:available|applicable|set)|\\\\N)?[])>}]?$', ''), '^[{(]?0{8}[0-]*[)}]?$', ''))), '(?s)^[^\\\\]+[\\\\](.+)$', '\\1'), '(?s)^(.*[^.$])[.$]+$', '\\1'), '^(?:\\[?(?:::ffff:)?([0-9]+[.][0-9]+[.][0-9]+[.][0-9]+)(?:\\]?:[0-9]+|\\])?|\\[?([0-9a-f]*:[0-9a-f]*:[0-9a-f:.]*)(?:%[^]]*)?(?:\\](?::[0-9]+)?)?|[{(]([0-9a-f-]{36})[)}])$', '\\1\\2\\3'), '^([A-Za-z\\x{80}-\\x{10FFFF}0-9_-]*[A-Za-z\\x{80}-\\x{10FFFF}][A-Za-z\\x{80}-\\x{10FFFF}0-9_-]*)(?:[.][A-Za-z\\x{80}-\\x{10FFFF}0-9_-]+)*[.][A-Za-z\\x{80}-\\x{10FFFF}][A-Za-z\\x{80}-\\x{10FFFF}0-9-]+$', '\\1') = '', multiIf(match(t."DeviceName", '^[0-9A-Za-z_-]*[1-9][0-9A-Za-z_-]*$'), lower(t."DeviceName"), match(t."DeviceName", '^[0-9A-Za-z_-]*[A-Za-z][0-9A-Za-z_-]*(?:[.][0-9A-Za-z_-]+)*[.][A-Za-z][0-9A-Za-z-]+$'), lower(extract(t."DeviceName", '^[^.]+')), replaceRegexpOne(replaceRegexpOne(replaceRegexpOne(replaceRegexpOne(lowerUTF8(toValidUTF8(replaceRegexpOne(replaceRegexpAll(t."DeviceName", '^[\\pZ\\pC"\']+|[\\pZ\\pC"\']+$', ''), '(?i)^[(<{\\[]?(?:[-?*.]+|#?n/?a|n[.]a[.]|nan|nil|null|none|undefined|unknown|unset|empty|missing|not (?:available|applicable|set)|\\\\N)?[])>}]?$', ''))), '(?s)^[^\\\\]+[\\\\](.+)$', '\\1'), '(?s)^(.*[^.$])[.$]+$', '\\1'), '^(?:\\[?(?:::ffff:)?([0-9]+[.][0-9]+[.][0-9]+[.][0-9]+)(?:\\]?:[0-9]+|\\])?|\\[?([0-9a-f]*:[0-9a-f]*:[0-9a-f:.]*)(?:%[^]]*)?(?:\\](?::[0-9]+)?)?|[{(]([0-9a-f-]{36})[)}])$', '\\1\\2\\3'), '^([A-Za-z\\x{80}-\\x{10FFFF}0-9_-]*[A-Za-z\\x{80}-\\x{10FFFF}][A-Za-z\\x{80}-\\x{10FFFF}0-9_-]*)(?:[.][A-Za-z\\x{80}-\\x{10FFFF}0-9_-]+)*[.][A-Za-z\\x{80}-\\x{10FFFF}][A-Za-z\\x{80}-\\x{10FFFF}0-9-]+$', '\\1')), replaceRegexpOne(replaceRegexpOne(replaceRegexpOne(replaceRegexpOne(lowerUTF8(toValidUTF8(replaceRegexpOne(replaceRegexpOne(replaceRegexpAll(t."DeviceId", '^[\\pZ\\pC"\']+|[\\pZ\\pC"\']+$', ''), '(?i)^[(<{\\[]?(?:[-?*.]+|#?n/?a|n[.]a[.]|nan|nil|null|none|undefined|unknown|unset|empty|missing|not (?:available|applicable|set)|\\\\N)?[])>}]?$', ''), '^[{(]?0{8}[0-]*[)}]?$', ''))), '(?s)^[^\\\\]+[\\\\](.+)$', '\\1'), '(?s)^(.*[^.$])[.$]+$', '\\1'), '^(?:\\[?(?:::ffff:)?([0-9]+[.][0-9]+[.][0-9]+[.][0-9]+)(?:\\]?:[0-9]+|\\])?|\\[?([0-9a-f]*:[0-9a-f]*:[0-9a-f:.]*)(?:%[^]]*)?(?:\\](?::[0-9]+)?)?|[{(]([0-9a-f-]{36})[)}])$', '\\1\\2\\3'), '^([A-Za-z\\x{80}-\\x{10FFFF}0-9_-]*[A-Za-z\\x{80}-\\x{10FFFF}][A-Za-z\\x{80}-\\x{10FFFF}0-9_-]*)(?:[.][A-Za-z\\x{80}-\\x{10FFFF}0-9_-]+)*[.][A-Za-z\\x{80}-\\x{10FFFF}][A-Za-z\\x{80}-\\x{10FFFF}0-9-]+$', '\\1'))) AS Device,
        t."ActionType" AS ActionType,
        multiIf((IPv4StringToNumOrDefault(t."RemoteIP") != 0 OR t."RemoteIP" = '0.0.0.0') AND length(t."RemoteIP") = 7 + (IPv4StringToNumOrDefault(t."RemoteIP") >= 0x0A000000) + (IPv4StringToNumOrDefault(t."RemoteIP") >= 0x64000000) + (bitAnd(IPv4StringToNumOrDefault(t."RemoteIP"), 0xFF0000) >= 0x0A0000) + (bitAnd(IPv4StringToNumOrDefault(t."RemoteIP"), 0xFF0000) >= 0x640000) + (bitAnd(IPv4StringToNumOrDefault(t."RemoteIP"), 0xFF00) >= 0x0A00) + (bitAnd(IPv4StringToNumOrDefault(t."RemoteIP"), 0xFF00) >= 0x6400) + (bitAnd(IPv4StringToNumOrDefault(t."RemoteIP"), 0xFF) >= 0x0A) + (bitAnd(IPv4StringToNumOrDefault(t."RemoteIP"), 0xFF) >= 0x64), t."RemoteIP", t."RemoteIP" = '', '', match(t."RemoteIP", '^[0-9A-Fa-f:]+$'), if(position(ifNull(toString(toIPv6OrNull(t."RemoteIP")), ''), '.') = 0, ifNull(toString(toIPv6OrNull(t."RemoteIP")), ''), replaceOne(ifNull(toString(toIPv6OrNull(t."RemoteIP")), ''), '::ffff:', '')), replaceRegexpOne(ifNull(toString(toIPv6OrNull(extract(toValidUTF8(t."RemoteIP"), '^[\\pZ\\pC"\']*\\[?((?:[0-9A-Fa-f:]*:)?(?:0|[1-9][0-9]*)[.](?:0|[1-9][0-9]*)[.](?:0|[1-9][0-9]*)[.](?:0|[1-9][0-9]*)|[0-9A-Fa-f:]+)(?:%[^]]*)?\\]?(?::[0-9]*)?[\\pZ\\pC"\']*$'))), ''), '^::ffff:([0-9]+[.])', '\\1')) AS RemoteAddress,
        IPv4StringToNumOrDefault(RemoteAddress) AS RemoteIPv4Number,
        t."RemoteUrl" AS RemoteUrl,
        replaceRegexpOne(replaceRegexpOne(replaceRegexpOne(replaceRegexpOne(replaceRegexpAll(replaceRegexpOne(toValidUTF8(t."InitiatingProcessFileName"), '(?s)^[\\pZ\\pC]*"([^"]*)".*$', '\\1'), '^[\\pZ\\pC"\']+|[\\pZ\\pC"\'/\\\\]+$', ''), '(?i)^[(<{\\[]?(?:[-?*.]+|#?n/?a|n[.]a[.]|nan|nil|null|none|undefined|unknown|unset|empty|missing|not (?:available|applicable|set)|\\\\N)?[])>}]?$', ''), '(?is)^(.*?[.]exe)\\pZ.*$', '\\1'), '(?i)(?:\\pZ+[(]deleted[)]|[.]app)$', ''), '(?s)^.*[/\\\\]', '') AS ProcessName
    FROM "default"."network_events" AS t
    WHERE t."Timestamp" >= {from:DateTime64(3, 'UTC')}
      AND t."Timestamp" < {to:DateTime64(3, 'UTC')}
),
hosts AS
(
    SELECT
        Timestamp,
        DeviceId,
        DeviceName,
        Device,
        RemoteAddress AS RemoteIP,
        multiIf(RemoteUrl = '', '', match(lower(RemoteUrl), '^(?:[a-z]+://)?[a-z0-9_-]+(?:[.][a-z0-9_-]+)+(?::[0-9]+)?(?:[/?#]|$)'), domain(lower(RemoteUrl)), arrayMap(host -> if(match(host, '[:[]'), replaceRegexpOne(ifNull(toString(toIPv6OrNull(extract(toValidUTF8(host), '^[\\pZ\\pC"\']*\\[?((?:[0-9A-Fa-f:]*:)?(?:0|[1-9][0-9]*)[.](?:0|[1-9][0-9]*)[.](?:0|[1-9][0-9]*)[.](?:0|[1-9][0-9]*)|[0-9A-Fa-f:]+)(?:%[^]]*)?\\]?(?::[0-9]*)?[\\pZ\\pC"\']*$'))), ''), '^::ffff:([0-9]+[.])', '\\1'), host), arrayMap(host -> replaceRegexpOne(if(match(host, '[^ -~]'), replaceAll(lowerUTF8(normalizeUTF8NFKC(host)), '。', '.'), host), '[.]+$', ''), [extract(lower(replaceRegexpOne(replaceRegexpAll(replaceAll(replaceRegexpAll(toValidUTF8(RemoteUrl), '[\\p{Cc}\\p{Cf}]', ''), '\\', '/'), '^[\\pZ\\pC"\']+|[\\pZ\\pC"\']+$', ''), '(?i)^[(<{\\[]?(?:[-?*.]+|#?n/?a|n[.]a[.]|nan|nil|null|none|undefined|unknown|unset|empty|missing|not (?:available|applicable|set)|\\\\N)?[])>}]?$', '')), '^(?:(?:https?|wss?|ftp):/*|[a-z][a-z0-9+.-]*:///*|///*)?(?:[^/?#]*@)?(\\[[^]/?#]*\\]|[0-9a-f]*:[0-9a-f]*:[0-9a-f:.]*(?:%[^/?#]*)?|[^/?#:@]*)(?::[^/?#]*)?(?:[/?#]|$)')]))[1]) AS Host,
        ProcessName
    FROM mapped
    WHERE ActionType IN {fastFlux_actionTypes:Array(String)}
      -- not(ipv4_is_private(RemoteIP)): what is no address is dropped
      AND arrayExists(number -> NOT (number BETWEEN {fastFlux_private0_first:UInt32} AND {fastFlux_private0_last:UInt32})
      AND NOT (number BETWEEN {fastFlux_private1_first:UInt32} AND {fastFlux_private1_last:UInt32})
      AND NOT (number BETWEEN {fastFlux_private2_first:UInt32} AND {fastFlux_private2_last:UInt32})
      AND (number != 0 OR RemoteAddress = '0.0.0.0'), [RemoteIPv4Number])
      -- `!in~` folds ASCII case, as lower() does; an empty name passes
      AND lower(ProcessName) NOT IN {fastFlux_excludeProcesses:Array(String)}
),
events AS
(
    SELECT
        Timestamp,
        DeviceId,
        DeviceName,
        Device,
        RemoteIP,
        Host AS RemoteUrl,
        ProcessName
    FROM hosts
    WHERE position(Host, '.') > 0 OR position(Host, ':') > 0 -- what has no name, or one without a dot that means another host in each network
),
addresses AS
(
    SELECT
        RemoteUrl,
        RemoteIP,
        -- the network that the address counts for
        bitShiftRight(IPv4StringToNumOrDefault(RemoteIP), 16) AS Network,
        count() AS Connections,
        min(Timestamp) AS FirstTime,
        max(Timestamp) AS LastTime,
        -- UTC hours, numbered from the epoch. In milliseconds, since toStartOfHour is wrong before 1970 and after 2105.
        groupUniqArray(intDiv(toUnixTimestamp64Milli(toStartOfInterval(Timestamp, toIntervalMillisecond(3600000), 'UTC')), 3600000)) AS Hours,
        groupUniqArray((Device, DeviceId, DeviceName)) AS Devices,
        argMax(events.DeviceName, (events.Timestamp, events.DeviceName)) AS NewestName,
        groupUniqArrayIf(ProcessName, ProcessName != '') AS Processes
    FROM events
    GROUP BY RemoteUrl, RemoteIP
),
flux AS
(
    SELECT
        RemoteUrl,
        toInt64(count()) AS UniqueIPs,
        toInt64(uniqExact(Network)) AS UniqueNetworks,
        (UniqueNetworks / UniqueIPs) * (1.32 * UniqueIPs + 18.54 * UniqueNetworks) AS Fluxiness,
        toInt64(sum(Connections)) AS ConnectionCount,
        min(FirstTime) AS FirstSeen,
        max(LastTime) AS LastSeen,
        groupArray(Hours) AS HoursOfAddresses,
        groupUniqArrayArray(Devices) AS AllDevices,
        toInt64(length(arrayDistinct(arrayMap(device -> device.1, AllDevices)))) AS UniqueDevices,
        argMax(NewestName, (LastTime, NewestName)) AS NewestDevice,
        arraySort(groupUniqArrayArray(Processes)) AS AllProcesses,
        arraySlice(arraySort(groupArray(RemoteIP)), 1, {fastFlux_samples:Int64}) AS SampleIPs
    FROM addresses
    GROUP BY RemoteUrl
    HAVING Fluxiness >= {fastFlux_minFluxiness:Float64}
),
churn AS
(
    SELECT
        *,
        arraySort(arrayDistinct(arrayFlatten(HoursOfAddresses))) AS Hours,
        -- of each hour, how many addresses it has, and how many of them no earlier hour of the window has
        arrayMap(hour -> arrayCount(own -> has(own, hour), HoursOfAddresses), Hours) AS Addresses,
        arrayMap(hour -> arrayCount(own -> arrayMin(own) = hour, HoursOfAddresses), Hours) AS NewAddresses,
        arrayFilter((hour, new, all) -> new / all > {fastFlux_churnOver:Float64}, Hours, NewAddresses, Addresses) AS ChurningHours
    FROM flux
),
findings AS
(
    SELECT
        LastSeen AS Timestamp,
        if(UniqueDevices = 1, NewestDevice, 'Multiple') AS DeviceName,
        SampleIPs[1] AS RemoteIP,
        RemoteUrl,
        'PotentialFastFluxActivity' AS AlertType,
        ConnectionCount,
        CAST(0, 'Nullable(Int64)') AS BytesSent,
        CAST(0, 'Nullable(Int64)') AS BytesReceived,
        arraySlice(AllProcesses, 1, {fastFlux_samples:Int64}) AS SampleProcesses,
        UniqueIPs,
        UniqueNetworks,
        Fluxiness,
        arraySum(NewAddresses) / arraySum(Addresses) AS Churn,
        -- the longest run of hours that follow each other
        toInt64(arrayMax(run -> length(run), arraySplit((hour, gap) -> gap != 1, ChurningHours, arrayDifference(ChurningHours)))) AS ChurnHours,
        UniqueDevices,
        arraySlice(arraySort(arrayDistinct(arrayFilter(name -> name != '', arrayMap(device -> device.3, AllDevices)))), 1, {fastFlux_samples:Int64}) AS SampleDevices,
        SampleIPs,
        FirstSeen,
        LastSeen,
        arrayMap(device -> if(device.1 = '', device.2, device.1), AllDevices) AS Devices
    FROM churn
)
,
-- One row a set of labels: the highest alert value in the window.
numbers AS
(
    SELECT
        RemoteUrl,
        any(Devices) AS Devices,
        toFloat64(max(Fluxiness)) AS Value
    FROM findings
    GROUP BY RemoteUrl
),
-- Who comes first where not all may be shown: the gravest finding of each device before the second of any, so that no device
-- takes the place of another.
turns AS
(
    -- what several devices share comes as early as for the one with the fewest
    SELECT
        RemoteUrl,
        any(Value) AS Value,
        min(Turn) AS DeviceTurn
    FROM
    (
        SELECT RemoteUrl, Value, row_number() OVER (PARTITION BY Device ORDER BY Value DESC, RemoteUrl) AS Turn
        FROM numbers
        ARRAY JOIN Devices AS Device
    ) AS OfDevice
    GROUP BY RemoteUrl
),
-- Rank 1 is shown first. Findings is how many there are, shown or not.
ranked AS
(
    SELECT
        *,
        toInt64(count() OVER ()) AS Findings,
        toInt64(row_number() OVER (ORDER BY greatest(DeviceTurn, DestinationTurn), Value DESC, RemoteUrl)) AS Rank
    FROM
    (
        -- the same for each destination, whose devices take turns
        SELECT
            *,
            row_number() OVER (PARTITION BY RemoteUrl ORDER BY DeviceTurn, Value DESC, RemoteUrl) AS DestinationTurn
        FROM turns
    )
    ORDER BY Rank
    LIMIT {limit:Int64}
)
-- One row a series and interval in which it has a value. Intervals are counted from the epoch, in UTC.
SELECT
    Rank,
    fromUnixTimestamp64Milli(intDiv(toUnixTimestamp64Milli(Timestamp), {interval:Int64}) * {interval:Int64}, 'UTC') AS Time,
    RemoteUrl,
    toFloat64(uniqExact(RemoteIP)) AS Value,
    any(ranked.Findings) AS Findings
FROM events
INNER JOIN ranked USING (RemoteUrl)
GROUP BY Rank, Time, RemoteUrl
ORDER BY Rank, Time
