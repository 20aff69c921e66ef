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
