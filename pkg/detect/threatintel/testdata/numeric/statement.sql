-- ThreatIntelMatch: a device that connects to what a list of threat intelligence names.
-- Rows in:  events of the window that pass the query's filters.
-- Row out:  one device and host (a name, or the address where no name is known) that an indicator names.
-- Parameters: threatIntel_*, as declared in params.go and points.go; indicatorNetworks and indicatorNames the dictionaries on the table of
-- indicators; from, to and filter* belong to the source.
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
        t."RemoteUrl" AS RemoteUrl,
        CAST(t."SentBytes", 'Nullable(Int128)') AS Sent,
        CAST(t."ReceivedBytes", 'Nullable(Int128)') AS Received,
        replaceRegexpOne(replaceRegexpOne(replaceRegexpOne(replaceRegexpOne(replaceRegexpAll(replaceRegexpOne(toValidUTF8(t."InitiatingProcessFileName"), '(?s)^[\\pZ\\pC]*"([^"]*)".*$', '\\1'), '^[\\pZ\\pC"\']+|[\\pZ\\pC"\'/\\\\]+$', ''), '(?i)^[(<{\\[]?(?:[-?*.]+|#?n/?a|n[.]a[.]|nan|nil|null|none|undefined|unknown|unset|empty|missing|not (?:available|applicable|set)|\\\\N)?[])>}]?$', ''), '(?is)^(.*?[.]exe)\\pZ.*$', '\\1'), '(?i)(?:\\pZ+[(]deleted[)]|[.]app)$', ''), '(?s)^.*[/\\\\]', '') AS ProcessName
    FROM "default"."network_events" AS t
    WHERE t."Timestamp" >= {from:DateTime64(3, 'UTC')}
      AND t."Timestamp" < {to:DateTime64(3, 'UTC')}
),
-- What an indicator may be called that names an address: any network that holds it. Each address is looked up once, and written out only
-- where the dictionary knows such a network.
(
    SELECT groupArray((RemoteAddress, Names))
    FROM
    (
        SELECT
            RemoteAddress,
            position(RemoteAddress, ':') > 0 AS IsIPv6,
            -- an IPv4 address is looked up as the IPv6 address that stands for it
            arrayMap(
                bits -> concat('network:', replaceOne(toString(tupleElement(IPv6CIDRToRange(toIPv6OrDefault(RemoteAddress), toUInt8(if(IsIPv6, bits, bits + 96))), 1)), '::ffff:', ''), '/', toString(bits)),
                range(8, if(IsIPv6, 129, 33))) AS Names
        FROM (SELECT RemoteAddress FROM mapped WHERE ActionType IN {threatIntel_actionTypes:Array(String)} GROUP BY RemoteAddress)
        WHERE dictHas({indicatorNetworks:String}, toIPv6OrDefault(RemoteAddress))
    )
) AS touchedAddresses,
-- The same of a URL: its host, any domain that the host ends with, and host, path and query together.
(
    SELECT groupArray((RemoteUrl, Names))
    FROM
    (
        SELECT
            RemoteUrl,
            arrayFilter(
                name -> dictHas({indicatorNames:String}, sipHash64(name)),
                arrayConcat(
                    [concat('host:', UrlHost), concat('domain:', UrlHost)],
                    arrayMap(ending -> concat('domain:', ending), arrayMap(i -> arrayStringConcat(arraySlice(splitByChar('.', UrlHost), i), '.'), range(2, length(splitByChar('.', UrlHost)) + 1))),
                    if(UrlPath = '', [], [concat('url:', UrlHost, UrlPath)]))) AS Names
        FROM
        (
            SELECT
                RemoteUrl,
                multiIf(RemoteUrl = '', '', match(lower(RemoteUrl), '^(?:[a-z]+://)?[a-z0-9_-]+(?:[.][a-z0-9_-]+)+(?::[0-9]+)?(?:[/?#]|$)'), domain(lower(RemoteUrl)), arrayMap(host -> if(match(host, '[:[]'), replaceRegexpOne(ifNull(toString(toIPv6OrNull(extract(toValidUTF8(host), '^[\\pZ\\pC"\']*\\[?((?:[0-9A-Fa-f:]*:)?(?:0|[1-9][0-9]*)[.](?:0|[1-9][0-9]*)[.](?:0|[1-9][0-9]*)[.](?:0|[1-9][0-9]*)|[0-9A-Fa-f:]+)(?:%[^]]*)?\\]?(?::[0-9]*)?[\\pZ\\pC"\']*$'))), ''), '^::ffff:([0-9]+[.])', '\\1'), host), arrayMap(host -> replaceRegexpOne(if(match(host, '[^ -~]'), replaceAll(lowerUTF8(normalizeUTF8NFKC(host)), '。', '.'), host), '[.]+$', ''), [extract(lower(replaceRegexpOne(replaceRegexpAll(replaceAll(replaceRegexpAll(toValidUTF8(RemoteUrl), '[\\p{Cc}\\p{Cf}]', ''), '\\', '/'), '^[\\pZ\\pC"\']+|[\\pZ\\pC"\']+$', ''), '(?i)^[(<{\\[]?(?:[-?*.]+|#?n/?a|n[.]a[.]|nan|nil|null|none|undefined|unknown|unset|empty|missing|not (?:available|applicable|set)|\\\\N)?[])>}]?$', '')), '^(?:(?:https?|wss?|ftp):/*|[a-z][a-z0-9+.-]*:///*|///*)?(?:[^/?#]*@)?(\\[[^]/?#]*\\]|[0-9a-f]*:[0-9a-f]*:[0-9a-f:.]*(?:%[^/?#]*)?|[^/?#:@]*)(?::[^/?#]*)?(?:[/?#]|$)')]))[1]) AS UrlHost,
                -- nothing where there is no more than a host
                extract(RemoteUrl, '^(?:[A-Za-z][A-Za-z0-9+.-]*:)?//[^/?#]*(/[^#]+)') AS UrlPath
            FROM mapped
            WHERE ActionType IN {threatIntel_actionTypes:Array(String)} AND RemoteUrl != ''
            GROUP BY RemoteUrl
        )
        WHERE notEmpty(Names)
    )
) AS touchedUrls,
-- The indicators themselves, as they stand now. One name may be on the lists of several sources.
indicators AS
(
    SELECT
        concat(toString(Kind), ':', Value) AS Name,
        -- a network of one address is that address
        if(Kind = 'network', replaceRegexpOne(Value, if(position(Value, ':') > 0, '/128$', '/32$'), ''), Value) AS Indicator,
        toString(Source) AS Source,
        -- plain types in place of those that say how rows are merged
        CAST(Threat, 'String') AS Threat,
        toInt64(Confidence) AS Confidence,
        CAST(Reference, 'String') AS Reference,
        CAST(Flag, 'String') AS Flag
    FROM "default"."indicators" FINAL
    WHERE (Kind, Value) IN
        (
            SELECT
                CAST(substring(Name, 1, position(Name, ':') - 1), 'Enum8(\'network\' = 1, \'domain\' = 2, \'host\' = 3, \'url\' = 4)'),
                substring(Name, position(Name, ':') + 1)
            FROM (SELECT arrayJoin(tupleElement(arrayJoin(arrayConcat(touchedAddresses, touchedUrls)), 2)) AS Name)
        )
        AND Expires > now()
        AND ({threatIntel_newIndicatorHours:Int64} = 0 OR Added >= now() - toIntervalHour({threatIntel_newIndicatorHours:Int64}))
        AND NOT has({threatIntel_excludeSources:Array(String)}, lowerUTF8(Source))
),
listedAddresses AS
(
    SELECT ListedAddress, groupUniqArray((Indicator, Source, Threat, indicators.Confidence, Reference, Flag)) AS OfAddress
    FROM (SELECT tupleElement(Row, 1) AS ListedAddress, arrayJoin(tupleElement(Row, 2)) AS Name FROM (SELECT arrayJoin(touchedAddresses) AS Row)) AS names
    INNER JOIN indicators ON indicators.Name = names.Name
    GROUP BY ListedAddress
),
listedUrls AS
(
    SELECT ListedUrl, groupUniqArray((Indicator, Source, Threat, indicators.Confidence, Reference, Flag)) AS OfUrl
    FROM (SELECT tupleElement(Row, 1) AS ListedUrl, arrayJoin(tupleElement(Row, 2)) AS Name FROM (SELECT arrayJoin(touchedUrls) AS Row)) AS names
    INNER JOIN indicators ON indicators.Name = names.Name
    GROUP BY ListedUrl
),
events AS
(
    SELECT *, ifNull(nullIf(multiIf(RemoteUrl = '', '', match(lower(RemoteUrl), '^(?:[a-z]+://)?[a-z0-9_-]+(?:[.][a-z0-9_-]+)+(?::[0-9]+)?(?:[/?#]|$)'), domain(lower(RemoteUrl)), arrayMap(host -> if(match(host, '[:[]'), replaceRegexpOne(ifNull(toString(toIPv6OrNull(extract(toValidUTF8(host), '^[\\pZ\\pC"\']*\\[?((?:[0-9A-Fa-f:]*:)?(?:0|[1-9][0-9]*)[.](?:0|[1-9][0-9]*)[.](?:0|[1-9][0-9]*)[.](?:0|[1-9][0-9]*)|[0-9A-Fa-f:]+)(?:%[^]]*)?\\]?(?::[0-9]*)?[\\pZ\\pC"\']*$'))), ''), '^::ffff:([0-9]+[.])', '\\1'), host), arrayMap(host -> replaceRegexpOne(if(match(host, '[^ -~]'), replaceAll(lowerUTF8(normalizeUTF8NFKC(host)), '。', '.'), host), '[.]+$', ''), [extract(lower(replaceRegexpOne(replaceRegexpAll(replaceAll(replaceRegexpAll(toValidUTF8(RemoteUrl), '[\\p{Cc}\\p{Cf}]', ''), '\\', '/'), '^[\\pZ\\pC"\']+|[\\pZ\\pC"\']+$', ''), '(?i)^[(<{\\[]?(?:[-?*.]+|#?n/?a|n[.]a[.]|nan|nil|null|none|undefined|unknown|unset|empty|missing|not (?:available|applicable|set)|\\\\N)?[])>}]?$', '')), '^(?:(?:https?|wss?|ftp):/*|[a-z][a-z0-9+.-]*:///*|///*)?(?:[^/?#]*@)?(\\[[^]/?#]*\\]|[0-9a-f]*:[0-9a-f]*:[0-9a-f:.]*(?:%[^/?#]*)?|[^/?#:@]*)(?::[^/?#]*)?(?:[/?#]|$)')]))[1]), ''), RemoteAddress) AS Host, arrayConcat(OfAddress, OfUrl) AS Entries
    FROM
    (
        SELECT touching.*, OfAddress, OfUrl
        FROM
        (
            -- few: only of these is it worked out which device and process they are
            SELECT *
            FROM mapped
            WHERE ActionType IN {threatIntel_actionTypes:Array(String)}
              -- GLOBAL: over several shards they are found once
              AND (RemoteAddress GLOBAL IN (SELECT ListedAddress FROM listedAddresses) OR RemoteUrl GLOBAL IN (SELECT ListedUrl FROM listedUrls))
        ) AS touching
        LEFT JOIN listedAddresses ON ListedAddress = touching.RemoteAddress
        LEFT JOIN listedUrls ON ListedUrl = touching.RemoteUrl
    )
),
matched AS
(
    SELECT
        Device,
        Host,
        min(events.DeviceId) AS DeviceId,
        argMax(events.DeviceName, (events.Timestamp, events.DeviceName)) AS DeviceName,
        toInt64(count()) AS ConnectionCount,
        toInt64(countIf(ActionType NOT IN ('ConnectionFailed', 'ConnectionAttempt'))) AS Answered,
        min(Timestamp) AS FirstSeen,
        max(Timestamp) AS LastSeen,
        CAST(if(sum(events.Sent) > 9007199254740992, 9007199254740992, sum(events.Sent)), 'Nullable(Int64)') AS BytesSent,
        CAST(if(sum(events.Received) > 9007199254740992, 9007199254740992, sum(events.Received)), 'Nullable(Int64)') AS BytesReceived,
        arraySort(groupUniqArrayIf(RemoteAddress, RemoteAddress != '')) AS Addresses,
        arraySort(groupUniqArrayIf(1000)(RemoteUrl, RemoteUrl != '')) AS Urls,
        arraySort(groupUniqArrayIf(1000)(ProcessName, ProcessName != '')) AS Processes,
        arraySort(entry -> (-entry.4, entry.1, entry.2), groupUniqArrayArray(Entries)) AS Everything
    FROM events
    GROUP BY Device, Host
),
weighed AS
(
    SELECT
        *,
        arrayFirst(entry -> entry.6 = '', Everything) AS Gravest, -- of those that may be believed by themselves
        if(empty(Gravest.1), Everything[1], Gravest) AS Best,
        arrayDistinct(arrayMap(entry -> entry.2, Everything)) AS Sources,
        arrayFirst(ending -> ending IN {threatIntel_services:Array(String)}, arrayConcat([Host], arrayMap(i -> arrayStringConcat(arraySlice(splitByChar('.', Host), i), '.'), range(2, length(splitByChar('.', Host)) + 1)))) AS Service,
        [
            Best.4,
            if(length(Sources) > 1, {threatIntel_severalSources:Int64}, 0),
            if(Best.6 != '', {threatIntel_flagged:Int64}, 0),
            if(Service != '', {threatIntel_knownService:Int64}, 0),
            if(Answered = 0, {threatIntel_unanswered:Int64}, 0)
        ] AS Points,
        greatest(0, least(100, arraySum(Points))) AS Risk
    FROM matched
),
findings AS
(
    SELECT
        LastSeen AS Timestamp,
        DeviceName,
        Addresses[1] AS RemoteIP, -- the first of several
        Host AS RemoteUrl,
        'ThreatIntelMatch' AS AlertType,
        ConnectionCount,
        BytesSent,
        BytesReceived,
        arraySlice(Processes, 1, {threatIntel_samples:Int64}) AS SampleProcesses,
        Risk,
        -- the gravest first; what speaks against comes last
        arrayMap(reason -> reason.2, arraySort(reason -> (-reason.1, reason.2), arrayFilter(reason -> reason.1 != 0, arrayZip(Points,
        [
            concat(Best.1, ' is on the list of ', Best.2, if(Best.3 = '', '', concat(' as ', Best.3)), ', at a confidence of ', toString(Best.4)),
            concat(toString(length(Sources)), ' sources name it: ', arrayStringConcat(arraySlice(Sources, 1, 5), ', ')),
            concat('the indicator says little by itself: ', Best.6),
            concat('a known service: ', if(Service = '', '', arrayElement({threatIntel_vendors:Array(String)}, indexOf({threatIntel_services:Array(String)}, Service))), ' (', Service, ')'),
            'no connection is known to have been answered'
        ])))) AS Why,
        DeviceId,
        Device,
        arrayDistinct(arrayMap(entry -> entry.1, Everything)) AS Indicators,
        arrayDistinct(arrayFilter(threat -> threat != '', arrayMap(entry -> entry.3, Everything))) AS Threats,
        Sources,
        Best.5 AS Reference,
        arraySlice(Addresses, 1, {threatIntel_samples:Int64}) AS SampleIPs,
        arraySlice(Urls, 1, {threatIntel_samples:Int64}) AS SampleUrls,
        toInt64(count() OVER (PARTITION BY Host)) AS UniqueDevices,
        FirstSeen,
        LastSeen
    FROM weighed
    WHERE Risk >= {threatIntel_minRisk:Int64}
      AND ConnectionCount >= {threatIntel_minConnections:Int64}
)
,
-- One row a set of labels: the highest alert value in the window.
numbers AS
(
    SELECT
        DeviceName,
        DeviceId,
        RemoteUrl,
        lower(hex(substring(SHA256(concat('11:threatIntel', toString(length(Device)), ':', Device, toString(length(RemoteUrl)), ':', RemoteUrl)), 1, 8))) AS FindingKey,
        arrayStringConcat(findings.Why, '; ') AS Why,
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
-- One row a finding that is shown, with the key that the same finding has in a table.
SELECT
    DeviceName,
    DeviceId,
    RemoteUrl,
    FindingKey,
    Why,
    Value,
    Findings,
    Rank
FROM ranked
ORDER BY Rank
