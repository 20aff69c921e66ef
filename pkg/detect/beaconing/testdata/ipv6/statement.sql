-- PotentialBeaconing: one device that keeps connecting to one public address at a steady rate.
-- Rows in:  events of the window that pass the query's filters.
-- Row out:  one DeviceId, DeviceName, RemoteIP and RemoteUrl that passes every threshold; by host, one device and host.
-- Parameters: beaconing_*, as declared in params.go; from, to and filter* belong to the source.
WITH
-- The events table under the analytic's column names.
mapped AS
(
    SELECT
        t."Timestamp" AS Timestamp,
        t."DeviceId" AS DeviceId,
        t."DeviceName" AS DeviceName,
        t."ActionType" AS ActionType,
        multiIf((IPv4StringToNumOrDefault(t."RemoteIP") != 0 OR t."RemoteIP" = '0.0.0.0') AND length(t."RemoteIP") = 7 + (IPv4StringToNumOrDefault(t."RemoteIP") >= 0x0A000000) + (IPv4StringToNumOrDefault(t."RemoteIP") >= 0x64000000) + (bitAnd(IPv4StringToNumOrDefault(t."RemoteIP"), 0xFF0000) >= 0x0A0000) + (bitAnd(IPv4StringToNumOrDefault(t."RemoteIP"), 0xFF0000) >= 0x640000) + (bitAnd(IPv4StringToNumOrDefault(t."RemoteIP"), 0xFF00) >= 0x0A00) + (bitAnd(IPv4StringToNumOrDefault(t."RemoteIP"), 0xFF00) >= 0x6400) + (bitAnd(IPv4StringToNumOrDefault(t."RemoteIP"), 0xFF) >= 0x0A) + (bitAnd(IPv4StringToNumOrDefault(t."RemoteIP"), 0xFF) >= 0x64), t."RemoteIP", t."RemoteIP" = '', '', match(t."RemoteIP", '^[0-9A-Fa-f:]+$'), if(position(ifNull(toString(toIPv6OrNull(t."RemoteIP")), ''), '.') = 0, ifNull(toString(toIPv6OrNull(t."RemoteIP")), ''), replaceOne(ifNull(toString(toIPv6OrNull(t."RemoteIP")), ''), '::ffff:', '')), replaceRegexpOne(ifNull(toString(toIPv6OrNull(extract(toValidUTF8(t."RemoteIP"), '^[\\pZ\\pC"\']*\\[?((?:[0-9A-Fa-f:]*:)?(?:0|[1-9][0-9]*)[.](?:0|[1-9][0-9]*)[.](?:0|[1-9][0-9]*)[.](?:0|[1-9][0-9]*)|[0-9A-Fa-f:]+)(?:%[^]]*)?\\]?(?::[0-9]*)?[\\pZ\\pC"\']*$'))), ''), '^::ffff:([0-9]+[.])', '\\1')) AS RemoteAddress,
        if(IPv4StringToNumOrDefault(RemoteAddress) != 0, toNullable(toUInt128(0xFFFF00000000 + IPv4StringToNumOrDefault(RemoteAddress))), toUInt128(toIPv6OrNull(RemoteAddress))) AS RemoteIPNumber,
        t."RemoteUrl" AS RemoteUrl,
        t."RemotePort" AS RemotePort,
        CAST(t."SentBytes", 'Nullable(Int128)') AS Sent,
        CAST(t."ReceivedBytes", 'Nullable(Int128)') AS Received,
        replaceRegexpOne(replaceRegexpOne(replaceRegexpOne(replaceRegexpOne(replaceRegexpAll(replaceRegexpOne(toValidUTF8(t."InitiatingProcessFileName"), '(?s)^[\\pZ\\pC]*"([^"]*)".*$', '\\1'), '^[\\pZ\\pC"\']+|[\\pZ\\pC"\'/\\\\]+$', ''), '(?i)^[(<{\\[]?(?:[-?*.]+|#?n/?a|n[.]a[.]|nan|nil|null|none|undefined|unknown|unset|empty|missing|not (?:available|applicable|set)|\\\\N)?[])>}]?$', ''), '(?is)^(.*?[.]exe)\\pZ.*$', '\\1'), '(?i)(?:\\pZ+[(]deleted[)]|[.]app)$', ''), '(?s)^.*[/\\\\]', '') AS ProcessName
    FROM "default"."network_events" AS t
    WHERE t."Timestamp" >= {from:DateTime64(3, 'UTC')}
      AND t."Timestamp" < {to:DateTime64(3, 'UTC')}
),
events AS
(
    SELECT
        Timestamp,
        DeviceId,
        DeviceName,
        ActionType,
        RemoteAddress AS RemoteIP,
        RemoteUrl, -- as it is written; an empty one is a value of its own
        RemotePort,
        Sent,
        Received,
        ProcessName
    FROM mapped
    WHERE -- Which connections beaconing looks at.
      -- `in` is case-sensitive, in KQL as here
      ActionType IN {beaconing_actionTypes:Array(String)}
      AND RemotePort IN {beaconing_ports:Array(Int64)}
      -- not(ipv4_is_private(RemoteIP)): what is no address is dropped
      AND arrayExists(number -> NOT (number BETWEEN {beaconing_private0_first:UInt128} AND {beaconing_private0_last:UInt128})
      AND NOT (number BETWEEN {beaconing_private1_first:UInt128} AND {beaconing_private1_last:UInt128})
      AND NOT (number BETWEEN {beaconing_private2_first:UInt128} AND {beaconing_private2_last:UInt128})
      AND NOT (number BETWEEN toUInt128('0') AND toUInt128('1')) -- ::/127
      AND NOT (number BETWEEN toUInt128('334965454937798799971759379190646833152') AND toUInt128('337623910929368631717566993311207522303')) -- fc00::/7
      AND NOT (number BETWEEN toUInt128('338288524927261089654018896841347694592') AND toUInt128('338620831926207318622244848606417780735')) -- fe80::/10
      AND NOT (number BETWEEN toUInt128('338953138925153547590470800371487866880') AND toUInt128('340282366920938463463374607431768211455')) -- ff00::/8
      AND isNotNull(number), [RemoteIPNumber])
),
-- What connects often enough, by a hash of its names: times, sizes and processes are gathered of these only. Groups that share a
-- hash count together, so that only a threshold which more connections never fail may stand here; who passes, the names decide.
repeated AS
(
    SELECT cityHash64(DeviceId, DeviceName, RemoteAddress, RemoteUrl) AS NamesHash
    FROM mapped
    -- whether the address is public is asked of those that are gathered
    WHERE ActionType IN {beaconing_actionTypes:Array(String)}
      AND RemotePort IN {beaconing_ports:Array(Int64)}
    GROUP BY NamesHash
    HAVING count() >= {beaconing_minConnections:Int64}
),
groups AS
(
    SELECT
        DeviceId,
        DeviceName,
        RemoteIP,
        RemoteUrl,
        toInt64(count()) AS ConnectionCount,
        toInt64(uniqExact(RemotePort)) AS UniqueRemotePorts,
        CAST(if(sum(Sent) > 9007199254740992, 9007199254740992, sum(Sent)), 'Nullable(Int64)') AS BytesSent,
        CAST(if(sum(Received) > 9007199254740992, 9007199254740992, sum(Received)), 'Nullable(Int64)') AS BytesReceived,
        min(Timestamp) AS FirstSeen,
        max(Timestamp) AS LastSeen,
        -- datetime_diff('hour', …) counts the hour boundaries crossed, in UTC; so does dateDiff, and age() does not
        dateDiff('hour', FirstSeen, LastSeen, 'UTC') AS DurationHours,
        ConnectionCount / DurationHours AS BeaconRate,
        groupArray(toInt64(floor(toUnixTimestamp64Milli(Timestamp) / 1000))) AS Seconds,
        groupArray(toInt64(if(Sent > 1125899906842624, 1125899906842624, Sent))) AS Sizes,
        arraySlice(arraySort(groupUniqArrayIf(ProcessName, ProcessName != '')), 1, {beaconing_samples:Int64}) AS SampleProcesses
    FROM events
    WHERE cityHash64(DeviceId, DeviceName, RemoteIP, RemoteUrl) IN (SELECT NamesHash FROM repeated)
    GROUP BY DeviceId, DeviceName, RemoteIP, RemoteUrl
    HAVING -- Which groups of connections are a beacon.
       ConnectionCount >= {beaconing_minConnections:Int64}
       -- bytes that no event of the group counts are not known, which is not 0
       AND (isNull(BytesSent) OR BytesSent > {beaconing_bytesSentOver:Int64})
       AND DurationHours > {beaconing_durationHoursOver:Int64}
       -- between: both ends are in
       AND BeaconRate >= {beaconing_minBeaconRate:Float64}
       AND BeaconRate <= {beaconing_maxBeaconRate:Float64}
),
-- The beacon score, after the formulas that RITA v5 published: how much a group of connections looks like a machine's.
-- Rows in:  groups: one row a group, with Seconds Array(Int64), the time of each connection in whole seconds, and Sizes
--           Array(Int64), the bytes sent of those that have a count, both in any order, and whatever else the group has.
-- Row out:  scored: the same with Score, its four parts, MedianInterval, Jitter and Sparkline.
-- Parameters: beaconing_from and beaconing_to, the window.
-- Intervals and sizes are judged by the same formulas, and so stand side by side in lists of two: planning a formula takes
-- longer than computing it for the groups of a million events, and so does each further relation.
(sorted) -> sorted[intDiv(length(sorted) + 1, 2)] + sorted[intDiv(length(sorted), 2) + 1] AS twiceMedian,
-- The values that stand below and above the middle; an odd number's middle one is in neither half.
(sorted) -> arraySlice(sorted, 1, intDiv(length(sorted), 2)) AS lowerHalf,
(sorted) -> arraySlice(sorted, intDiv(length(sorted) + 1, 2) + 1) AS upperHalf,
-- Quartiles come doubled. A range below 10 is not skewed, nor are quartiles that coincide.
(q1, q2, q3) -> if(q3 - q1 < 20 OR q2 = q1 OR q2 = q3, 0, (q1 + q3 - 2 * q2) / (q3 - q1)) AS skewness,
-- How close values are to their median, which comes doubled. Below 1, as only a size's can be, they are not close.
(q2, deviation) -> (q2 >= 2) * greatest(0, (q2 / 2 - deviation) / greatest(q2 / 2, 1)) AS dispersion,
-- Half a thousandth is rounded up, also where floating point takes it for a hair less.
(x) -> toInt64(floor(x * 1000 + 0.5 + 1e-9)) AS inThousandths,
(dividend, divisor) -> intDiv(dividend + divisor - 1, divisor) AS roundedUp,
-- Conditions are factors of 0 or 1 below, and no if(): that would evaluate the lists' functions row by row.
sortedValues AS
(
    SELECT
        *,
        toUnixTimestamp64Milli({beaconing_from:DateTime64(3, 'UTC')}) AS FromMillis,
        -- an empty window holds no connection
        greatest(toUnixTimestamp64Milli({beaconing_to:DateTime64(3, 'UTC')}) - FromMillis, 1) AS WindowMillis,
        [
            -- intervals: times of one second differ by 0, and so does the first from nothing
            arraySort(arrayFilter(gap -> gap > 0, arrayDifference(arraySort(Seconds)))),
            arraySort(Sizes)
        ] AS Measures,
        arrayMax(Seconds) - arrayMin(Seconds) AS SpanSeconds,
        -- the bin of 24 that each connection is in; a second that the window's start cuts begins before the window
        arrayMap(second -> toUInt8(intDiv(greatest(second * 1000 - FromMillis, 0) * 24, WindowMillis)), Seconds) AS Places,
        arrayMap(n -> toInt64(n), arrayReduce('countResample(0, 24, 1)', Places)) AS Sparkline
    FROM groups
),
quartiles AS
(
    SELECT
        *,
        arrayMap(values -> twiceMedian(lowerHalf(values)), Measures) AS Q1s,
        arrayMap(values -> twiceMedian(values), Measures) AS Q2s,
        arrayMap(values -> twiceMedian(upperHalf(values)), Measures) AS Q3s,
        arraySum(Sparkline) AS BarSum,
        arrayFilter(bar -> bar > 0, Sparkline) AS FullBars,
        -- heights in steps of 5 % of the highest, rounded up
        arrayMap(bar -> intDiv(bar, intDiv(arrayMax(FullBars) + 19, 20)), FullBars) AS Heights
    FROM sortedValues
),
deviations AS
(
    SELECT
        *,
        -- the median absolute deviation; the deviations are doubled, to stay whole
        arrayMap((values, q2) -> twiceMedian(arraySort(arrayMap(value -> abs(2 * value - q2), values))) / 4, Measures, Q2s) AS Deviations,
        -- population σ / mean of n bars = √(n · Σ bar² − (Σ bar)²) / Σ bar
        greatest(0, 1 - sqrt(24 * arraySum(bar -> bar * bar, Sparkline) - BarSum * BarSum) / BarSum) AS Evenness,
        -- how many bars have each height, the most frequent first
        arrayReverseSort(arrayMap(height -> countEqual(Heights, height), arrayDistinct(Heights))) AS Modes,
        -- one odd bar is forgiven
        (length(FullBars) >= 11) * least(1, (Modes[1] + Modes[2]) / greatest(length(FullBars) - 1, 1)) AS Modality,
        -- the longest run of full bars, the last followed by the first
        least(24, arrayMax(run -> arrayCount(bar -> bar > 0, run), arraySplit(bar -> bar = 0, arrayConcat(Sparkline, Sparkline)))) AS LongestRun,
        -- half for how symmetric the values are and half for how close to their median, of at least 3
        arrayMap((values, q1, q2, q3, deviation) -> (length(values) >= 3) * inThousandths(((1 - abs(skewness(q1, q2, q3))) + dispersion(q2, deviation)) / 2), Measures, Q1s, Q2s, Q3s, Deviations) AS Regularities,
        [
            Regularities[1],
            Regularities[2],
            inThousandths(greatest(Evenness, Modality)),
            (length(FullBars) >= 6) * least(1000, greatest(roundedUp(1000 * 1000 * SpanSeconds, WindowMillis), roundedUp(1000 * LongestRun, 12)))
        ] AS Parts,
        -- sizes that nobody counted have no score
        3 + (length(Sizes) > 0) AS PartCount
    FROM quartiles
),
scored AS
(
    SELECT
        *,
        Score,
        Parts[1] / 1000 AS IntervalScore,
        if(PartCount = 4, Parts[2] / 1000, NULL) AS SizeScore,
        Parts[3] / 1000 AS HistogramScore,
        Parts[4] / 1000 AS DurationScore,
        Q2s[1] / 2 AS MedianInterval,
        Deviations[1] / greatest(MedianInterval, 1) AS Jitter
    FROM deviations
    -- A list of one, so that a condition on the score stays behind it: joined with the thresholds by AND, it would
    -- evaluate the lists' functions row by row.
    ARRAY JOIN [intDiv(2 * arraySum(Parts) + PartCount, 2 * PartCount) / 1000] AS Score
),
findings AS
(
    SELECT
        LastSeen AS Timestamp,
        DeviceName,
        RemoteIP,
        RemoteUrl,
        'PotentialBeaconing' AS AlertType,
        ConnectionCount,
        BytesSent,
        BytesReceived,
        SampleProcesses,
        DeviceId,
        FirstSeen,
        LastSeen,
        DurationHours,
        BeaconRate,
        UniqueRemotePorts,
        CAST(isNotNull(BytesSent), 'Bool') AS BytesKnown,
        Score,
        IntervalScore,
        SizeScore,
        HistogramScore,
        DurationScore,
        MedianInterval,
        Jitter,
        Sparkline
    FROM scored
    WHERE Score >= {beaconing_minScore:Float64}
)
,
-- What every detector's findings have beside their own columns.
graded AS
(
    SELECT
        *,
        CAST(NULL, 'Nullable(Int64)') AS ASN,
        '' AS ASName,
        toInt64(0) AS SuspiciousASN,
        -- the highest of the conditions in severity.go that hold, and a step more in a suspicious network
        ['low', 'medium', 'high', 'critical'][least(4, greatest(1, if(1, 2, 1), if(if(RemoteHost IN {dynamicOwnHosts:Array(String)}, '', arrayFirst(ending -> ending IN {dynamicSuffixes:Array(String)} AND length(RemoteHost) > length(ending) + 1, arrayMap(i -> arrayStringConcat(arraySlice(splitByChar('.', RemoteHost), i), '.'), range(2, length(splitByChar('.', RemoteHost)) + 1)))) != '', 4, 1)) + SuspiciousASN)] AS Severity,
        -- no time and no count is in it: the same finding has the same key at any time
        lower(hex(substring(SHA256(concat('9:beaconing', toString(length(DeviceName)), ':', DeviceName, toString(length(DeviceId)), ':', DeviceId, toString(length(RemoteIP)), ':', RemoteIP, toString(length(RemoteUrl)), ':', RemoteUrl)), 1, 8))) AS FindingKey
    FROM (SELECT *, multiIf(RemoteUrl = '', '', match(lower(RemoteUrl), '^(?:[a-z]+://)?[a-z0-9_-]+(?:[.][a-z0-9_-]+)+(?::[0-9]+)?(?:[/?#]|$)'), domain(lower(RemoteUrl)), arrayMap(host -> if(match(host, '[:[]'), replaceRegexpOne(ifNull(toString(toIPv6OrNull(extract(toValidUTF8(host), '^[\\pZ\\pC"\']*\\[?((?:[0-9A-Fa-f:]*:)?(?:0|[1-9][0-9]*)[.](?:0|[1-9][0-9]*)[.](?:0|[1-9][0-9]*)[.](?:0|[1-9][0-9]*)|[0-9A-Fa-f:]+)(?:%[^]]*)?\\]?(?::[0-9]*)?[\\pZ\\pC"\']*$'))), ''), '^::ffff:([0-9]+[.])', '\\1'), host), arrayMap(host -> replaceRegexpOne(if(match(host, '[^ -~]'), replaceAll(lowerUTF8(normalizeUTF8NFKC(host)), '。', '.'), host), '[.]+$', ''), [extract(lower(replaceRegexpOne(replaceRegexpAll(replaceAll(replaceRegexpAll(toValidUTF8(RemoteUrl), '[\\p{Cc}\\p{Cf}]', ''), '\\', '/'), '^[\\pZ\\pC"\']+|[\\pZ\\pC"\']+$', ''), '(?i)^[(<{\\[]?(?:[-?*.]+|#?n/?a|n[.]a[.]|nan|nil|null|none|undefined|unknown|unset|empty|missing|not (?:available|applicable|set)|\\\\N)?[])>}]?$', '')), '^(?:(?:https?|wss?|ftp):/*|[a-z][a-z0-9+.-]*:///*|///*)?(?:[^/?#]*@)?(\\[[^]/?#]*\\]|[0-9a-f]*:[0-9a-f]*:[0-9a-f:.]*(?:%[^/?#]*)?|[^/?#:@]*)(?::[^/?#]*)?(?:[/?#]|$)')]))[1]) AS RemoteHost FROM findings)
)
-- One row a finding, newest first. One row more than asked for is read, so that a cut result shows.
SELECT
    Timestamp,
    DeviceName,
    RemoteIP,
    RemoteUrl,
    AlertType,
    ConnectionCount,
    BytesSent,
    BytesReceived,
    SampleProcesses,
    DeviceId,
    FirstSeen,
    LastSeen,
    DurationHours,
    BeaconRate,
    UniqueRemotePorts,
    Score,
    Severity,
    SuspiciousASN,
    IntervalScore,
    SizeScore,
    HistogramScore,
    DurationScore,
    MedianInterval,
    Jitter,
    Sparkline,
    BytesKnown,
    FindingKey,
    ASN,
    ASName
FROM graded
ORDER BY Timestamp DESC, AlertType, DeviceName, RemoteIP, RemoteUrl, DeviceId
LIMIT {limit:Int64}
