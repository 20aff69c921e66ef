-- One row a detector and interval: how many findings have their Timestamp in it. Intervals are counted from the epoch,
-- in UTC.
SELECT
    toInt64(dense_rank() OVER (ORDER BY AlertType)) AS Rank,
    fromUnixTimestamp64Milli(intDiv(toUnixTimestamp64Milli(Timestamp), {interval:Int64}) * {interval:Int64}, 'UTC') AS Time,
    Detector,
    AlertType,
    toFloat64(count()) AS Value
FROM
(
    SELECT 'beaconing' AS Detector, Timestamp, AlertType FROM
    (
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
            IPv4StringToNumOrDefault(RemoteAddress) AS RemoteIPv4Number,
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
          AND arrayExists(number -> NOT (number BETWEEN {beaconing_private0_first:UInt32} AND {beaconing_private0_last:UInt32})
          AND NOT (number BETWEEN {beaconing_private1_first:UInt32} AND {beaconing_private1_last:UInt32})
          AND NOT (number BETWEEN {beaconing_private2_first:UInt32} AND {beaconing_private2_last:UInt32})
          AND (number != 0 OR RemoteAddress = '0.0.0.0'), [RemoteIPv4Number])
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
            arraySlice(arraySort(groupUniqArrayIf(ProcessName, ProcessName != '')), 1, {beaconing_samples:Int64}) AS SampleProcesses
        FROM events
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
            CAST(isNotNull(BytesSent), 'Bool') AS BytesKnown
        FROM groups
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
        Severity,
        SuspiciousASN,
        FindingKey,
        ASN,
        ASName
    FROM graded
    ORDER BY Timestamp DESC, AlertType, DeviceName, RemoteIP, RemoteUrl, DeviceId
    LIMIT {limit:Int64}
    )
    UNION ALL
    SELECT 'dynamicDns' AS Detector, Timestamp, AlertType FROM
    (
    -- SuspiciousDynamicDNS: successful connections to names under dynamic DNS providers.
    -- Rows in:  events of the window that pass the query's filters.
    -- Row out:  one RemoteUrl as it is written (match: contains), or one host (match: suffix).
    -- Parameters: dynamicDns_*, as declared in params.go, with dynamicDns_beacon_* those of beaconing at their defaults;
    -- dynamicSuffixes, dynamicProviders and dynamicKinds the known domains, dynamicOwnHosts their providers' hosts; from, to and filter* belong
    -- to the source.
    WITH
    -- The events table under the analytic's column names.
    mapped AS
    (
        SELECT
            t."Timestamp" AS Timestamp,
            t."DeviceId" AS DeviceId,
            t."DeviceName" AS DeviceName,
            multiIf(match(t."DeviceId", '^[0-9A-Za-z_-]*[1-9][0-9A-Za-z_-]*$'), t."DeviceId", replaceRegexpOne(replaceRegexpOne(replaceRegexpAll(t."DeviceId", '^[\\pZ\\pC"\']+|[\\pZ\\pC"\']+$', ''), '(?i)^[(<{\\[]?(?:[-?*.]+|#?n/?a|n[.]a[.]|nan|nil|null|none|undefined|unknown|unset|empty|missing|not (?:available|applicable|set)|\\\\N)?[])>}]?$', ''), '^[{(]?0{8}[0-]*[)}]?$', '') = '', t."DeviceName", t."DeviceId") AS DeviceKey,
            multiIf(match(t."DeviceId", '^[0-9A-Za-z_-]*[1-9][0-9A-Za-z_-]*$'), lower(t."DeviceId"), match(t."DeviceId", '^[0-9A-Za-z_-]*[A-Za-z][0-9A-Za-z_-]*(?:[.][0-9A-Za-z_-]+)*[.][A-Za-z][0-9A-Za-z-]+$'), lower(extract(t."DeviceId", '^[^.]+')), if(replaceRegexpOne(replaceRegexpOne(replaceRegexpOne(replaceRegexpOne(lowerUTF8(toValidUTF8(replaceRegexpOne(replaceRegexpOne(replaceRegexpAll(t."DeviceId", '^[\\pZ\\pC"\']+|[\\pZ\\pC"\']+$', ''), '(?i)^[(<{\\[]?(?:[-?*.]+|#?n/?a|n[.]a[.]|nan|nil|null|none|undefined|unknown|unset|empty|missing|not (?:available|applicable|set)|\\\\N)?[])>}]?$', ''), '^[{(]?0{8}[0-]*[)}]?$', ''))), '(?s)^[^\\\\]+[\\\\](.+)$', '\\1'), '(?s)^(.*[^.$])[.$]+$', '\\1'), '^(?:\\[?(?:::ffff:)?([0-9]+[.][0-9]+[.][0-9]+[.][0-9]+)(?:\\]?:[0-9]+|\\])?|\\[?([0-9a-f]*:[0-9a-f]*:[0-9a-f:.]*)(?:%[^]]*)?(?:\\](?::[0-9]+)?)?|[{(]([0-9a-f-]{36})[)}])$', '\\1\\2\\3'), '^([A-Za-z\\x{80}-\\x{10FFFF}0-9_-]*[A-Za-z\\x{80}-\\x{10FFFF}][A-Za-z\\x{80}-\\x{10FFFF}0-9_-]*)(?:[.][A-Za-z\\x{80}-\\x{10FFFF}0-9_-]+)*[.][A-Za-z\\x{80}-\\x{10FFFF}][A-Za-z\\x{80}-\\x{10FFFF}0-9-]+$', '\\1') = '', multiIf(match(t."DeviceName", '^[0-9A-Za-z_-]*[1-9][0-9A-Za-z_-]*$'), lower(t."DeviceName"), match(t."DeviceName", '^[0-9A-Za-z_-]*[A-Za-z][0-9A-Za-z_-]*(?:[.][0-9A-Za-z_-]+)*[.][A-Za-z][0-9A-Za-z-]+$'), lower(extract(t."DeviceName", '^[^.]+')), replaceRegexpOne(replaceRegexpOne(replaceRegexpOne(replaceRegexpOne(lowerUTF8(toValidUTF8(replaceRegexpOne(replaceRegexpAll(t."DeviceName", '^[\\pZ\\pC"\']+|[\\pZ\\pC"\']+$', ''), '(?i)^[(<{\\[]?(?:[-?*.]+|#?n/?a|n[.]a[.]|nan|nil|null|none|undefined|unknown|unset|empty|missing|not (?:available|applicable|set)|\\\\N)?[])>}]?$', ''))), '(?s)^[^\\\\]+[\\\\](.+)$', '\\1'), '(?s)^(.*[^.$])[.$]+$', '\\1'), '^(?:\\[?(?:::ffff:)?([0-9]+[.][0-9]+[.][0-9]+[.][0-9]+)(?:\\]?:[0-9]+|\\])?|\\[?([0-9a-f]*:[0-9a-f]*:[0-9a-f:.]*)(?:%[^]]*)?(?:\\](?::[0-9]+)?)?|[{(]([0-9a-f-]{36})[)}])$', '\\1\\2\\3'), '^([A-Za-z\\x{80}-\\x{10FFFF}0-9_-]*[A-Za-z\\x{80}-\\x{10FFFF}][A-Za-z\\x{80}-\\x{10FFFF}0-9_-]*)(?:[.][A-Za-z\\x{80}-\\x{10FFFF}0-9_-]+)*[.][A-Za-z\\x{80}-\\x{10FFFF}][A-Za-z\\x{80}-\\x{10FFFF}0-9-]+$', '\\1')), replaceRegexpOne(replaceRegexpOne(replaceRegexpOne(replaceRegexpOne(lowerUTF8(toValidUTF8(replaceRegexpOne(replaceRegexpOne(replaceRegexpAll(t."DeviceId", '^[\\pZ\\pC"\']+|[\\pZ\\pC"\']+$', ''), '(?i)^[(<{\\[]?(?:[-?*.]+|#?n/?a|n[.]a[.]|nan|nil|null|none|undefined|unknown|unset|empty|missing|not (?:available|applicable|set)|\\\\N)?[])>}]?$', ''), '^[{(]?0{8}[0-]*[)}]?$', ''))), '(?s)^[^\\\\]+[\\\\](.+)$', '\\1'), '(?s)^(.*[^.$])[.$]+$', '\\1'), '^(?:\\[?(?:::ffff:)?([0-9]+[.][0-9]+[.][0-9]+[.][0-9]+)(?:\\]?:[0-9]+|\\])?|\\[?([0-9a-f]*:[0-9a-f]*:[0-9a-f:.]*)(?:%[^]]*)?(?:\\](?::[0-9]+)?)?|[{(]([0-9a-f-]{36})[)}])$', '\\1\\2\\3'), '^([A-Za-z\\x{80}-\\x{10FFFF}0-9_-]*[A-Za-z\\x{80}-\\x{10FFFF}][A-Za-z\\x{80}-\\x{10FFFF}0-9_-]*)(?:[.][A-Za-z\\x{80}-\\x{10FFFF}0-9_-]+)*[.][A-Za-z\\x{80}-\\x{10FFFF}][A-Za-z\\x{80}-\\x{10FFFF}0-9-]+$', '\\1'))) AS Device,
            t."ActionType" AS ActionType,
            multiIf((IPv4StringToNumOrDefault(t."RemoteIP") != 0 OR t."RemoteIP" = '0.0.0.0') AND length(t."RemoteIP") = 7 + (IPv4StringToNumOrDefault(t."RemoteIP") >= 0x0A000000) + (IPv4StringToNumOrDefault(t."RemoteIP") >= 0x64000000) + (bitAnd(IPv4StringToNumOrDefault(t."RemoteIP"), 0xFF0000) >= 0x0A0000) + (bitAnd(IPv4StringToNumOrDefault(t."RemoteIP"), 0xFF0000) >= 0x640000) + (bitAnd(IPv4StringToNumOrDefault(t."RemoteIP"), 0xFF00) >= 0x0A00) + (bitAnd(IPv4StringToNumOrDefault(t."RemoteIP"), 0xFF00) >= 0x6400) + (bitAnd(IPv4StringToNumOrDefault(t."RemoteIP"), 0xFF) >= 0x0A) + (bitAnd(IPv4StringToNumOrDefault(t."RemoteIP"), 0xFF) >= 0x64), t."RemoteIP", t."RemoteIP" = '', '', match(t."RemoteIP", '^[0-9A-Fa-f:]+$'), if(position(ifNull(toString(toIPv6OrNull(t."RemoteIP")), ''), '.') = 0, ifNull(toString(toIPv6OrNull(t."RemoteIP")), ''), replaceOne(ifNull(toString(toIPv6OrNull(t."RemoteIP")), ''), '::ffff:', '')), replaceRegexpOne(ifNull(toString(toIPv6OrNull(extract(toValidUTF8(t."RemoteIP"), '^[\\pZ\\pC"\']*\\[?((?:[0-9A-Fa-f:]*:)?(?:0|[1-9][0-9]*)[.](?:0|[1-9][0-9]*)[.](?:0|[1-9][0-9]*)[.](?:0|[1-9][0-9]*)|[0-9A-Fa-f:]+)(?:%[^]]*)?\\]?(?::[0-9]*)?[\\pZ\\pC"\']*$'))), ''), '^::ffff:([0-9]+[.])', '\\1')) AS RemoteAddress,
            t."RemoteUrl" AS RemoteUrl,
            t."RemotePort" AS RemotePort,
            CAST(t."SentBytes", 'Nullable(Int128)') AS Sent,
            replaceRegexpOne(replaceRegexpOne(replaceRegexpOne(replaceRegexpOne(replaceRegexpAll(replaceRegexpOne(toValidUTF8(t."InitiatingProcessFileName"), '(?s)^[\\pZ\\pC]*"([^"]*)".*$', '\\1'), '^[\\pZ\\pC"\']+|[\\pZ\\pC"\'/\\\\]+$', ''), '(?i)^[(<{\\[]?(?:[-?*.]+|#?n/?a|n[.]a[.]|nan|nil|null|none|undefined|unknown|unset|empty|missing|not (?:available|applicable|set)|\\\\N)?[])>}]?$', ''), '(?is)^(.*?[.]exe)\\pZ.*$', '\\1'), '(?i)(?:\\pZ+[(]deleted[)]|[.]app)$', ''), '(?s)^.*[/\\\\]', '') AS ProcessName
        FROM "default"."network_events" AS t
        WHERE t."Timestamp" >= {from:DateTime64(3, 'UTC')}
          AND t."Timestamp" < {to:DateTime64(3, 'UTC')}
    ),
    found AS
    (
        SELECT *
        FROM mapped
        WHERE (ActionType IN {dynamicDns_actionTypes:Array(String)} OR ActionType IN {dynamicDns_beacon_actionTypes:Array(String)})
          -- The analytic's regex is unanchored and folds case: the domain may stand anywhere. An empty RemoteUrl contains none.
          AND multiSearchAnyCaseInsensitive(RemoteUrl, {dynamicDns_domains:Array(String)})
    ),
    -- Whether a device beacons to a name is beaconing's question, by host. Only few events have such a name: to look at them again
    -- costs nothing beside finding them.
    -- The host of each connection: that of RemoteUrl, or where it has no name the address itself.
    hosts AS
    (
        SELECT
            *,
            -- a host is an address where it holds a colon, or is an IPv4's text
            position(UrlHost, ':') > 0 OR IPv4NumToString(IPv4StringToNumOrDefault(UrlHost)) = UrlHost AS IsAddress,
            -- a name without a dot means another host in each network: it is none here
            NOT IsAddress AND position(UrlHost, '.') = 0 AS IsNone,
            IsNone OR NOT IsAddress AND arrayExists(domain -> UrlHost = domain OR endsWith(UrlHost, concat('.', domain)), {dynamicDns_beacon_internalDomains:Array(String)}) AS IsInternal
        FROM (SELECT *, multiIf(RemoteUrl = '', '', match(lower(RemoteUrl), '^(?:[a-z]+://)?[a-z0-9_-]+(?:[.][a-z0-9_-]+)+(?::[0-9]+)?(?:[/?#]|$)'), domain(lower(RemoteUrl)), arrayMap(host -> if(match(host, '[:[]'), replaceRegexpOne(ifNull(toString(toIPv6OrNull(extract(toValidUTF8(host), '^[\\pZ\\pC"\']*\\[?((?:[0-9A-Fa-f:]*:)?(?:0|[1-9][0-9]*)[.](?:0|[1-9][0-9]*)[.](?:0|[1-9][0-9]*)[.](?:0|[1-9][0-9]*)|[0-9A-Fa-f:]+)(?:%[^]]*)?\\]?(?::[0-9]*)?[\\pZ\\pC"\']*$'))), ''), '^::ffff:([0-9]+[.])', '\\1'), host), arrayMap(host -> replaceRegexpOne(if(match(host, '[^ -~]'), replaceAll(lowerUTF8(normalizeUTF8NFKC(host)), '。', '.'), host), '[.]+$', ''), [extract(lower(replaceRegexpOne(replaceRegexpAll(replaceAll(replaceRegexpAll(toValidUTF8(RemoteUrl), '[\\p{Cc}\\p{Cf}]', ''), '\\', '/'), '^[\\pZ\\pC"\']+|[\\pZ\\pC"\']+$', ''), '(?i)^[(<{\\[]?(?:[-?*.]+|#?n/?a|n[.]a[.]|nan|nil|null|none|undefined|unknown|unset|empty|missing|not (?:available|applicable|set)|\\\\N)?[])>}]?$', '')), '^(?:(?:https?|wss?|ftp):/*|[a-z][a-z0-9+.-]*:///*|///*)?(?:[^/?#]*@)?(\\[[^]/?#]*\\]|[0-9a-f]*:[0-9a-f]*:[0-9a-f:.]*(?:%[^/?#]*)?|[^/?#:@]*)(?::[^/?#]*)?(?:[/?#]|$)')]))[1]) AS UrlHost FROM found)
    ),
    judged AS
    (
        SELECT
            *,
            if(IsNone, RemoteAddress, UrlHost) AS Host,
            -- a name of the internet is public whatever the address, which may be a proxy's
            NOT IsInternal AND NOT IsAddress AS IsName,
            -- a host that is an address must be public, and so must the address of an internal name
            if(IsInternal, if(position(RemoteAddress, ':') > 0, '', RemoteAddress), UrlHost) AS Judged,
            if(IsName, NULL, if(IPv4StringToNumOrDefault(Judged) != 0, toNullable(toUInt128(0xFFFF00000000 + IPv4StringToNumOrDefault(Judged))), toUInt128(toIPv6OrNull(Judged)))) AS JudgedNumber
        FROM hosts
    ),
    -- The connections of one device to one name. What the analytic does not look at is here for beaconing's sake alone.
    pairs AS
    (
        SELECT
            RemoteUrl,
            any(UrlHost) AS HostOfUrl,
            Host,
            Device,
            countIf(Counted) AS PairConnections,
            minIf(Timestamp, Counted) AS PairFirstSeen,
            maxIf(Timestamp, Counted) AS PairLastSeen,
            groupUniqArrayIf(DeviceKey, Counted) AS Keys,
            groupUniqArrayIf((DeviceId, DeviceName), Counted) AS Devices,
            groupUniqArrayIf(RemoteAddress, Counted) AS Addresses,
            groupUniqArrayIf(ProcessName, Counted) AS Processes,
            countIf(Looked) AS LookedConnections,
            countIf(Looked AND ActionType = 'ConnectionAttempt') AS LookedAttempts,
            sumIf(Sent, Looked) AS LookedBytes,
            minIf(Timestamp, Looked) AS LookedFirst,
            maxIf(Timestamp, Looked) AS LookedLast
        FROM
        (
            SELECT
                *,
                ActionType IN {dynamicDns_actionTypes:Array(String)} AS Counted,
                ifNull(-- Which connections beaconing looks at.
          -- `in` is case-sensitive, in KQL as here
          ActionType IN {dynamicDns_beacon_actionTypes:Array(String)}
          AND RemotePort IN {dynamicDns_beacon_ports:Array(Int64)}
          -- not(ipv4_is_private(RemoteIP)): what is no address is dropped
          AND (IsName OR arrayExists(number -> NOT (number BETWEEN {dynamicDns_beacon_private0_first:UInt128} AND {dynamicDns_beacon_private0_last:UInt128})
          AND NOT (number BETWEEN {dynamicDns_beacon_private1_first:UInt128} AND {dynamicDns_beacon_private1_last:UInt128})
          AND NOT (number BETWEEN {dynamicDns_beacon_private2_first:UInt128} AND {dynamicDns_beacon_private2_last:UInt128})
          AND NOT (number BETWEEN toUInt128('0') AND toUInt128('1')) -- ::/127
          AND NOT (number BETWEEN toUInt128('334965454937798799971759379190646833152') AND toUInt128('337623910929368631717566993311207522303')) -- fc00::/7
          AND NOT (number BETWEEN toUInt128('338288524927261089654018896841347694592') AND toUInt128('338620831926207318622244848606417780735')) -- fe80::/10
          AND NOT (number BETWEEN toUInt128('338953138925153547590470800371487866880') AND toUInt128('340282366920938463463374607431768211455')) -- ff00::/8
          AND isNotNull(number), [JudgedNumber])), 0) AS Looked
            FROM judged
        )
        GROUP BY RemoteUrl, Host, Device
    ),
    -- Of each pair, whether its device beacons to its host, over all names and addresses of the host.
    judgedPairs AS
    (
        SELECT *, -- Which groups of connections are a beacon.
           ConnectionCount >= {dynamicDns_beacon_minConnections:Int64}
           -- bytes that no event of the group counts are not known, which is not 0
           AND (isNull(BytesSent) OR BytesSent > {dynamicDns_beacon_bytesSentOver:Int64})
           AND DurationHours > {dynamicDns_beacon_durationHoursOver:Int64}
           -- between: both ends are in
           AND BeaconRate >= {dynamicDns_beacon_minBeaconRate:Float64}
           AND BeaconRate <= {dynamicDns_beacon_maxBeaconRate:Float64} AS DeviceBeacons
        FROM
        (
            SELECT *, ConnectionCount / DurationHours AS BeaconRate
            FROM
            (
                SELECT
                    *,
                    -- as in beaconing.sql
                    toInt64(if(Events > {dynamicDns_beacon_maxBeaconRate:Float64} * DurationHours AND Attempts > 0 AND Attempts < Events, greatest(Attempts, Events - Attempts), Events)) AS ConnectionCount
                FROM
                (
                    SELECT
                        *,
                        toInt64(sum(LookedConnections) OVER device) AS Events,
                        toInt64(sum(LookedAttempts) OVER device) AS Attempts,
                        CAST(if(sum(LookedBytes) OVER device > 9007199254740992, 9007199254740992, sum(LookedBytes) OVER device), 'Nullable(Int64)') AS BytesSent,
                        dateDiff('hour', minIf(LookedFirst, LookedConnections > 0) OVER device, maxIf(LookedLast, LookedConnections > 0) OVER device, 'UTC') AS DurationHours
                    FROM pairs
                    WINDOW device AS (PARTITION BY Host, Device)
                )
            )
        )
    ),
    events AS
    (
        SELECT * EXCEPT (RemoteAddress), RemoteAddress AS RemoteIP
        FROM found
        WHERE ActionType IN {dynamicDns_actionTypes:Array(String)}
    ),
    findings AS
    (
        SELECT
            LastSeen AS Timestamp, -- the analytic's now() would sort first for ever and never be the same twice
            'Multiple' AS DeviceName,
            SampleIPs[1] AS RemoteIP,
            RemoteUrl,
            'SuspiciousDynamicDNS' AS AlertType,
            ConnectionCount,
            CAST(0, 'Nullable(Int64)') AS BytesSent,
            CAST(0, 'Nullable(Int64)') AS BytesReceived,
            SampleProcesses,
            UniqueDevices,
            SampleDevices,
            SampleIPs,
            FirstSeen,
            LastSeen,
            Beacons,
            UrlHost AS Host,
            KnownSuffix,
            DynamicSuffix,
            transform(DynamicSuffix, {dynamicSuffixes:Array(String)}, {dynamicProviders:Array(String)}, DynamicSuffix) AS Provider,
            if(DynamicSuffix = '', '', transform(DynamicSuffix, {dynamicSuffixes:Array(String)}, {dynamicKinds:Array(String)}, 'dynamicDns')) AS ProviderKind,
            if(DynamicSuffix = '', '', concat(arrayElement(splitByChar('.', UrlHost), -(2 + countSubstrings(DynamicSuffix, '.'))), '.', DynamicSuffix)) AS Tenant
        FROM
        (
            -- A level for each, for the planner writes out an alias of its own level at each use.
            -- A domain that only the query names is its own provider.
            SELECT *, if(KnownSuffix != '', KnownSuffix, if(UrlHost IN {dynamicOwnHosts:Array(String)}, '', arrayFirst(ending -> ending IN {dynamicDns_domains:Array(String)} AND length(UrlHost) > length(ending) + 1, arrayMap(i -> arrayStringConcat(arraySlice(splitByChar('.', UrlHost), i), '.'), range(2, length(splitByChar('.', UrlHost)) + 1))))) AS DynamicSuffix
            FROM (SELECT *, if(UrlHost IN {dynamicOwnHosts:Array(String)}, '', arrayFirst(ending -> ending IN {dynamicSuffixes:Array(String)} AND length(UrlHost) > length(ending) + 1, arrayMap(i -> arrayStringConcat(arraySlice(splitByChar('.', UrlHost), i), '.'), range(2, length(splitByChar('.', UrlHost)) + 1)))) AS KnownSuffix FROM
        (
            SELECT
                RemoteUrl,
                toInt64(length(groupUniqArrayArray(Keys))) AS UniqueDevices,
                groupUniqArrayArray(Devices) AS EveryDevice,
                groupUniqArrayArray(Addresses) AS EveryAddress,
                groupUniqArrayArray(Processes) AS EveryProcess,
                toInt64(sum(PairConnections)) AS ConnectionCount,
                minIf(PairFirstSeen, PairConnections > 0) AS FirstSeen,
                maxIf(PairLastSeen, PairConnections > 0) AS LastSeen,
                max(HostBeacons) > 0 AS Beacons,
                any(HostOfUrl) AS UrlHost,
                -- make_set is unordered in KQL; here the first of the sorted distinct values, empty ones left out
                arraySlice(arraySort(arrayDistinct(arrayFilter(name -> name != '', arrayMap(device -> device.2, EveryDevice)))), 1, {dynamicDns_samples:Int64}) AS SampleDevices,
                arraySlice(arraySort(arrayFilter(address -> address != '', EveryAddress)), 1, {dynamicDns_samples:Int64}) AS SampleIPs,
                arraySlice(arraySort(arrayFilter(process -> process != '', EveryProcess)), 1, {dynamicDns_samples:Int64}) AS SampleProcesses
            FROM (SELECT *, max(DeviceBeacons) OVER (PARTITION BY Host) AS HostBeacons FROM judgedPairs)
            GROUP BY RemoteUrl
        ))
        )
        WHERE ConnectionCount >= {dynamicDns_minConnections:Int64}
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
            ['low', 'medium', 'high', 'critical'][least(4, greatest(1, if(1, 2, 1), if(Beacons AND Host NOT IN {dynamicOwnHosts:Array(String)}, 4, 1)) + SuspiciousASN)] AS Severity,
            -- no time and no count is in it: the same finding has the same key at any time
            lower(hex(substring(SHA256(concat('10:dynamicDns', toString(length(RemoteUrl)), ':', RemoteUrl)), 1, 8))) AS FindingKey
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
        Severity,
        SuspiciousASN,
        FindingKey,
        ASN,
        ASName
    FROM graded
    ORDER BY Timestamp DESC, AlertType, DeviceName, RemoteIP, RemoteUrl, RemoteUrl
    LIMIT {limit:Int64}
    )
    UNION ALL
    SELECT 'fastFlux' AS Detector, Timestamp, AlertType FROM
    (
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
        Severity,
        SuspiciousASN,
        FindingKey,
        ASN,
        ASName
    FROM graded
    ORDER BY Timestamp DESC, AlertType, DeviceName, RemoteIP, RemoteUrl, DeviceId
    LIMIT {limit:Int64}
    )
)
GROUP BY Detector, AlertType, Time
ORDER BY Rank, Time
