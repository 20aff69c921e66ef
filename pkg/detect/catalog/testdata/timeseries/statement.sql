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
    -- Row out:  one DeviceId, DeviceName, RemoteIP and RemoteUrl that passes every threshold; by host, one DeviceId,
    --           DeviceName and host.
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
            t."RemoteIP" AS RemoteIP,
            IPv4StringToNumOrDefault(t."RemoteIP") AS RemoteIPv4Number,
            t."RemoteUrl" AS RemoteUrl,
            t."RemotePort" AS RemotePort,
            t."SentBytes" AS SentBytes,
            t."ReceivedBytes" AS ReceivedBytes,
            t."InitiatingProcessFileName" AS InitiatingProcessFileName,
            t.GroupHash AS GroupHash
        FROM "default"."network_events" AS t
        WHERE t."Timestamp" >= {from:DateTime64(3, 'UTC')}
          AND t."Timestamp" < {to:DateTime64(3, 'UTC')}
    ),
    -- The groups that may pass, by a hash of their names. Groups that share a hash count together, so that only thresholds
    -- which more events can never fail may stand here; which group passes, the names decide below.
    candidates AS
    (
        SELECT GroupHash
        FROM mapped
        WHERE ActionType IN {beaconing_actionTypes:Array(String)}
          AND RemotePort IN {beaconing_ports:Array(Int64)}
        GROUP BY GroupHash
        HAVING count() >= {beaconing_minConnections:Int64}
           AND dateDiff('hour', min(Timestamp), max(Timestamp), 'UTC') > {beaconing_durationHoursOver:Int64}
    ),
    events AS
    (
        SELECT
            Timestamp,
            DeviceId,
            DeviceName,
            RemoteIP,
            RemoteUrl, -- an empty one is a value of its own
            RemotePort,
            SentBytes,
            ReceivedBytes,
            InitiatingProcessFileName
        FROM mapped
        -- `in` is case-sensitive, in KQL as here
        WHERE ActionType IN {beaconing_actionTypes:Array(String)}
          AND RemotePort IN {beaconing_ports:Array(Int64)}
          -- not(ipv4_is_private(RemoteIP)): what is no address is dropped
          AND NOT (RemoteIPv4Number BETWEEN {beaconing_private0_first:UInt32} AND {beaconing_private0_last:UInt32})
          AND NOT (RemoteIPv4Number BETWEEN {beaconing_private1_first:UInt32} AND {beaconing_private1_last:UInt32})
          AND NOT (RemoteIPv4Number BETWEEN {beaconing_private2_first:UInt32} AND {beaconing_private2_last:UInt32})
          AND IPv4NumToString(RemoteIPv4Number) = RemoteIP
          AND GroupHash IN (SELECT GroupHash FROM candidates)
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
            -- null bytes count as 0
            toInt64(sum(ifNull(events.SentBytes, 0))) AS BytesSent,
            toInt64(sum(ifNull(events.ReceivedBytes, 0))) AS BytesReceived,
            min(Timestamp) AS FirstSeen,
            max(Timestamp) AS LastSeen,
            -- datetime_diff('hour', …) counts the hour boundaries crossed, in UTC; so does dateDiff, and age() does not
            dateDiff('hour', FirstSeen, LastSeen, 'UTC') AS DurationHours,
            ConnectionCount / DurationHours AS BeaconRate,
            arraySlice(arraySort(groupUniqArrayIf(InitiatingProcessFileName, InitiatingProcessFileName != '')), 1, {beaconing_samples:Int64}) AS SampleProcesses
        FROM events
        GROUP BY DeviceId, DeviceName, RemoteIP, RemoteUrl
        HAVING ConnectionCount >= {beaconing_minConnections:Int64}
           AND BytesSent > {beaconing_bytesSentOver:Int64}
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
            UniqueRemotePorts
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
            extract(replaceRegexpOne(lower(RemoteUrl), '^(?:[a-z][a-z0-9+.-]*:)?//', ''), '^(?:[^/?#]*@)?([^/?#:@]*?)[.]?(?::[0-9]*)?(?:[/?#]|$)') AS RemoteHost,
            -- the highest of the conditions in severity.go that hold, and a step more in a suspicious network
            ['low', 'medium', 'high', 'critical'][least(4, greatest(1, if(1, 2, 1), if(arrayFirst(ending -> ending IN {dynamicSuffixes:Array(String)} AND length(RemoteHost) > length(ending) + 1, arrayMap(i -> arrayStringConcat(arraySlice(splitByChar('.', RemoteHost), i), '.'), range(2, length(splitByChar('.', RemoteHost)) + 1))) != '', 4, 1)) + SuspiciousASN)] AS Severity,
            -- no time and no count is in it: the same finding has the same key at any time
            lower(hex(substring(SHA256(concat('9:beaconing', toString(length(DeviceName)), ':', DeviceName, toString(length(DeviceId)), ':', DeviceId, toString(length(RemoteIP)), ':', RemoteIP, toString(length(RemoteUrl)), ':', RemoteUrl)), 1, 8))) AS FindingKey
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
    UNION ALL
    SELECT 'dynamicDns' AS Detector, Timestamp, AlertType FROM
    (
    -- SuspiciousDynamicDNS: successful connections to names under dynamic DNS providers.
    -- Rows in:  events of the window that pass the query's filters.
    -- Row out:  one RemoteUrl as it is written (match: contains), or one host (match: suffix).
    -- Parameters: dynamicDns_*, as declared in params.go, with dynamicDns_beacon_* the default thresholds of beaconing;
    -- dynamicSuffixes and dynamicProviders the known domains; from, to and filter* belong to the source.
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
            IPv4StringToNumOrDefault(t."RemoteIP") AS RemoteIPv4Number,
            t."RemotePort" AS RemotePort,
            t."SentBytes" AS SentBytes,
            t."InitiatingProcessFileName" AS InitiatingProcessFileName
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
            RemoteIP,
            RemoteUrl,
            ActionType,
            RemoteIPv4Number,
            RemotePort,
            SentBytes,
            InitiatingProcessFileName
        FROM mapped
        WHERE ActionType IN {dynamicDns_actionTypes:Array(String)}
          -- The analytic's regex is unanchored and folds case: the domain may stand anywhere. An empty RemoteUrl contains none.
          AND multiSearchAnyCaseInsensitive(RemoteUrl, {dynamicDns_domains:Array(String)})
    ),
    -- The connections of one device to one address of a name, which is what beaconing looks at. Only few events have such a
    -- name: to look at them again costs nothing beside finding them.
    connections AS
    (
        SELECT
            RemoteUrl,
            RemoteIP,
            DeviceId,
            DeviceName,
            count() AS PairConnections,
            min(Timestamp) AS PairFirstSeen,
            max(Timestamp) AS PairLastSeen,
            groupUniqArray(InitiatingProcessFileName) AS Processes,
            countIf(ForBeaconing) AS BeaconConnections,
            sumIf(ifNull(SentBytes, 0), ForBeaconing) AS BeaconBytes,
            dateDiff('hour', minIf(Timestamp, ForBeaconing), maxIf(Timestamp, ForBeaconing), 'UTC') AS BeaconHours,
            BeaconConnections / BeaconHours AS BeaconRate
        FROM
        (
            SELECT
                *,
                ActionType IN {dynamicDns_beacon_actionTypes:Array(String)}
          AND RemotePort IN {dynamicDns_beacon_ports:Array(Int64)}
          AND NOT (RemoteIPv4Number BETWEEN {dynamicDns_beacon_private0_first:UInt32} AND {dynamicDns_beacon_private0_last:UInt32})
          AND NOT (RemoteIPv4Number BETWEEN {dynamicDns_beacon_private1_first:UInt32} AND {dynamicDns_beacon_private1_last:UInt32})
          AND NOT (RemoteIPv4Number BETWEEN {dynamicDns_beacon_private2_first:UInt32} AND {dynamicDns_beacon_private2_last:UInt32})
          AND IPv4NumToString(RemoteIPv4Number) = RemoteIP AS ForBeaconing
            FROM events
        )
        GROUP BY RemoteUrl, RemoteIP, DeviceId, DeviceName
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
            toInt64(0) AS BytesSent,
            toInt64(0) AS BytesReceived,
            SampleProcesses,
            UniqueDevices,
            SampleDevices,
            SampleIPs,
            FirstSeen,
            LastSeen,
            Beacons,
            extract(replaceRegexpOne(lower(RemoteUrl), '^(?:[a-z][a-z0-9+.-]*:)?//', ''), '^(?:[^/?#]*@)?([^/?#:@]*?)[.]?(?::[0-9]*)?(?:[/?#]|$)') AS Host,
            arrayFirst(ending -> ending IN {dynamicSuffixes:Array(String)} AND length(Host) > length(ending) + 1, arrayMap(i -> arrayStringConcat(arraySlice(splitByChar('.', Host), i), '.'), range(2, length(splitByChar('.', Host)) + 1))) AS KnownSuffix,
            -- a domain that only the query names is its own provider
            if(KnownSuffix != '', KnownSuffix, arrayFirst(ending -> ending IN {dynamicDns_domains:Array(String)} AND length(Host) > length(ending) + 1, arrayMap(i -> arrayStringConcat(arraySlice(splitByChar('.', Host), i), '.'), range(2, length(splitByChar('.', Host)) + 1)))) AS DynamicSuffix,
            transform(DynamicSuffix, {dynamicSuffixes:Array(String)}, {dynamicProviders:Array(String)}, DynamicSuffix) AS Provider,
            if(DynamicSuffix = '', '', concat(arrayElement(splitByChar('.', Host), -(2 + countSubstrings(DynamicSuffix, '.'))), '.', DynamicSuffix)) AS Tenant
        FROM
        (
            SELECT
                RemoteUrl,
                toInt64(uniqExact(DeviceId)) AS UniqueDevices,
                -- make_set is unordered in KQL; here the first of the sorted distinct values, empty ones left out
                arraySlice(arraySort(groupUniqArrayIf(DeviceName, DeviceName != '')), 1, {dynamicDns_samples:Int64}) AS SampleDevices,
                arraySlice(arraySort(groupUniqArrayIf(RemoteIP, RemoteIP != '')), 1, {dynamicDns_samples:Int64}) AS SampleIPs,
                toInt64(sum(PairConnections)) AS ConnectionCount,
                min(PairFirstSeen) AS FirstSeen,
                max(PairLastSeen) AS LastSeen,
                arraySlice(arraySort(arrayFilter(process -> process != '', groupUniqArrayArray(Processes))), 1, {dynamicDns_samples:Int64}) AS SampleProcesses,
                -- the default thresholds of beaconing; between: both ends are in
                countIf(BeaconConnections >= {dynamicDns_beacon_minConnections:Int64}
                    AND BeaconBytes > {dynamicDns_beacon_bytesSentOver:Int64}
                    AND BeaconHours > {dynamicDns_beacon_durationHoursOver:Int64}
                    AND BeaconRate >= {dynamicDns_beacon_minBeaconRate:Float64}
                    AND BeaconRate <= {dynamicDns_beacon_maxBeaconRate:Float64}) > 0 AS Beacons
            FROM connections
            GROUP BY RemoteUrl
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
            ['low', 'medium', 'high', 'critical'][least(4, greatest(1, if(1, 2, 1), if(Beacons, 4, 1)) + SuspiciousASN)] AS Severity,
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
            t."RemoteIP" AS RemoteIP,
            IPv4StringToNumOrDefault(t."RemoteIP") AS RemoteIPv4Number,
            t."RemoteUrl" AS RemoteUrl,
            t."InitiatingProcessFileName" AS InitiatingProcessFileName
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
            InitiatingProcessFileName
        FROM mapped
        WHERE ActionType IN {fastFlux_actionTypes:Array(String)}
          -- not(ipv4_is_private(RemoteIP)): what is no address is dropped
          AND NOT (RemoteIPv4Number BETWEEN {fastFlux_private0_first:UInt32} AND {fastFlux_private0_last:UInt32})
          AND NOT (RemoteIPv4Number BETWEEN {fastFlux_private1_first:UInt32} AND {fastFlux_private1_last:UInt32})
          AND NOT (RemoteIPv4Number BETWEEN {fastFlux_private2_first:UInt32} AND {fastFlux_private2_last:UInt32})
          AND IPv4NumToString(RemoteIPv4Number) = RemoteIP
          -- `!in~` folds ASCII case, as lower() does; an empty name passes
          AND lower(InitiatingProcessFileName) NOT IN {fastFlux_excludeProcesses:Array(String)}
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
            toInt64(0) AS BytesSent,
            toInt64(0) AS BytesReceived,
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
                arraySlice(arraySort(groupUniqArrayIf(InitiatingProcessFileName, InitiatingProcessFileName != '')), 1, {fastFlux_samples:Int64}) AS SampleProcesses
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
