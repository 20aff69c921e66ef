-- HighRiskCase: what one device does at one destination, and how much of it speaks for a command-and-control channel.
-- Rows in:  events of the window: outbound connections on any port, by any protocol.
-- Row out:  one device and host (a name, or the address where no name is known) whose Risk reaches minRisk, with an event that passes
--           the query's filters.
-- Parameters: cases_*, as declared in params.go and evidence.go; dynamicSuffixes the known domains of dynamic DNS; from, to and
-- filter* belong to the source.
WITH
-- The events table under the analytic's column names.
mapped AS
(
    SELECT
        t."Timestamp" AS Timestamp,
        t."DeviceId" AS DeviceId,
        t."DeviceName" AS DeviceName,
        t."ActionType" AS ActionType,
        t."RemoteIP" AS RemoteIP,
        t."RemoteUrl" AS RemoteUrl,
        t."RemotePort" AS RemotePort,
        t."Protocol" AS Protocol,
        CAST(t."SentBytes", 'Nullable(Int128)') AS Sent,
        CAST(t."ReceivedBytes", 'Nullable(Int128)') AS Received,
        t."InitiatingProcessFileName" AS InitiatingProcessFileName,
        t."InitiatingProcessFolderPath" AS InitiatingProcessFolderPath,
        ifNull(toInt64(t."DurationMs"), 0) AS OpenMs,
        ifNull(toInt64(t."DurationMs"), 0) AS LongestMs,
        t."NameSource" AS NameSource,
        toUInt8(1) AS Matches
    FROM "default"."network_events" AS t
    WHERE t."Timestamp" >= {from:DateTime64(3, 'UTC')}
      AND t."Timestamp" < {to:DateTime64(3, 'UTC')}
),
-- One row a device, address, name and way to connect, each as it is written: what a text means, be it a device, an address, a host or a
-- program, is asked of these, which are far fewer than the events. What names a device is a key, though it seldom has two names: to keep
-- the newest of them in each group is dear.
gathered AS
(
    SELECT
        mapped.DeviceId AS OwnDeviceId,
        mapped.DeviceName AS OwnDeviceName,
        RemoteIP,
        RemoteUrl,
        RemotePort,
        Protocol,
        InitiatingProcessFileName,
        min(Timestamp) AS FirstTime,
        max(Timestamp) AS LastTime,
        groupArray(toUInt32(floor(toUnixTimestamp64Milli(Timestamp) / 1000) - floor(toUnixTimestamp64Milli({from:DateTime64(3, 'UTC')}) / 1000))) AS OwnOffsets,
        max(match(InitiatingProcessFolderPath, {cases_userFolders:String})) AS OwnUserFolders,
        sum(mapped.Sent) AS OwnSent,
        sum(mapped.Received) AS OwnReceived,
        sum(OpenMs) AS OwnOpen,
        max(LongestMs) AS OwnLongest,
        countIf(NameSource = 'unknown') AS OwnUnasked,
        max(Matches) AS OwnMatches
    FROM mapped
    WHERE ActionType IN {cases_actionTypes:Array(String)}
    GROUP BY mapped.DeviceId, mapped.DeviceName, RemoteIP, RemoteUrl, RemotePort, Protocol, InitiatingProcessFileName
),
-- The same with what the texts mean. What evidence asks of the port and the program is asked of these rows too, and no list of them has to
-- be kept in each.
written AS
(
    SELECT
        *,
        multiIf(match(IdText, '^[0-9A-Za-z_-]*[1-9][0-9A-Za-z_-]*$'), lower(IdText), match(IdText, '^[0-9A-Za-z_-]*[A-Za-z][0-9A-Za-z_-]*(?:[.][0-9A-Za-z_-]+)*[.][A-Za-z][0-9A-Za-z-]+$'), lower(extract(IdText, '^[^.]+')), if(replaceRegexpOne(replaceRegexpOne(replaceRegexpOne(replaceRegexpOne(lowerUTF8(toValidUTF8(replaceRegexpOne(replaceRegexpOne(replaceRegexpAll(IdText, '^[\\pZ\\pC"\']+|[\\pZ\\pC"\']+$', ''), '(?i)^[(<{\\[]?(?:[-?*.]+|#?n/?a|n[.]a[.]|nan|nil|null|none|undefined|unknown|unset|empty|missing|not (?:available|applicable|set)|\\\\N)?[])>}]?$', ''), '^[{(]?0{8}[0-]*[)}]?$', ''))), '(?s)^[^\\\\]+[\\\\](.+)$', '\\1'), '(?s)^(.*[^.$])[.$]+$', '\\1'), '^(?:\\[?(?:::ffff:)?([0-9]+[.][0-9]+[.][0-9]+[.][0-9]+)(?:\\]?:[0-9]+|\\])?|\\[?([0-9a-f]*:[0-9a-f]*:[0-9a-f:.]*)(?:%[^]]*)?(?:\\](?::[0-9]+)?)?|[{(]([0-9a-f-]{36})[)}])$', '\\1\\2\\3'), '^([A-Za-z\\x{80}-\\x{10FFFF}0-9_-]*[A-Za-z\\x{80}-\\x{10FFFF}][A-Za-z\\x{80}-\\x{10FFFF}0-9_-]*)(?:[.][A-Za-z\\x{80}-\\x{10FFFF}0-9_-]+)*[.][A-Za-z\\x{80}-\\x{10FFFF}][A-Za-z\\x{80}-\\x{10FFFF}0-9-]+$', '\\1') = '', multiIf(match(NameText, '^[0-9A-Za-z_-]*[1-9][0-9A-Za-z_-]*$'), lower(NameText), match(NameText, '^[0-9A-Za-z_-]*[A-Za-z][0-9A-Za-z_-]*(?:[.][0-9A-Za-z_-]+)*[.][A-Za-z][0-9A-Za-z-]+$'), lower(extract(NameText, '^[^.]+')), replaceRegexpOne(replaceRegexpOne(replaceRegexpOne(replaceRegexpOne(lowerUTF8(toValidUTF8(replaceRegexpOne(replaceRegexpAll(NameText, '^[\\pZ\\pC"\']+|[\\pZ\\pC"\']+$', ''), '(?i)^[(<{\\[]?(?:[-?*.]+|#?n/?a|n[.]a[.]|nan|nil|null|none|undefined|unknown|unset|empty|missing|not (?:available|applicable|set)|\\\\N)?[])>}]?$', ''))), '(?s)^[^\\\\]+[\\\\](.+)$', '\\1'), '(?s)^(.*[^.$])[.$]+$', '\\1'), '^(?:\\[?(?:::ffff:)?([0-9]+[.][0-9]+[.][0-9]+[.][0-9]+)(?:\\]?:[0-9]+|\\])?|\\[?([0-9a-f]*:[0-9a-f]*:[0-9a-f:.]*)(?:%[^]]*)?(?:\\](?::[0-9]+)?)?|[{(]([0-9a-f-]{36})[)}])$', '\\1\\2\\3'), '^([A-Za-z\\x{80}-\\x{10FFFF}0-9_-]*[A-Za-z\\x{80}-\\x{10FFFF}][A-Za-z\\x{80}-\\x{10FFFF}0-9_-]*)(?:[.][A-Za-z\\x{80}-\\x{10FFFF}0-9_-]+)*[.][A-Za-z\\x{80}-\\x{10FFFF}][A-Za-z\\x{80}-\\x{10FFFF}0-9-]+$', '\\1')), replaceRegexpOne(replaceRegexpOne(replaceRegexpOne(replaceRegexpOne(lowerUTF8(toValidUTF8(replaceRegexpOne(replaceRegexpOne(replaceRegexpAll(IdText, '^[\\pZ\\pC"\']+|[\\pZ\\pC"\']+$', ''), '(?i)^[(<{\\[]?(?:[-?*.]+|#?n/?a|n[.]a[.]|nan|nil|null|none|undefined|unknown|unset|empty|missing|not (?:available|applicable|set)|\\\\N)?[])>}]?$', ''), '^[{(]?0{8}[0-]*[)}]?$', ''))), '(?s)^[^\\\\]+[\\\\](.+)$', '\\1'), '(?s)^(.*[^.$])[.$]+$', '\\1'), '^(?:\\[?(?:::ffff:)?([0-9]+[.][0-9]+[.][0-9]+[.][0-9]+)(?:\\]?:[0-9]+|\\])?|\\[?([0-9a-f]*:[0-9a-f]*:[0-9a-f:.]*)(?:%[^]]*)?(?:\\](?::[0-9]+)?)?|[{(]([0-9a-f-]{36})[)}])$', '\\1\\2\\3'), '^([A-Za-z\\x{80}-\\x{10FFFF}0-9_-]*[A-Za-z\\x{80}-\\x{10FFFF}][A-Za-z\\x{80}-\\x{10FFFF}0-9_-]*)(?:[.][A-Za-z\\x{80}-\\x{10FFFF}0-9_-]+)*[.][A-Za-z\\x{80}-\\x{10FFFF}][A-Za-z\\x{80}-\\x{10FFFF}0-9-]+$', '\\1'))) AS Device,
        multiIf((IPv4StringToNumOrDefault(RemoteIP) != 0 OR RemoteIP = '0.0.0.0') AND length(RemoteIP) = 7 + (IPv4StringToNumOrDefault(RemoteIP) >= 0x0A000000) + (IPv4StringToNumOrDefault(RemoteIP) >= 0x64000000) + (bitAnd(IPv4StringToNumOrDefault(RemoteIP), 0xFF0000) >= 0x0A0000) + (bitAnd(IPv4StringToNumOrDefault(RemoteIP), 0xFF0000) >= 0x640000) + (bitAnd(IPv4StringToNumOrDefault(RemoteIP), 0xFF00) >= 0x0A00) + (bitAnd(IPv4StringToNumOrDefault(RemoteIP), 0xFF00) >= 0x6400) + (bitAnd(IPv4StringToNumOrDefault(RemoteIP), 0xFF) >= 0x0A) + (bitAnd(IPv4StringToNumOrDefault(RemoteIP), 0xFF) >= 0x64), RemoteIP, RemoteIP = '', '', match(RemoteIP, '^[0-9A-Fa-f:]+$'), if(position(ifNull(toString(toIPv6OrNull(RemoteIP)), ''), '.') = 0, ifNull(toString(toIPv6OrNull(RemoteIP)), ''), replaceOne(ifNull(toString(toIPv6OrNull(RemoteIP)), ''), '::ffff:', '')), replaceRegexpOne(ifNull(toString(toIPv6OrNull(extract(toValidUTF8(RemoteIP), '^[\\pZ\\pC"\']*\\[?((?:[0-9A-Fa-f:]*:)?(?:0|[1-9][0-9]*)[.](?:0|[1-9][0-9]*)[.](?:0|[1-9][0-9]*)[.](?:0|[1-9][0-9]*)|[0-9A-Fa-f:]+)(?:%[^]]*)?\\]?(?::[0-9]*)?[\\pZ\\pC"\']*$'))), ''), '^::ffff:([0-9]+[.])', '\\1')) AS RemoteAddress,
        ifNull(toInt64(RemotePort), 0) AS Port,
        lower(Protocol) AS Transport,
        replaceRegexpOne(replaceRegexpOne(replaceRegexpOne(replaceRegexpOne(replaceRegexpAll(replaceRegexpOne(toValidUTF8(FileText), '(?s)^[\\pZ\\pC]*"([^"]*)".*$', '\\1'), '^[\\pZ\\pC"\']+|[\\pZ\\pC"\'/\\\\]+$', ''), '(?i)^[(<{\\[]?(?:[-?*.]+|#?n/?a|n[.]a[.]|nan|nil|null|none|undefined|unknown|unset|empty|missing|not (?:available|applicable|set)|\\\\N)?[])>}]?$', ''), '(?is)^(.*?[.]exe)\\pZ.*$', '\\1'), '(?i)(?:\\pZ+[(]deleted[)]|[.]app)$', ''), '(?s)^.*[/\\\\]', '') AS Process,
        lower(Process) AS Program
    FROM
    (
        -- of a dictionary what is done to its texts is done once for each
        SELECT
            *,
            CAST(OwnDeviceId, 'LowCardinality(String)') AS IdText,
            CAST(OwnDeviceName, 'LowCardinality(String)') AS NameText,
            CAST(InitiatingProcessFileName, 'LowCardinality(String)') AS FileText
        FROM gathered
    )
),
-- The host of each connection: that of RemoteUrl, or where it has no name the address itself.
hosts AS
(
    SELECT
        *,
        -- a host is an address where it holds a colon, or is an IPv4's text
        position(UrlHost, ':') > 0 OR IPv4NumToString(IPv4StringToNumOrDefault(UrlHost)) = UrlHost AS IsAddress,
        -- a name without a dot means another host in each network: it is none here
        NOT IsAddress AND position(UrlHost, '.') = 0 AS IsNone,
        IsNone OR NOT IsAddress AND arrayExists(domain -> UrlHost = domain OR endsWith(UrlHost, concat('.', domain)), {cases_internalDomains:Array(String)}) AS IsInternal
    FROM (SELECT *, multiIf(RemoteUrl = '', '', match(lower(RemoteUrl), '^(?:[a-z]+://)?[a-z0-9_-]+(?:[.][a-z0-9_-]+)+(?::[0-9]+)?(?:[/?#]|$)'), domain(lower(RemoteUrl)), arrayMap(host -> if(match(host, '[:[]'), replaceRegexpOne(ifNull(toString(toIPv6OrNull(extract(toValidUTF8(host), '^[\\pZ\\pC"\']*\\[?((?:[0-9A-Fa-f:]*:)?(?:0|[1-9][0-9]*)[.](?:0|[1-9][0-9]*)[.](?:0|[1-9][0-9]*)[.](?:0|[1-9][0-9]*)|[0-9A-Fa-f:]+)(?:%[^]]*)?\\]?(?::[0-9]*)?[\\pZ\\pC"\']*$'))), ''), '^::ffff:([0-9]+[.])', '\\1'), host), arrayMap(host -> replaceRegexpOne(if(match(host, '[^ -~]'), replaceAll(lowerUTF8(normalizeUTF8NFKC(host)), '。', '.'), host), '[.]+$', ''), [extract(lower(replaceRegexpOne(replaceRegexpAll(replaceAll(replaceRegexpAll(toValidUTF8(RemoteUrl), '[\\p{Cc}\\p{Cf}]', ''), '\\', '/'), '^[\\pZ\\pC"\']+|[\\pZ\\pC"\']+$', ''), '(?i)^[(<{\\[]?(?:[-?*.]+|#?n/?a|n[.]a[.]|nan|nil|null|none|undefined|unknown|unset|empty|missing|not (?:available|applicable|set)|\\\\N)?[])>}]?$', '')), '^(?:(?:https?|wss?|ftp):/*|[a-z][a-z0-9+.-]*:///*|///*)?(?:[^/?#]*@)?(\\[[^]/?#]*\\]|[0-9a-f]*:[0-9a-f]*:[0-9a-f:.]*(?:%[^/?#]*)?|[^/?#:@]*)(?::[^/?#]*)?(?:[/?#]|$)')]))[1]) AS UrlHost FROM written)
),
judged AS
(
    SELECT
        *,
        if(IsNone, RemoteAddress, UrlHost) AS Host,
        -- a name of the internet is public whatever the address, which may be a proxy's
        NOT IsInternal AND NOT IsAddress AS IsName,
        -- a host that is an address must be public, and so must the address of an internal name
        if(IsInternal, RemoteAddress, UrlHost) AS Judged,
        if(IsName, NULL, if(IPv4StringToNumOrDefault(Judged) != 0, toNullable(toUInt128(0xFFFF00000000 + IPv4StringToNumOrDefault(Judged))), toUInt128(toIPv6OrNull(Judged)))) AS JudgedNumber
    FROM hosts
),
-- One row a device and host: a channel over several ports, names and addresses of one host is one.
channels AS
(
    SELECT
        Device,
        Host,
        NOT (position(Host, ':') > 0 OR IPv4NumToString(IPv4StringToNumOrDefault(Host)) = Host) AS Named,
        min(OwnDeviceId) AS DeviceId, -- one of the spellings, and always the same one
        -- the newest; of several at once the last in order. A time in milliseconds is twelve digits in base 16 from 1900 to 2262, of which this
        -- makes a number above 0; argMax by a tuple takes longer
        substring(max(concat(hex(toUInt64(toUnixTimestamp64Milli(LastTime) + 4000000000000)), OwnDeviceName)), 13) AS DeviceName,
        min(FirstTime) AS FirstSeen,
        max(LastTime) AS LastSeen,
        groupArrayArray(OwnOffsets) AS Offsets,
        -- lists, for a set of texts takes half a kilobyte however little is in it
        groupArray(RemoteAddress) AS Reached,
        groupArray((Port, Transport, Process)) AS Used,
        min(Port > 0 AND Port NOT IN {cases_usualPorts:Array(Int64)}) AS OnOddPorts,
        min(Port = 123 AND Transport = 'udp') AS OnTimePorts,
        max(Program IN {cases_scriptHosts:Array(String)}) AS ByScripts,
        max(Program != '') AND min(Program = '' OR Program IN {cases_browsers:Array(String)}) AS ByBrowsers,
        max(OwnUserFolders) AS FromUserFolders,
        CAST(if(sum(OwnSent) > 9007199254740992, 9007199254740992, sum(OwnSent)), 'Nullable(Int64)') AS BytesSent,
        CAST(if(sum(OwnReceived) > 9007199254740992, 9007199254740992, sum(OwnReceived)), 'Nullable(Int64)') AS BytesReceived,
        sum(OwnOpen) / 1000 AS OpenTime,
        max(OwnLongest) / 1000 AS LongestConnection,
        sum(OwnUnasked) AS Unasked,
        max(OwnMatches) AS Matched
    FROM judged
    -- a name of the internet, or a public address
    WHERE IsName OR arrayExists(number -> NOT (number BETWEEN {cases_private0_first:UInt128} AND {cases_private0_last:UInt128})
      AND NOT (number BETWEEN {cases_private1_first:UInt128} AND {cases_private1_last:UInt128})
      AND NOT (number BETWEEN {cases_private2_first:UInt128} AND {cases_private2_last:UInt128})
      AND NOT (number BETWEEN {cases_private3_first:UInt128} AND {cases_private3_last:UInt128})
      AND NOT (number BETWEEN {cases_private4_first:UInt128} AND {cases_private4_last:UInt128})
      AND NOT (number BETWEEN {cases_private5_first:UInt128} AND {cases_private5_last:UInt128})
      AND NOT (number BETWEEN {cases_private6_first:UInt128} AND {cases_private6_last:UInt128})
      AND NOT (number BETWEEN {cases_private7_first:UInt128} AND {cases_private7_last:UInt128})
      AND NOT (number BETWEEN {cases_private8_first:UInt128} AND {cases_private8_last:UInt128})
      AND NOT (number BETWEEN {cases_private9_first:UInt128} AND {cases_private9_last:UInt128})
      AND NOT (number BETWEEN {cases_private10_first:UInt128} AND {cases_private10_last:UInt128})
      AND NOT (number BETWEEN {cases_private11_first:UInt128} AND {cases_private11_last:UInt128})
      AND NOT (number BETWEEN toUInt128('0') AND toUInt128('1')) -- ::/127
      AND NOT (number BETWEEN toUInt128('334965454937798799971759379190646833152') AND toUInt128('337623910929368631717566993311207522303')) -- fc00::/7
      AND NOT (number BETWEEN toUInt128('338288524927261089654018896841347694592') AND toUInt128('338620831926207318622244848606417780735')) -- fe80::/10
      AND NOT (number BETWEEN toUInt128('338953138925153547590470800371487866880') AND toUInt128('340282366920938463463374607431768211455')) -- ff00::/8
      AND isNotNull(number), [JudgedNumber])
    GROUP BY Device, Host
),
-- What can only be told from the others: how many devices go there, and whether names are known of what this device does.
compared AS
(
    SELECT
        *,
        toInt64(length(Offsets)) AS ConnectionCount,
        toInt64(count() OVER (PARTITION BY Host)) AS UniqueDevices,
        toInt64(uniqExact(Device) OVER ()) AS Fleet,
        avg(Named) OVER (PARTITION BY Device) AS NamedShare,
        sum(Unasked) OVER (PARTITION BY Device) AS UnaskedOfDevice,
        min(FirstSeen) OVER (PARTITION BY Host) AS FirstOfHost,
        min(FirstSeen) OVER (PARTITION BY Device) AS FirstOfDevice
    FROM channels
),
-- Only what may reach a risk at all is looked at closely, and has its lists put in order.
candidates AS
(
    SELECT
        *,
        arrayMap(offset -> toInt64(offset) + toInt64(floor(toUnixTimestamp64Milli({from:DateTime64(3, 'UTC')}) / 1000)), arraySort(Offsets)) AS Seconds,
        arraySort(arrayDistinct(Reached)) AS Addresses,
        arrayDistinct(Used) AS Uses
    FROM compared
    WHERE Matched -- what others do tells of a case whatever is asked for
        AND (ConnectionCount >= {cases_minConnections:Int64} OR LongestConnection >= {cases_longSeconds:Int64})
        AND ({cases_maxConnections:Int64} = 0 OR ConnectionCount <= {cases_maxConnections:Int64})
),
-- The shape of a channel in time.
-- Rows in:  candidates, each with its sorted Seconds.
-- Row out:  shaped: the same with CheckIns, MedianInterval, Regularity, Coverage, Bins and ActiveBins.
-- Connections within three seconds are one check-in: programs open several at a time.
checkedIn AS
(
    SELECT
        *,
        arraySort(arrayFilter(gap -> gap > 3, arrayDifference(Seconds))) AS Intervals,
        1 + length(Intervals) AS CheckIns,
        toFloat64(arrayElement(Intervals, intDiv(length(Intervals) + 1, 2))) AS MedianInterval,
        -- each bin's border is a fifth above the one before
        arraySort(arrayMap(gap -> toInt16(floor(log(gap) / log(1.2))), Intervals)) AS Steps,
        -- the runs of equal steps; to count each step in all of them would need the steps once for each
        arrayReverseSort(arrayMap(run -> length(run), arraySplit((step, change) -> change != 0, Steps, arrayDifference(Steps)))) AS Frequencies,
        toUnixTimestamp64Milli({cases_to:DateTime64(3, 'UTC')}) - toUnixTimestamp64Milli({cases_from:DateTime64(3, 'UTC')}) AS WindowMillis,
        arrayMap(second -> toUInt8(least(23, intDiv(greatest(second * 1000 - toUnixTimestamp64Milli({cases_from:DateTime64(3, 'UTC')}), 0) * 24, greatest(WindowMillis, 1)))), Seconds) AS Places,
        arrayMap(n -> toInt64(n), arrayReduce('countResample(0, 24, 1)', Places)) AS Bins
    FROM candidates
),
shaped AS
(
    SELECT
        *,
        -- Of the intervals, the share that lies in the three most frequent steps: near 1 for a sleep with up to a half of
        -- jitter, or for a sleep that changes between two or three values; a fifth for independent events, whose intervals
        -- spread over many steps. It needs five intervals.
        if(length(Intervals) < 5, 0, arraySum(arraySlice(Frequencies, 1, 3)) / length(Intervals)) AS Regularity,
        arrayCount(bin -> bin > 0, Bins) AS ActiveBins,
        -- how much of the window its check-ins fill, each with the median interval; a few may lie far apart by chance
        if(CheckIns < 10, 0, least(1, CheckIns * MedianInterval * 1000 / greatest(WindowMillis, 1))) AS Coverage
    FROM checkedIn
),
-- What speaks for and against a channel, and the risk that it adds up to.
-- Rows in:  shaped.
-- Row out:  judgement: the same with Reasons, an array of (points, sentence), the gravest first, and Risk, 0 to 100.
-- Each weight is a parameter of its own name; evidence.go says why it is worth that.
-- Each level names what the next uses several times: the planner writes out an alias of its own level at each use.
-- How a span of seconds is told to people.
(seconds) -> multiIf(seconds < 120, concat(toString(round(seconds)), ' s'), seconds < 7200, concat(toString(round(seconds / 60)), ' min'), concat(toString(round(seconds / 3600, 1)), ' h')) AS spanText,
-- And how long something is known.
(seconds) -> if(seconds < 172800, spanText(seconds), concat(toString(intDiv(seconds, 86400)), ' days')) AS knownText,
(points, share) -> toInt64(round(points * greatest(0, least(1, share)))) AS scaled,
located AS
(
    SELECT
        *,
        emptyArrayInt64() AS Numbers,
        emptyArrayInt64() AS Systems,
        -- Where no autonomous system is known, the first part of an address stands for its network: a provider of servers has a
        -- handful of these, and hundreds of the /16 within.
        length(arrayDistinct(arrayMap(address -> extract(address, '^[0-9a-f]+'), Addresses))) AS Networks
    FROM shaped
),
-- No ledger of destinations is configured: what is known is what the window tells, and nothing is new or long known by it.
remembered AS
(
    SELECT
        *,
        FirstOfHost AS FirstSeenEver,
        UniqueDevices AS DevicesEver,
        toInt64(0) AS DaysEver,
        {cases_from:DateTime64(3, 'UTC')} AS KnownSince,
        Fleet AS FleetEver,
        0 AS Recalls,
        0 AS IsNew,
        0 AS IsLongKnown,
        toInt64(0) AS KnownSeconds,
        toInt64(0) AS LedgerSeconds
    FROM located
),
known AS
(
    SELECT
        *,
        greatest(ActiveBins / 24, Coverage, least(1, OpenTime * 1000 / greatest(WindowMillis, 1))) AS Persistence,
        -- the vendor whose service the host is, or lies under
        arrayFirst(ending -> ending IN {cases_services:Array(String)}, arrayConcat([Host], arrayMap(i -> arrayStringConcat(arraySlice(splitByChar('.', Host), i), '.'), range(2, length(splitByChar('.', Host)) + 1)))) AS Service,
        if(Service = '', '', arrayElement({cases_vendors:Array(String)}, indexOf({cases_services:Array(String)}, Service))) AS Vendor,
        if(Host IN {dynamicOwnHosts:Array(String)}, '', arrayFirst(ending -> ending IN {dynamicSuffixes:Array(String)} AND length(Host) > length(ending) + 1, arrayMap(i -> arrayStringConcat(arraySlice(splitByChar('.', Host), i), '.'), range(2, length(splitByChar('.', Host)) + 1)))) AS DynamicSuffix,
        -- the service that rotates by design which the host is, or lies under
        arrayFirst(ending -> ending IN {cases_rotating:Array(String)}, arrayConcat([Host], arrayMap(i -> arrayStringConcat(arraySlice(splitByChar('.', Host), i), '.'), range(2, length(splitByChar('.', Host)) + 1)))) AS RotatingDomain,
        arrayFilter(number -> has({cases_suspiciousAsns:Array(Int64)}, number), Systems) AS SuspiciousSystems,
        arrayFilter(number -> has({cases_hostingAsns:Array(Int64)}, number), Systems) AS HostingSystems,
        if(ConnectionCount = 0, 0, ifNull(BytesReceived, 0) / ConnectionCount) AS ReceivedEach,
        0 AS ListedConfidence,
        '' AS Listed,
        ('', toInt64(0), toDateTime64(0, 3, 'UTC')) AS Move,
        -- of the detector fastFlux by host, over the window; an address alone moves nowhere
        if(Named, Networks / greatest(1, length(Addresses)) * (1.32 * length(Addresses) + 18.54 * Networks), 0) AS Fluxiness
    FROM remembered
),
-- What each piece of evidence is worth, in the order of their sentences below, and what that comes to.
weighed AS
(
    SELECT
        *,
        [
            -- a half of the intervals alike is chance, most of them is a timer
            scaled({cases_regular:Int64}, least(1, (Regularity - 0.5) / 0.3) * least(1, length(Intervals) / 20)),
            scaled({cases_persistent:Int64}, (Persistence - 0.4) / 0.4),
            if(Regularity > 0.5 AND MedianInterval <= 120, scaled({cases_frequent:Int64}, (CheckIns - 100) / 400), 0),
            if(LongestConnection >= {cases_longSeconds:Int64}, scaled({cases_long:Int64}, LongestConnection / 14400), 0),
            -- only where names are known of most of what the device reaches, and one could have been seen
            if(NOT Named AND NamedShare >= 0.5 AND UnaskedOfDevice = 0 AND dateDiff('second', FirstOfDevice, LastSeen) >= 3600, {cases_noName:Int64}, 0),
            if(notEmpty(SuspiciousSystems), {cases_suspiciousNetwork:Int64}, 0),
            if(empty(SuspiciousSystems) AND notEmpty(HostingSystems), {cases_hostingNetwork:Int64}, 0),
            if(OnOddPorts, {cases_oddPort:Int64}, 0),
            if(DynamicSuffix != '', {cases_dynamicDns:Int64}, 0),
            scaled({cases_flux:Int64}, (Fluxiness - 142.38) / 71.19),
            toInt64(0 * {cases_shortTtl:Int64}), -- how long answers hold is not known
            scaled({cases_listed:Int64}, ListedConfidence / 100),
            if(Move.1 != '', {cases_repointed:Int64}, 0),
            -- where the ledger tells, the window does not
            if(NOT Recalls AND dateDiff('second', FirstOfDevice, FirstOfHost) >= 86400, {cases_newDestination:Int64}, 0),
            if(IsNew, {cases_firstSeen:Int64}, 0),
            if(ByScripts, {cases_scriptHost:Int64}, 0),
            if(FromUserFolders, {cases_userFolder:Int64}, 0),
            if(ifNull(BytesSent, 0) > 1048576 AND BytesSent > ifNull(BytesReceived, 0), {cases_upload:Int64}, 0),
            if(Fleet >= 20 AND UniqueDevices <= greatest(2, Fleet / 100), {cases_fewDevices:Int64}, 0),
            -- against
            if(Vendor != '', {cases_knownService:Int64}, 0),
            -- a name that anybody may take is no company's, however many go there
            if(Fleet >= 20 AND DynamicSuffix = '', scaled({cases_manyDevices:Int64}, (UniqueDevices - greatest(2, Fleet / 100)) / (greatest(5, Fleet / 10) - greatest(2, Fleet / 100))), 0),
            -- anybody may take the one name, and perhaps somebody has just taken the other
            if(IsLongKnown AND DynamicSuffix = '' AND Move.1 = '', {cases_longKnown:Int64}, 0),
            if(RotatingDomain != '', scaled({cases_rotatingService:Int64}, (Fluxiness - 142.38) / 71.19), 0),
            if(ByBrowsers, {cases_browser:Int64}, 0),
            if(OnTimePorts, {cases_timeService:Int64}, 0),
            if(ReceivedEach > 1048576, {cases_bulk:Int64}, 0)
        ] AS Points
    FROM known
),
summed AS
(
    SELECT
        *,
        greatest(0, least(100, arraySum(Points))) AS Risk,
        arrayDistinct(arrayMap(use -> (use.1, use.2), Uses)) AS Ports,
        arraySort(arrayDistinct(arrayFilter(process -> process != '', arrayMap(use -> use.3, Uses)))) AS Processes
    FROM weighed
),
judgement AS
(
    SELECT
        *,
        arraySort(reason -> (-reason.1, reason.2), arrayFilter(reason -> reason.1 != 0, arrayZip(Points,
        [
            concat('checks in every ', spanText(MedianInterval), ': ', toString(round(Regularity * 100)), ' % of its ', toString(length(Intervals)), ' intervals are alike'),
            concat('at it for ', toString(round(Persistence * 100)), ' % of the time, in ', toString(ActiveBins), ' of 24 parts of the window'),
            concat(toString(CheckIns), ' check-ins, as close as those of a waiting operator'),
            concat('one connection was open for ', spanText(LongestConnection)),
            concat('no name leads to this address, while names are known of ', toString(round(NamedShare * 100)), ' % of the places that the device reaches'),
            concat('in a network of the suspicious list, AS', toString(SuspiciousSystems[1])),
            concat('in a network that rents servers by the hour, AS', toString(HostingSystems[1])),
            concat('only on ports that no common service uses: ', arrayStringConcat(arraySlice(arraySort(arrayMap(port -> toString(port.1), Ports)), 1, 5), ', ')),
            concat('a name under ', DynamicSuffix, ', where anybody may take one'),
            concat('moves between ', toString(length(Addresses)), ' addresses in ', toString(Networks), ' networks'),
            'an answer of DNS for it held for 5 minutes or less',
            concat('on a list of threat intelligence: ', Listed, ', at a confidence of ', toString(ListedConfidence)),
            concat('the name leads elsewhere since ', formatDateTime(Move.3, '%F', 'UTC'), ', after ', toString(Move.2), ' days in one place'),
            concat('new: no device of this window went there until ', spanText(dateDiff('second', FirstOfDevice, FirstOfHost)), ' after this one was first seen'),
            concat('first seen ', knownText(KnownSeconds), ' ago, by any device, and the ledger goes back ', knownText(LedgerSeconds)),
            concat('connected by ', arrayStringConcat(arraySlice(arrayFilter(process -> has({cases_scriptHosts:Array(String)}, lower(process)), Processes), 1, 3), ', '), ', which runs scripts'),
            'connected by a program in a folder that its user may write to',
            concat('sends more than it receives: ', formatReadableSize(ifNull(BytesSent, 0))),
            concat(if(UniqueDevices = 1, 'only this device', 'only 2 devices or one in a hundred'), ' of ', toString(Fleet), ' connects there'),
            concat('a known service: ', Vendor, ' (', Service, ')'),
            concat(toString(UniqueDevices), ' of ', toString(Fleet), ' devices connect there'),
            concat('known for ', knownText(KnownSeconds), ' and to ', toString(DevicesEver), ' devices, which connected on ', toString(DaysEver), ' dates'),
            concat('rotates by design: ', arrayElement({cases_rotators:Array(String)}, indexOf({cases_rotating:Array(String)}, RotatingDomain)), ' (', RotatingDomain, ')'),
            'connected by a browser alone',
            'asks for the time (UDP port 123), which is even by design',
            concat('receives ', formatReadableSize(ReceivedEach), ' each time, as downloads and calls do')
        ]))) AS Reasons
    FROM summed
    -- sentences are dear: only what is found has some
    WHERE Risk >= {cases_minRisk:Int64}
),
findings AS
(
    SELECT
        LastSeen AS Timestamp,
        DeviceName,
        Addresses[1] AS RemoteIP, -- the first of several
        Host AS RemoteUrl,
        'HighRiskCase' AS AlertType,
        ConnectionCount,
        BytesSent,
        BytesReceived,
        arraySlice(Processes, 1, {cases_samples:Int64}) AS SampleProcesses,
        DeviceId,
        Device,
        Risk,
        arrayMap(reason -> reason.2, Reasons) AS Why,
        toInt64(round(Regularity * 100)) AS Regularity,
        MedianInterval,
        toInt64(ActiveBins) AS ActiveBins,
        OpenTime,
        LongestConnection,
        UniqueDevices,
        DevicesEver,
        least(1, DevicesEver / FleetEver) AS Prevalence,
        arraySlice(arraySort(arrayMap(port -> concat(if(port.2 = '', '', concat(port.2, '/')), toString(port.1)), Ports)), 1, {cases_samples:Int64}) AS SamplePorts,
        arraySlice(Addresses, 1, {cases_samples:Int64}) AS SampleIPs,
        FirstSeen,
        LastSeen,
        FirstSeenEver,
        KnownSince,
        Bins AS Sparkline
    FROM judgement
)
,
-- One row a set of labels: the highest alert value in the window.
numbers AS
(
    SELECT
        DeviceName,
        DeviceId,
        RemoteUrl,
        toFloat64(Risk) AS Value
    FROM findings
),
-- Who comes first where not all may be shown: the gravest finding of each device before the second of any, so that no device
-- takes the place of another.
turns AS
(
    SELECT
        *,
        row_number() OVER (PARTITION BY if(DeviceId = '', DeviceName, DeviceId) ORDER BY Value DESC, DeviceName, DeviceId, RemoteUrl) AS DeviceTurn
    FROM numbers
),
-- Rank 1 is shown first. Findings is how many there are, shown or not.
ranked AS
(
    SELECT
        *,
        toInt64(count() OVER ()) AS Findings,
        toInt64(row_number() OVER (ORDER BY greatest(DeviceTurn, DestinationTurn), Value DESC, DeviceName, DeviceId, RemoteUrl)) AS Rank
    FROM
    (
        -- the same for each destination, whose devices take turns
        SELECT
            *,
            row_number() OVER (PARTITION BY ifNull(nullIf(multiIf(RemoteUrl = '', '', match(lower(RemoteUrl), '^(?:[a-z]+://)?[a-z0-9_-]+(?:[.][a-z0-9_-]+)+(?::[0-9]+)?(?:[/?#]|$)'), domain(lower(RemoteUrl)), arrayMap(host -> if(match(host, '[:[]'), replaceRegexpOne(ifNull(toString(toIPv6OrNull(extract(toValidUTF8(host), '^[\\pZ\\pC"\']*\\[?((?:[0-9A-Fa-f:]*:)?(?:0|[1-9][0-9]*)[.](?:0|[1-9][0-9]*)[.](?:0|[1-9][0-9]*)[.](?:0|[1-9][0-9]*)|[0-9A-Fa-f:]+)(?:%[^]]*)?\\]?(?::[0-9]*)?[\\pZ\\pC"\']*$'))), ''), '^::ffff:([0-9]+[.])', '\\1'), host), arrayMap(host -> replaceRegexpOne(if(match(host, '[^ -~]'), replaceAll(lowerUTF8(normalizeUTF8NFKC(host)), '。', '.'), host), '[.]+$', ''), [extract(lower(replaceRegexpOne(replaceRegexpAll(replaceAll(replaceRegexpAll(toValidUTF8(RemoteUrl), '[\\p{Cc}\\p{Cf}]', ''), '\\', '/'), '^[\\pZ\\pC"\']+|[\\pZ\\pC"\']+$', ''), '(?i)^[(<{\\[]?(?:[-?*.]+|#?n/?a|n[.]a[.]|nan|nil|null|none|undefined|unknown|unset|empty|missing|not (?:available|applicable|set)|\\\\N)?[])>}]?$', '')), '^(?:(?:https?|wss?|ftp):/*|[a-z][a-z0-9+.-]*:///*|///*)?(?:[^/?#]*@)?(\\[[^]/?#]*\\]|[0-9a-f]*:[0-9a-f]*:[0-9a-f:.]*(?:%[^/?#]*)?|[^/?#:@]*)(?::[^/?#]*)?(?:[/?#]|$)')]))[1]), ''), RemoteUrl) ORDER BY DeviceTurn, Value DESC, DeviceName, DeviceId, RemoteUrl) AS DestinationTurn
        FROM turns
    )
    ORDER BY Rank
    LIMIT {limit:Int64}
)
-- One row a series and interval in which it has a value. Intervals are counted from the epoch, in UTC.
SELECT
    Rank,
    fromUnixTimestamp64Milli(intDiv(toUnixTimestamp64Milli(Timestamp), {interval:Int64}) * {interval:Int64}, 'UTC') AS Time,
    DeviceName,
    DeviceId,
    RemoteUrl,
    toFloat64(max(Risk)) AS Value,
    any(ranked.Findings) AS Findings
FROM findings
INNER JOIN ranked USING (DeviceName, DeviceId, RemoteUrl)
GROUP BY Rank, Time, DeviceName, DeviceId, RemoteUrl
ORDER BY Rank, Time
