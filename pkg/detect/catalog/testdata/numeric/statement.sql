-- One row a detector and set of labels, with the detector's own alert value; a label that the detector does not have is
-- empty. The detectors take turns where not all may be shown: their values do not compare.
SELECT
    Detector,
    DeviceName,
    DeviceId,
    RemoteIP,
    RemoteUrl,
    FindingKey,
    Value,
    -- each detector's number once
    toInt64(sumIf(Findings, PartRow = 1) OVER ()) AS Findings,
    Rank
FROM
(
    SELECT *, row_number() OVER (PARTITION BY Detector) AS PartRow FROM
    (
    SELECT 'beaconing' AS Detector, DeviceName AS DeviceName, DeviceId AS DeviceId, RemoteIP AS RemoteIP, RemoteUrl AS RemoteUrl, FindingKey, Value, Findings, Rank FROM
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
    -- One row a set of labels: the highest alert value in the window.
    numbers AS
    (
        SELECT
            DeviceName,
            DeviceId,
            RemoteIP,
            RemoteUrl,
            any(lower(hex(substring(SHA256(concat('9:beaconing', toString(length(DeviceName)), ':', DeviceName, toString(length(DeviceId)), ':', DeviceId, toString(length(RemoteIP)), ':', RemoteIP, toString(length(RemoteUrl)), ':', RemoteUrl)), 1, 8)))) AS FindingKey,
            toFloat64(max(BeaconRate)) AS Value
        FROM findings
        GROUP BY DeviceName, DeviceId, RemoteIP, RemoteUrl
    ),
    -- Who comes first where not all may be shown: the gravest finding of each device before the second of any, so that no device
    -- takes the place of another.
    turns AS
    (
        SELECT
            *,
            row_number() OVER (PARTITION BY if(DeviceId = '', DeviceName, DeviceId) ORDER BY Value DESC, DeviceName, DeviceId, RemoteIP, RemoteUrl) AS DeviceTurn
        FROM numbers
    ),
    -- Rank 1 is shown first. Findings is how many there are, shown or not.
    ranked AS
    (
        SELECT
            *,
            toInt64(count() OVER ()) AS Findings,
            toInt64(row_number() OVER (ORDER BY greatest(DeviceTurn, DestinationTurn), Value DESC, DeviceName, DeviceId, RemoteIP, RemoteUrl)) AS Rank
        FROM
        (
            -- the same for each destination, whose devices take turns
            SELECT
                *,
                row_number() OVER (PARTITION BY ifNull(nullIf(multiIf(RemoteUrl = '', '', match(lower(RemoteUrl), '^(?:[a-z]+://)?[a-z0-9_-]+(?:[.][a-z0-9_-]+)+(?::[0-9]+)?(?:[/?#]|$)'), domain(lower(RemoteUrl)), arrayMap(host -> if(match(host, '[:[]'), replaceRegexpOne(ifNull(toString(toIPv6OrNull(extract(toValidUTF8(host), '^[\\pZ\\pC"\']*\\[?((?:[0-9A-Fa-f:]*:)?(?:0|[1-9][0-9]*)[.](?:0|[1-9][0-9]*)[.](?:0|[1-9][0-9]*)[.](?:0|[1-9][0-9]*)|[0-9A-Fa-f:]+)(?:%[^]]*)?\\]?(?::[0-9]*)?[\\pZ\\pC"\']*$'))), ''), '^::ffff:([0-9]+[.])', '\\1'), host), arrayMap(host -> replaceRegexpOne(if(match(host, '[^ -~]'), replaceAll(lowerUTF8(normalizeUTF8NFKC(host)), '。', '.'), host), '[.]+$', ''), [extract(lower(replaceRegexpOne(replaceRegexpAll(replaceAll(replaceRegexpAll(toValidUTF8(RemoteUrl), '[\\p{Cc}\\p{Cf}]', ''), '\\', '/'), '^[\\pZ\\pC"\']+|[\\pZ\\pC"\']+$', ''), '(?i)^[(<{\\[]?(?:[-?*.]+|#?n/?a|n[.]a[.]|nan|nil|null|none|undefined|unknown|unset|empty|missing|not (?:available|applicable|set)|\\\\N)?[])>}]?$', '')), '^(?:(?:https?|wss?|ftp):/*|[a-z][a-z0-9+.-]*:///*|///*)?(?:[^/?#]*@)?(\\[[^]/?#]*\\]|[0-9a-f]*:[0-9a-f]*:[0-9a-f:.]*(?:%[^/?#]*)?|[^/?#:@]*)(?::[^/?#]*)?(?:[/?#]|$)')]))[1]), ''), RemoteIP) ORDER BY DeviceTurn, Value DESC, DeviceName, DeviceId, RemoteIP, RemoteUrl) AS DestinationTurn
            FROM turns
        )
        ORDER BY Rank
        LIMIT {limit:Int64}
    )
    -- One row a finding that is shown, with the key that the same finding has in a table.
    SELECT
        DeviceName,
        DeviceId,
        RemoteIP,
        RemoteUrl,
        FindingKey,
        Value,
        Findings,
        Rank
    FROM ranked
    ORDER BY Rank
    )
    UNION ALL
    SELECT 'dynamicDns' AS Detector, '' AS DeviceName, '' AS DeviceId, '' AS RemoteIP, RemoteUrl AS RemoteUrl, FindingKey, Value, Findings, Rank FROM
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
            t."ActionType" AS ActionType,
            multiIf((IPv4StringToNumOrDefault(t."RemoteIP") != 0 OR t."RemoteIP" = '0.0.0.0') AND length(t."RemoteIP") = 7 + (IPv4StringToNumOrDefault(t."RemoteIP") >= 0x0A000000) + (IPv4StringToNumOrDefault(t."RemoteIP") >= 0x64000000) + (bitAnd(IPv4StringToNumOrDefault(t."RemoteIP"), 0xFF0000) >= 0x0A0000) + (bitAnd(IPv4StringToNumOrDefault(t."RemoteIP"), 0xFF0000) >= 0x640000) + (bitAnd(IPv4StringToNumOrDefault(t."RemoteIP"), 0xFF00) >= 0x0A00) + (bitAnd(IPv4StringToNumOrDefault(t."RemoteIP"), 0xFF00) >= 0x6400) + (bitAnd(IPv4StringToNumOrDefault(t."RemoteIP"), 0xFF) >= 0x0A) + (bitAnd(IPv4StringToNumOrDefault(t."RemoteIP"), 0xFF) >= 0x64), t."RemoteIP", t."RemoteIP" = '', '', match(t."RemoteIP", '^[0-9A-Fa-f:]+$'), if(position(ifNull(toString(toIPv6OrNull(t."RemoteIP")), ''), '.') = 0, ifNull(toString(toIPv6OrNull(t."RemoteIP")), ''), replaceOne(ifNull(toString(toIPv6OrNull(t."RemoteIP")), ''), '::ffff:', '')), replaceRegexpOne(ifNull(toString(toIPv6OrNull(extract(toValidUTF8(t."RemoteIP"), '^[\\pZ\\pC"\']*\\[?((?:[0-9A-Fa-f:]*:)?(?:0|[1-9][0-9]*)[.](?:0|[1-9][0-9]*)[.](?:0|[1-9][0-9]*)[.](?:0|[1-9][0-9]*)|[0-9A-Fa-f:]+)(?:%[^]]*)?\\]?(?::[0-9]*)?[\\pZ\\pC"\']*$'))), ''), '^::ffff:([0-9]+[.])', '\\1')) AS RemoteAddress,
            t."RemoteUrl" AS RemoteUrl,
            replaceRegexpOne(replaceRegexpOne(replaceRegexpOne(replaceRegexpOne(replaceRegexpAll(replaceRegexpOne(toValidUTF8(t."InitiatingProcessFileName"), '(?s)^[\\pZ\\pC]*"([^"]*)".*$', '\\1'), '^[\\pZ\\pC"\']+|[\\pZ\\pC"\'/\\\\]+$', ''), '(?i)^[(<{\\[]?(?:[-?*.]+|#?n/?a|n[.]a[.]|nan|nil|null|none|undefined|unknown|unset|empty|missing|not (?:available|applicable|set)|\\\\N)?[])>}]?$', ''), '(?is)^(.*?[.]exe)\\pZ.*$', '\\1'), '(?i)(?:\\pZ+[(]deleted[)]|[.]app)$', ''), '(?s)^.*[/\\\\]', '') AS ProcessName
        FROM "default"."network_events" AS t
        WHERE t."Timestamp" >= {from:DateTime64(3, 'UTC')}
          AND t."Timestamp" < {to:DateTime64(3, 'UTC')}
    ),
    found AS
    (
        SELECT *
        FROM mapped
        WHERE ActionType IN {dynamicDns_actionTypes:Array(String)}
          -- The analytic's regex is unanchored and folds case: the domain may stand anywhere. An empty RemoteUrl contains none.
          AND multiSearchAnyCaseInsensitive(RemoteUrl, {dynamicDns_domains:Array(String)})
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
            arrayDistinct(arrayMap(device -> if(device.1 = '', device.2, device.1), EveryDevice)) AS Devices
        FROM
        (
            SELECT
                RemoteUrl,
                toInt64(uniqExact(DeviceKey)) AS UniqueDevices,
                groupUniqArray((DeviceId, DeviceName)) AS EveryDevice,
                groupUniqArray(RemoteIP) AS EveryAddress,
                groupUniqArray(ProcessName) AS EveryProcess,
                toInt64(count()) AS ConnectionCount,
                min(Timestamp) AS FirstSeen,
                max(Timestamp) AS LastSeen,
                -- make_set is unordered in KQL; here the first of the sorted distinct values, empty ones left out
                arraySlice(arraySort(arrayDistinct(arrayFilter(name -> name != '', arrayMap(device -> device.2, EveryDevice)))), 1, {dynamicDns_samples:Int64}) AS SampleDevices,
                arraySlice(arraySort(arrayFilter(address -> address != '', EveryAddress)), 1, {dynamicDns_samples:Int64}) AS SampleIPs,
                arraySlice(arraySort(arrayFilter(process -> process != '', EveryProcess)), 1, {dynamicDns_samples:Int64}) AS SampleProcesses
            FROM events
            GROUP BY RemoteUrl
        )
        WHERE ConnectionCount >= {dynamicDns_minConnections:Int64}
    )
    ,
    -- One row a set of labels: the highest alert value in the window.
    numbers AS
    (
        SELECT
            RemoteUrl,
            any(Devices) AS Devices,
            any(lower(hex(substring(SHA256(concat('10:dynamicDns', toString(length(RemoteUrl)), ':', RemoteUrl)), 1, 8)))) AS FindingKey,
            toFloat64(max(ConnectionCount)) AS Value
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
            any(FindingKey) AS FindingKey,
            min(Turn) AS DeviceTurn
        FROM
        (
            SELECT RemoteUrl, Value, FindingKey, row_number() OVER (PARTITION BY Device ORDER BY Value DESC, RemoteUrl) AS Turn
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
                row_number() OVER (PARTITION BY ifNull(nullIf(multiIf(RemoteUrl = '', '', match(lower(RemoteUrl), '^(?:[a-z]+://)?[a-z0-9_-]+(?:[.][a-z0-9_-]+)+(?::[0-9]+)?(?:[/?#]|$)'), domain(lower(RemoteUrl)), arrayMap(host -> if(match(host, '[:[]'), replaceRegexpOne(ifNull(toString(toIPv6OrNull(extract(toValidUTF8(host), '^[\\pZ\\pC"\']*\\[?((?:[0-9A-Fa-f:]*:)?(?:0|[1-9][0-9]*)[.](?:0|[1-9][0-9]*)[.](?:0|[1-9][0-9]*)[.](?:0|[1-9][0-9]*)|[0-9A-Fa-f:]+)(?:%[^]]*)?\\]?(?::[0-9]*)?[\\pZ\\pC"\']*$'))), ''), '^::ffff:([0-9]+[.])', '\\1'), host), arrayMap(host -> replaceRegexpOne(if(match(host, '[^ -~]'), replaceAll(lowerUTF8(normalizeUTF8NFKC(host)), '。', '.'), host), '[.]+$', ''), [extract(lower(replaceRegexpOne(replaceRegexpAll(replaceAll(replaceRegexpAll(toValidUTF8(RemoteUrl), '[\\p{Cc}\\p{Cf}]', ''), '\\', '/'), '^[\\pZ\\pC"\']+|[\\pZ\\pC"\']+$', ''), '(?i)^[(<{\\[]?(?:[-?*.]+|#?n/?a|n[.]a[.]|nan|nil|null|none|undefined|unknown|unset|empty|missing|not (?:available|applicable|set)|\\\\N)?[])>}]?$', '')), '^(?:(?:https?|wss?|ftp):/*|[a-z][a-z0-9+.-]*:///*|///*)?(?:[^/?#]*@)?(\\[[^]/?#]*\\]|[0-9a-f]*:[0-9a-f]*:[0-9a-f:.]*(?:%[^/?#]*)?|[^/?#:@]*)(?::[^/?#]*)?(?:[/?#]|$)')]))[1]), ''), RemoteUrl) ORDER BY DeviceTurn, Value DESC, RemoteUrl) AS DestinationTurn
            FROM turns
        )
        ORDER BY Rank
        LIMIT {limit:Int64}
    )
    -- One row a finding that is shown, with the key that the same finding has in a table.
    SELECT
        RemoteUrl,
        FindingKey,
        Value,
        Findings,
        Rank
    FROM ranked
    ORDER BY Rank
    )
    UNION ALL
    SELECT 'fastFlux' AS Detector, DeviceName AS DeviceName, DeviceId AS DeviceId, '' AS RemoteIP, '' AS RemoteUrl, FindingKey, Value, Findings, Rank FROM
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
    )
    )
)
ORDER BY Rank, Detector, DeviceName, DeviceId, RemoteIP, RemoteUrl, FindingKey
LIMIT {limit:Int64}
