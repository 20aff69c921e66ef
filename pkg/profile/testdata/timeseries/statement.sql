-- What the events of a window can be used for, from a sample: for each sensor (Source) and interval the newest events, in
-- whole slices of time, until there are enough. The last relation, counted, is what rows.sql and quality_*.sql read.
-- Rows in:  events of the window that pass the query's filters, and those that are dated in the future.
-- Row out:  of counted: one interval, sensor, rule and reason. A sampled event has one reason for each detector's rule (match
--           where nothing keeps it from being looked at), and beside them, under an empty Detector, every gap that it has.
-- Parameters: profile_*, see statement.go; from, to and filter* belong to the source, whose end lies after the window's.
WITH
clock AS
(
    SELECT
        t."Timestamp" AS Timestamp,
        t."Source" AS Source
    FROM "default"."network_events" AS t
    WHERE t."Timestamp" >= {from:DateTime64(3, 'UTC')}
      AND t."Timestamp" < {to:DateTime64(3, 'UTC')}
),
-- For each sensor and interval: from which slice of time on there are enough events, and how many there are in all. Reads no
-- more than times and sensors, once: a value of the statement is asked once, however often it stands.
(
    SELECT groupArray((Source, Bucket, Start, Total))
    FROM
    (
        SELECT Source, Bucket, minIf(Slice, Newer < {profile_sample:Int64}) AS Start, toInt64(sum(Events)) AS Total
        FROM
        (
            SELECT
                *,
                sum(Events) OVER (PARTITION BY Source, Bucket ORDER BY Slice DESC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) - Events AS Newer
            FROM
            (
                SELECT
                    Source AS Source,
                    intDiv(toUnixTimestamp64Milli(Timestamp), {profile_interval:Int64}) AS Bucket,
                    intDiv(toUnixTimestamp64Milli(Timestamp), {profile_slice:Int64}) AS Slice,
                    count() AS Events
                FROM clock
                WHERE Timestamp < {profile_to:DateTime64(3, 'UTC')}
                GROUP BY Source, Bucket, Slice
            )
        )
        GROUP BY Source, Bucket
        ORDER BY Total DESC, Source, Bucket
        LIMIT {profile_most:Int64} -- a column that is no sensor's name may have millions of values
    )
) AS kept,
totals AS
(
    SELECT tupleElement(Kept, 1) AS Source, tupleElement(Kept, 2) AS Bucket, tupleElement(Kept, 4) AS Total
    FROM (SELECT arrayJoin(kept) AS Kept)
),
wide AS
(
    SELECT
        t."Timestamp" AS Timestamp,
        t."DeviceId" AS DeviceId,
        t."DeviceName" AS DeviceName,
        t."ActionType" AS ActionType,
        t."RemoteIP" AS RemoteIP,
        t."RemotePort" AS RemotePort,
        t."RemoteUrl" AS RemoteUrl,
        t."Protocol" AS Protocol,
        t."LocalIP" AS LocalIP,
        t."InitiatingProcessFileName" AS InitiatingProcessFileName,
        t."InitiatingProcessAccountName" AS InitiatingProcessAccountName,
        t."SentBytes" AS SentBytes,
        t."ReceivedBytes" AS ReceivedBytes,
        t."SentPackets" AS SentPackets,
        t."ReceivedPackets" AS ReceivedPackets,
        t."DurationMs" AS DurationMs,
        t."InitiatingProcessFolderPath" AS InitiatingProcessFolderPath,
        t."NameSource" AS NameSource,
        t."Source" AS Source,
        multiIf((IPv4StringToNumOrDefault(t."RemoteIP") != 0 OR t."RemoteIP" = '0.0.0.0') AND length(t."RemoteIP") = 7 + (IPv4StringToNumOrDefault(t."RemoteIP") >= 0x0A000000) + (IPv4StringToNumOrDefault(t."RemoteIP") >= 0x64000000) + (bitAnd(IPv4StringToNumOrDefault(t."RemoteIP"), 0xFF0000) >= 0x0A0000) + (bitAnd(IPv4StringToNumOrDefault(t."RemoteIP"), 0xFF0000) >= 0x640000) + (bitAnd(IPv4StringToNumOrDefault(t."RemoteIP"), 0xFF00) >= 0x0A00) + (bitAnd(IPv4StringToNumOrDefault(t."RemoteIP"), 0xFF00) >= 0x6400) + (bitAnd(IPv4StringToNumOrDefault(t."RemoteIP"), 0xFF) >= 0x0A) + (bitAnd(IPv4StringToNumOrDefault(t."RemoteIP"), 0xFF) >= 0x64), t."RemoteIP", t."RemoteIP" = '', '', match(t."RemoteIP", '^[0-9A-Fa-f:]+$'), if(position(ifNull(toString(toIPv6OrNull(t."RemoteIP")), ''), '.') = 0, ifNull(toString(toIPv6OrNull(t."RemoteIP")), ''), replaceOne(ifNull(toString(toIPv6OrNull(t."RemoteIP")), ''), '::ffff:', '')), replaceRegexpOne(ifNull(toString(toIPv6OrNull(extract(toValidUTF8(t."RemoteIP"), '^[\\pZ\\pC"\']*\\[?((?:[0-9A-Fa-f:]*:)?(?:0|[1-9][0-9]*)[.](?:0|[1-9][0-9]*)[.](?:0|[1-9][0-9]*)[.](?:0|[1-9][0-9]*)|[0-9A-Fa-f:]+)(?:%[^]]*)?\\]?(?::[0-9]*)?[\\pZ\\pC"\']*$'))), ''), '^::ffff:([0-9]+[.])', '\\1')) AS RemoteAddress,
        IPv4StringToNumOrDefault(RemoteAddress) AS RemoteIPv4Number,
        if(IPv4StringToNumOrDefault(RemoteAddress) != 0, toNullable(toUInt128(0xFFFF00000000 + IPv4StringToNumOrDefault(RemoteAddress))), toUInt128(toIPv6OrNull(RemoteAddress))) AS RemoteIPNumber,
        replaceRegexpOne(replaceRegexpOne(replaceRegexpOne(replaceRegexpOne(replaceRegexpAll(replaceRegexpOne(toValidUTF8(t."InitiatingProcessFileName"), '(?s)^[\\pZ\\pC]*"([^"]*)".*$', '\\1'), '^[\\pZ\\pC"\']+|[\\pZ\\pC"\'/\\\\]+$', ''), '(?i)^[(<{\\[]?(?:[-?*.]+|#?n/?a|n[.]a[.]|nan|nil|null|none|undefined|unknown|unset|empty|missing|not (?:available|applicable|set)|\\\\N)?[])>}]?$', ''), '(?is)^(.*?[.]exe)\\pZ.*$', '\\1'), '(?i)(?:\\pZ+[(]deleted[)]|[.]app)$', ''), '(?s)^.*[/\\\\]', '') AS ProcessName,
        multiIf(match(t."DeviceId", '^[0-9A-Za-z_-]*[1-9][0-9A-Za-z_-]*$'), t."DeviceId", replaceRegexpOne(replaceRegexpOne(replaceRegexpAll(t."DeviceId", '^[\\pZ\\pC"\']+|[\\pZ\\pC"\']+$', ''), '(?i)^[(<{\\[]?(?:[-?*.]+|#?n/?a|n[.]a[.]|nan|nil|null|none|undefined|unknown|unset|empty|missing|not (?:available|applicable|set)|\\\\N)?[])>}]?$', ''), '^[{(]?0{8}[0-]*[)}]?$', '') = '', t."DeviceName", t."DeviceId") AS DeviceKey,
        multiIf(match(t."DeviceId", '^[0-9A-Za-z_-]*[1-9][0-9A-Za-z_-]*$'), lower(t."DeviceId"), match(t."DeviceId", '^[0-9A-Za-z_-]*[A-Za-z][0-9A-Za-z_-]*(?:[.][0-9A-Za-z_-]+)*[.][A-Za-z][0-9A-Za-z-]+$'), lower(extract(t."DeviceId", '^[^.]+')), if(replaceRegexpOne(replaceRegexpOne(replaceRegexpOne(replaceRegexpOne(lowerUTF8(toValidUTF8(replaceRegexpOne(replaceRegexpOne(replaceRegexpAll(t."DeviceId", '^[\\pZ\\pC"\']+|[\\pZ\\pC"\']+$', ''), '(?i)^[(<{\\[]?(?:[-?*.]+|#?n/?a|n[.]a[.]|nan|nil|null|none|undefined|unknown|unset|empty|missing|not (?:available|applicable|set)|\\\\N)?[])>}]?$', ''), '^[{(]?0{8}[0-]*[)}]?$', ''))), '(?s)^[^\\\\]+[\\\\](.+)$', '\\1'), '(?s)^(.*[^.$])[.$]+$', '\\1'), '^(?:\\[?(?:::ffff:)?([0-9]+[.][0-9]+[.][0-9]+[.][0-9]+)(?:\\]?:[0-9]+|\\])?|\\[?([0-9a-f]*:[0-9a-f]*:[0-9a-f:.]*)(?:%[^]]*)?(?:\\](?::[0-9]+)?)?|[{(]([0-9a-f-]{36})[)}])$', '\\1\\2\\3'), '^([A-Za-z\\x{80}-\\x{10FFFF}0-9_-]*[A-Za-z\\x{80}-\\x{10FFFF}][A-Za-z\\x{80}-\\x{10FFFF}0-9_-]*)(?:[.][A-Za-z\\x{80}-\\x{10FFFF}0-9_-]+)*[.][A-Za-z\\x{80}-\\x{10FFFF}][A-Za-z\\x{80}-\\x{10FFFF}0-9-]+$', '\\1') = '', multiIf(match(t."DeviceName", '^[0-9A-Za-z_-]*[1-9][0-9A-Za-z_-]*$'), lower(t."DeviceName"), match(t."DeviceName", '^[0-9A-Za-z_-]*[A-Za-z][0-9A-Za-z_-]*(?:[.][0-9A-Za-z_-]+)*[.][A-Za-z][0-9A-Za-z-]+$'), lower(extract(t."DeviceName", '^[^.]+')), replaceRegexpOne(replaceRegexpOne(replaceRegexpOne(replaceRegexpOne(lowerUTF8(toValidUTF8(replaceRegexpOne(replaceRegexpAll(t."DeviceName", '^[\\pZ\\pC"\']+|[\\pZ\\pC"\']+$', ''), '(?i)^[(<{\\[]?(?:[-?*.]+|#?n/?a|n[.]a[.]|nan|nil|null|none|undefined|unknown|unset|empty|missing|not (?:available|applicable|set)|\\\\N)?[])>}]?$', ''))), '(?s)^[^\\\\]+[\\\\](.+)$', '\\1'), '(?s)^(.*[^.$])[.$]+$', '\\1'), '^(?:\\[?(?:::ffff:)?([0-9]+[.][0-9]+[.][0-9]+[.][0-9]+)(?:\\]?:[0-9]+|\\])?|\\[?([0-9a-f]*:[0-9a-f]*:[0-9a-f:.]*)(?:%[^]]*)?(?:\\](?::[0-9]+)?)?|[{(]([0-9a-f-]{36})[)}])$', '\\1\\2\\3'), '^([A-Za-z\\x{80}-\\x{10FFFF}0-9_-]*[A-Za-z\\x{80}-\\x{10FFFF}][A-Za-z\\x{80}-\\x{10FFFF}0-9_-]*)(?:[.][A-Za-z\\x{80}-\\x{10FFFF}0-9_-]+)*[.][A-Za-z\\x{80}-\\x{10FFFF}][A-Za-z\\x{80}-\\x{10FFFF}0-9-]+$', '\\1')), replaceRegexpOne(replaceRegexpOne(replaceRegexpOne(replaceRegexpOne(lowerUTF8(toValidUTF8(replaceRegexpOne(replaceRegexpOne(replaceRegexpAll(t."DeviceId", '^[\\pZ\\pC"\']+|[\\pZ\\pC"\']+$', ''), '(?i)^[(<{\\[]?(?:[-?*.]+|#?n/?a|n[.]a[.]|nan|nil|null|none|undefined|unknown|unset|empty|missing|not (?:available|applicable|set)|\\\\N)?[])>}]?$', ''), '^[{(]?0{8}[0-]*[)}]?$', ''))), '(?s)^[^\\\\]+[\\\\](.+)$', '\\1'), '(?s)^(.*[^.$])[.$]+$', '\\1'), '^(?:\\[?(?:::ffff:)?([0-9]+[.][0-9]+[.][0-9]+[.][0-9]+)(?:\\]?:[0-9]+|\\])?|\\[?([0-9a-f]*:[0-9a-f]*:[0-9a-f:.]*)(?:%[^]]*)?(?:\\](?::[0-9]+)?)?|[{(]([0-9a-f-]{36})[)}])$', '\\1\\2\\3'), '^([A-Za-z\\x{80}-\\x{10FFFF}0-9_-]*[A-Za-z\\x{80}-\\x{10FFFF}][A-Za-z\\x{80}-\\x{10FFFF}0-9_-]*)(?:[.][A-Za-z\\x{80}-\\x{10FFFF}0-9_-]+)*[.][A-Za-z\\x{80}-\\x{10FFFF}][A-Za-z\\x{80}-\\x{10FFFF}0-9-]+$', '\\1'))) AS Device
    FROM "default"."network_events" AS t
    WHERE t."Timestamp" >= {from:DateTime64(3, 'UTC')}
      AND t."Timestamp" < {to:DateTime64(3, 'UTC')}
),
-- What is the same in every column is one row with its number of copies.
sample AS
(
    SELECT *, toInt64(count()) AS Copies
    FROM
    (
        SELECT
            *,
            intDiv(toUnixTimestamp64Milli(Timestamp), {profile_interval:Int64}) AS Bucket
        FROM wide
        WHERE Timestamp < {profile_to:DateTime64(3, 'UTC')}
          AND Timestamp >= fromUnixTimestamp64Milli(arrayMin(arrayMap(k -> tupleElement(k, 3), kept)) * {profile_slice:Int64}, 'UTC')
          AND intDiv(toUnixTimestamp64Milli(Timestamp), {profile_slice:Int64}) >= transform(concat(toString(Bucket), ' ', Source), arrayMap(k -> concat(toString(tupleElement(k, 2)), ' ', tupleElement(k, 1)), kept), arrayMap(k -> tupleElement(k, 3), kept), toInt64(9223372036854775807))
        LIMIT {profile_rows:Int64} -- where one slice holds all events
    )
    GROUP BY ALL
),
read AS
(
    SELECT
        *,
        min(DeviceKey) OVER (PARTITION BY Device) != max(DeviceKey) OVER (PARTITION BY Device) AS SeveralSpellings,
        replaceRegexpOne(replaceRegexpAll(RemoteUrl, '^[\\pZ\\pC"\']+|[\\pZ\\pC"\']+$', ''), '(?i)^[(<{\\[]?(?:[-?*.]+|#?n/?a|n[.]a[.]|nan|nil|null|none|undefined|unknown|unset|empty|missing|not (?:available|applicable|set)|\\\\N)?[])>}]?$', '') = '' AS Nameless,
        -- an address with a port, in brackets, with a zone, or in its IPv4-mapped form: it is read, and filters compare what is written.
        -- A private one is none that detectors look at, however it is written.
        RemoteAddress NOT IN ('', RemoteIP) AND NOT match(RemoteIP, '^[0-9A-Fa-f:]+$')
            AND NOT match(RemoteAddress, '^(10|192[.]168|172[.](1[6-9]|2[0-9]|3[01]))[.]') AS AddressWritten,
        -- why an address is none that detectors look at by default, unless it is public
        multiIf(
            replaceRegexpOne(replaceRegexpAll(RemoteIP, '^[\\pZ\\pC"\']+|[\\pZ\\pC"\']+$', ''), '(?i)^[(<{\\[]?(?:[-?*.]+|#?n/?a|n[.]a[.]|nan|nil|null|none|undefined|unknown|unset|empty|missing|not (?:available|applicable|set)|\\\\N)?[])>}]?$', '') = '', 'addressMissing',
            RemoteAddress = '', 'addressUnreadable',
            position(RemoteAddress, ':') > 0, 'addressIPv6',
            'addressPrivate') AS AddressClass
    FROM sample
),
judged AS
(
    SELECT
        *,
        -- Beaconing: the first condition that keeps the event out
        multiIf(
            ActionType NOT IN {profile_beaconing_actionTypes:Array(String)}, if(startsWith(ActionType, 'InboundConnection'), 'inbound', 'actionType'),
            NOT ifNull(arrayExists(number -> NOT (number BETWEEN {profile_beaconing_private0_first:UInt32} AND {profile_beaconing_private0_last:UInt32})
                  AND NOT (number BETWEEN {profile_beaconing_private1_first:UInt32} AND {profile_beaconing_private1_last:UInt32})
                  AND NOT (number BETWEEN {profile_beaconing_private2_first:UInt32} AND {profile_beaconing_private2_last:UInt32})
                  AND (number != 0 OR RemoteAddress = '0.0.0.0'), [RemoteIPv4Number]), 0), AddressClass,
            NOT ifNull(RemotePort IN {profile_beaconing_ports:Array(Int64)}, 0), if(ifNull(RemotePort, 0) = 0 AND NOT startsWith(lower(Protocol), 'icmp'), 'portMissing', 'port'),
            'match') AS beaconingReason,
        -- Dynamic DNS: the first condition that keeps the event out
        multiIf(
            ActionType NOT IN {profile_dynamicDns_actionTypes:Array(String)}, if(startsWith(ActionType, 'InboundConnection'), 'inbound', 'actionType'),
            Nameless, 'nameMissing',
            'match') AS dynamicDnsReason,
        -- Fast flux: the first condition that keeps the event out
        multiIf(
            ActionType NOT IN {profile_fastFlux_actionTypes:Array(String)}, if(startsWith(ActionType, 'InboundConnection'), 'inbound', 'actionType'),
            NOT ifNull(arrayExists(number -> NOT (number BETWEEN {profile_fastFlux_private0_first:UInt32} AND {profile_fastFlux_private0_last:UInt32})
                  AND NOT (number BETWEEN {profile_fastFlux_private1_first:UInt32} AND {profile_fastFlux_private1_last:UInt32})
                  AND NOT (number BETWEEN {profile_fastFlux_private2_first:UInt32} AND {profile_fastFlux_private2_last:UInt32})
                  AND (number != 0 OR RemoteAddress = '0.0.0.0'), [RemoteIPv4Number]), 0), AddressClass,
            lower(ProcessName) IN {profile_fastFlux_exclude:Array(String)}, 'process',
            'match') AS fastFluxReason
    FROM read
),
marked AS
(
    SELECT
        Source,
        Bucket,
        Timestamp,
        Device,
        tupleElement(Mark, 1) AS Detector,
        tupleElement(Mark, 2) AS Reason,
        tupleElement(Mark, 3) AS Example,
        if(Reason = 'duplicate', Copies - 1, Copies) AS Weight
    FROM
    (
        SELECT
            Source,
            Bucket,
            Timestamp,
            Device,
            Copies,
            arrayJoin([
                (
                    'beaconing',
                    beaconingReason,
                    multiIf(
                        beaconingReason IN ('actionType', 'inbound'), ActionType,
                        startsWith(beaconingReason, 'address'), RemoteIP,
                        beaconingReason = 'port', ifNull(toString(RemotePort), ''),
                        beaconingReason = 'process', InitiatingProcessFileName,
                        '')
                ),
                (
                    'dynamicDns',
                    dynamicDnsReason,
                    multiIf(
                        dynamicDnsReason IN ('actionType', 'inbound'), ActionType,
                        startsWith(dynamicDnsReason, 'address'), RemoteIP,
                        dynamicDnsReason = 'port', ifNull(toString(RemotePort), ''),
                        dynamicDnsReason = 'process', InitiatingProcessFileName,
                        '')
                ),
                (
                    'fastFlux',
                    fastFluxReason,
                    multiIf(
                        fastFluxReason IN ('actionType', 'inbound'), ActionType,
                        startsWith(fastFluxReason, 'address'), RemoteIP,
                        fastFluxReason = 'port', ifNull(toString(RemotePort), ''),
                        fastFluxReason = 'process', InitiatingProcessFileName,
                        '')
                ),
                ('', 'sampled', ''),
                ('', if(Copies > 1, 'duplicate', ''), ''),
                ('', if(AddressWritten, 'addressWritten', ''), RemoteIP),
                ('', if(AddressClass = 'addressUnreadable', 'addressUnreadable', ''), RemoteIP),
                ('', if(ifNull(RemotePort, 0) = 0 AND NOT startsWith(lower(Protocol), 'icmp'), 'portMissing', ''), ''),
                ('', if(Nameless, 'nameMissing', ''), ''),
                ('', if(Nameless AND RemoteUrl != '', 'namePlaceholder', ''), RemoteUrl),
                -- blanks around it, control characters, backslashes, bytes that are no UTF-8
                ('', if(RemoteUrl != trimBoth(RemoteUrl) OR match(RemoteUrl, '[\\x00-\\x1F\\x7F\\\\]') OR NOT isValidUTF8(RemoteUrl), 'nameWritten', ''), toValidUTF8(RemoteUrl)),
                ('', if(replaceRegexpOne(replaceRegexpAll(InitiatingProcessFileName, '^[\\pZ\\pC"\']+|[\\pZ\\pC"\']+$', ''), '(?i)^[(<{\\[]?(?:[-?*.]+|#?n/?a|n[.]a[.]|nan|nil|null|none|undefined|unknown|unset|empty|missing|not (?:available|applicable|set)|\\\\N)?[])>}]?$', '') = '', 'processMissing', ''), InitiatingProcessFileName),
                ('', if(match(InitiatingProcessFileName, '[/\\\\"]'), 'processPath', ''), InitiatingProcessFileName),
                ('', multiIf(isNull(SentBytes), 'bytesUnknown', SentBytes = 0, 'bytesZero', ''), ''),
                ('', if(replaceRegexpOne(replaceRegexpAll(DeviceId, '^[\\pZ\\pC"\']+|[\\pZ\\pC"\']+$', ''), '(?i)^[(<{\\[]?(?:[-?*.]+|#?n/?a|n[.]a[.]|nan|nil|null|none|undefined|unknown|unset|empty|missing|not (?:available|applicable|set)|\\\\N)?[])>}]?$', '') = '', 'deviceIdMissing', ''), DeviceId),
                ('', if(SeveralSpellings, 'deviceSpelling', ''), DeviceKey)
            ]) AS Mark
        FROM judged
    )
    WHERE Reason != ''
),
-- The examples are the most frequent ones.
counted AS
(
    SELECT
        Source,
        Bucket,
        Detector,
        Reason,
        toInt64(sum(Weight)) AS Events,
        toInt64(uniqExactMerge(Devices)) AS Devices,
        min(Oldest) AS Oldest,
        max(Newest) AS Newest,
        arrayMap(e -> tupleElement(e, 2), arraySlice(arraySort(groupArrayIf((-toInt64(Weight), Example), Example != '')), 1, {profile_examples:Int64})) AS Examples
    FROM
    (
        SELECT
            Source,
            Bucket,
            Detector,
            Reason,
            left(Example, 100) AS Example,
            sum(marked.Weight) AS Weight,
            uniqExactState(Device) AS Devices,
            min(Timestamp) AS Oldest,
            max(Timestamp) AS Newest
        FROM marked
        GROUP BY Source, Bucket, Detector, Reason, Example
    )
    GROUP BY Source, Bucket, Detector, Reason
),
-- How much of the window each row stands for: a sampled event stands for as many as its sensor and interval have of each.
shares AS
(
    SELECT
        counted.Source AS Source,
        counted.Bucket AS Bucket,
        Detector,
        Reason,
        Events,
        Devices,
        Examples,
        sumIf(Events, Detector = '' AND Reason = 'sampled') OVER (PARTITION BY Source, Bucket) AS Sampled,
        totals.Total AS Total,
        Total AS Whole,
        Events * Total / Sampled AS Weight
    FROM counted
    INNER JOIN totals ON counted.Source = totals.Source AND counted.Bucket = totals.Bucket
    WHERE Reason != 'future'
)
,
series AS
(
    SELECT
        Reason,
        Source,
        Bucket,
        sum(Weight) / any(Whole) AS Value
    FROM shares
    WHERE Detector = '' AND Reason != 'sampled'
    GROUP BY Reason, Source, Bucket
)
-- Row out: one series and interval: the share of the interval's events, 0 to 1. Intervals are counted from the epoch, in UTC.
SELECT
    toInt64(dense_rank() OVER (ORDER BY Reason, Source)) AS Rank,
    fromUnixTimestamp64Milli(Bucket * {profile_interval:Int64}, 'UTC') AS Time,
    Reason,
    Source,
    toFloat64(Value) AS Value
FROM series
ORDER BY Rank, Time
