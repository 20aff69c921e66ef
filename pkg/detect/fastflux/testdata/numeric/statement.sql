-- PotentialFastFluxActivity: a process that is no browser and reaches many addresses within one hour.
-- Rows in:  events of the window that pass the query's filters.
-- Row out:  one DeviceId, DeviceName and UTC hour that passes both thresholds.
-- Parameters: fastFlux_*, as declared in params.go; from, to and filter* belong to the source.
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
        IPv4StringToNumOrDefault(RemoteAddress) AS RemoteIPv4Number,
        t."RemoteUrl" AS RemoteUrl,
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
        -- an address as what it is compared by: a number takes less than its text, and the rule on addresses sees to it that
        -- each has one text only
        RemoteIPv4Number AS Address,
        RemoteUrl,
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
findings AS
(
    SELECT
        Hour AS Timestamp,
        DeviceName,
        '' AS RemoteIP,
        DomainList[1] AS RemoteUrl,
        'PotentialFastFluxActivity' AS AlertType,
        ConnectionCount,
        CAST(0, 'Nullable(Int64)') AS BytesSent,
        CAST(0, 'Nullable(Int64)') AS BytesReceived,
        SampleProcesses,
        DeviceId,
        UniqueIPs,
        UniqueDomains,
        DomainList
    FROM
    (
        SELECT
            DeviceId,
            DeviceName,
            -- bin(Timestamp, 1h): hours are UTC. In milliseconds, since toStartOfHour is wrong before 1970 and after 2105.
            toStartOfInterval(Timestamp, toIntervalMillisecond(3600000), 'UTC') AS Hour,
            toInt64(count()) AS ConnectionCount,
            -- over all the domains of the device and hour
            toInt64(uniqExact(Address)) AS UniqueIPs,
            -- gathered once, for their number and the list
            groupUniqArrayIf(RemoteUrl, RemoteUrl != '') AS Domains,
            toInt64(length(Domains)) AS UniqueDomains,
            -- make_set is unordered in KQL; here the first of the sorted distinct values, empty ones left out
            arraySlice(arraySort(Domains), 1, {fastFlux_domainSamples:Int64}) AS DomainList,
            arraySlice(arraySort(groupUniqArrayIf(ProcessName, ProcessName != '')), 1, {fastFlux_samples:Int64}) AS SampleProcesses
        FROM events
        GROUP BY DeviceId, DeviceName, Hour
    )
    WHERE UniqueIPs >= {fastFlux_minUniqueIPs:Int64}
      AND ConnectionCount >= {fastFlux_minConnections:Int64}
)
,
-- One row a set of labels: the highest alert value in the window.
numbers AS
(
    SELECT
        DeviceName,
        DeviceId,
        any(lower(hex(substring(SHA256(concat('8:fastFlux', toString(length(DeviceName)), ':', DeviceName, toString(length(DeviceId)), ':', DeviceId)), 1, 8)))) AS FindingKey,
        toFloat64(max(UniqueIPs)) AS Value
    FROM findings
    GROUP BY DeviceName, DeviceId
),
-- Who comes first where not all may be shown: the gravest finding of each device before the second of any, so that no device
-- takes the place of another.
turns AS
(
    SELECT
        *,
        row_number() OVER (PARTITION BY if(DeviceId = '', DeviceName, DeviceId) ORDER BY Value DESC, DeviceName, DeviceId) AS DeviceTurn
    FROM numbers
),
-- Rank 1 is shown first. Findings is how many there are, shown or not.
ranked AS
(
    SELECT
        *,
        toInt64(count() OVER ()) AS Findings,
        toInt64(row_number() OVER (ORDER BY DeviceTurn, Value DESC, DeviceName, DeviceId)) AS Rank
    FROM turns
    ORDER BY Rank
    LIMIT {limit:Int64}
)
-- One row a finding that is shown, with the key that the same finding has in a table.
SELECT
    DeviceName,
    DeviceId,
    FindingKey,
    Value,
    Findings,
    Rank
FROM ranked
ORDER BY Rank
