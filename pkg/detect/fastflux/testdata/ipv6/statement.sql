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
        if(IPv4StringToNumOrDefault(RemoteAddress) != 0, toNullable(toUInt128(0xFFFF00000000 + IPv4StringToNumOrDefault(RemoteAddress))), toUInt128(toIPv6OrNull(RemoteAddress))) AS RemoteIPNumber,
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
        RemoteAddress AS Address,
        RemoteUrl,
        ProcessName
    FROM mapped
    WHERE ActionType IN {fastFlux_actionTypes:Array(String)}
      -- not(ipv4_is_private(RemoteIP)): what is no address is dropped
      AND arrayExists(number -> NOT (number BETWEEN {fastFlux_private0_first:UInt128} AND {fastFlux_private0_last:UInt128})
      AND NOT (number BETWEEN {fastFlux_private1_first:UInt128} AND {fastFlux_private1_last:UInt128})
      AND NOT (number BETWEEN {fastFlux_private2_first:UInt128} AND {fastFlux_private2_last:UInt128})
      AND NOT (number BETWEEN toUInt128('0') AND toUInt128('1')) -- ::/127
      AND NOT (number BETWEEN toUInt128('334965454937798799971759379190646833152') AND toUInt128('337623910929368631717566993311207522303')) -- fc00::/7
      AND NOT (number BETWEEN toUInt128('338288524927261089654018896841347694592') AND toUInt128('338620831926207318622244848606417780735')) -- fe80::/10
      AND NOT (number BETWEEN toUInt128('338953138925153547590470800371487866880') AND toUInt128('340282366920938463463374607431768211455')) -- ff00::/8
      AND isNotNull(number), [RemoteIPNumber])
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
-- What every detector's findings have beside their own columns.
graded AS
(
    SELECT
        *,
        CAST(NULL, 'Nullable(Int64)') AS ASN,
        '' AS ASName,
        toInt64(0) AS SuspiciousASN,
        -- the highest of the conditions in severity.go that hold, and a step more in a suspicious network
        ['low', 'medium', 'high', 'critical'][least(4, greatest(1, if(1, 1, 1)) + SuspiciousASN)] AS Severity,
        -- no time and no count is in it: the same finding has the same key at any time
        lower(hex(substring(SHA256(concat('8:fastFlux', toString(length(DeviceName)), ':', DeviceName, toString(length(DeviceId)), ':', DeviceId)), 1, 8))) AS FindingKey
    FROM findings
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
    UniqueIPs,
    UniqueDomains,
    DomainList,
    Severity,
    SuspiciousASN,
    FindingKey,
    ASN,
    ASName
FROM graded
ORDER BY Timestamp DESC, AlertType, DeviceName, RemoteIP, RemoteUrl, DeviceId
LIMIT {limit:Int64}
