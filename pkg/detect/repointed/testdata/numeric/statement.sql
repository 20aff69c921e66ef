-- RepointedName: a name that stayed in its networks for a long time, and leads elsewhere now.
-- Rows in:  the ledger of names (moves.sql).
-- Row out:  one name that moved within the window: to a network where it was never seen before, after as many days as are asked for.
-- Parameters: repointed_*, as declared in params.go and points.go; from and to, the window; filter* belong to the query.
WITH
-- Names that stayed in their networks for long and moved: what the detector finds, and what cases hold against a destination.
-- Rows in:  the ledger of names: when a name was first and last seen in each of its networks.
-- Row out:  settled: one name that came to a network within the window where it was never seen before, after as many days as are asked for.
-- Parameters: repointed_stableDays, repointed_minDaysSeen and repointed_maxNetworks.
-- Names that came to a network within the window. What happened after it is not known yet.
moving AS
(
    SELECT Name
    FROM
    (
        SELECT Name, Network, min(l.FirstSeen) AS First
        FROM "default"."names" AS l
        WHERE Name != ''
        GROUP BY Name, Network
        HAVING First < {to:DateTime64(3, 'UTC')}
    )
    GROUP BY Name
    -- in a place for long before, and new in one now
    HAVING max(First) >= {from:DateTime64(3, 'UTC')} AND min(First) <= max(First) - toIntervalDay({repointed_stableDays:Int64})
),
networks AS
(
    SELECT
        Name,
        Network,
        toDateTime64(min(l.FirstSeen), 3, 'UTC') AS First,
        toDateTime64(least(max(l.LastSeen), {to:DateTime64(3, 'UTC')}), 3, 'UTC') AS Last,
        CAST(groupUniqArrayArray(l.Days), 'Array(UInt16)') AS SeenOn,
        -- plain types in place of those that say how rows are merged
        CAST(min(l.LowAddress), 'String') AS Low,
        CAST(max(l.HighAddress), 'String') AS High,
        groupUniqArrayMerge(100)(l.Devices) AS By,
        toInt64(uniqCombinedMerge(12)(l.Connections)) AS Connected,
        CAST(min(l.ShortestTTL), 'Nullable(Int64)') AS TTL
    FROM "default"."names" AS l
    WHERE Name IN (SELECT Name FROM moving)
    GROUP BY Name, Network
    HAVING First < {to:DateTime64(3, 'UTC')}
),
-- The place of a network is its autonomous system, and where that is not known the /16 around it, of IPv6 the /32.
placed AS
(
    SELECT
        *,
        if(Number > 0, concat('AS', toString(Number)),
            if(position(Low, ':') > 0,
                concat(toString(tupleElement(IPv6CIDRToRange(toIPv6OrDefault(Low), 32), 1)), '/32'),
                concat(toString(tupleElement(IPv4CIDRToRange(toIPv4OrDefault(Low), 16), 1)), '/16'))) AS Place
    FROM
    (
        SELECT
            *,
            toInt64(0) AS Number
        FROM networks
    )
),
places AS
(
    SELECT
        Name,
        position(Low, ':') > 0 AS IsIPv6,
        Place,
        any(Number) AS System,
        min(placed.First) AS Arrived,
        max(placed.Last) AS Left,
        groupUniqArrayArray(SeenOn) AS DaysThere,
        arraySort(arrayDistinct(arrayConcat(groupArray(Low), groupArray(High)))) AS AddressesThere,
        groupUniqArrayArray(By) AS DevicesThere,
        sum(Connected) AS ConnectionsThere,
        min(TTL) AS TTLThere
    FROM placed
    GROUP BY Name, IsIPv6, Place
),
-- IPv4 and IPv6 each by itself: a name that gets its first address of the other kind has not moved.
names AS
(
    SELECT
        Name,
        IsIPv6,
        minIf(Arrived, Arrived >= {from:DateTime64(3, 'UTC')}) AS MovedAt,
        arraySort(place -> (place.1, place.3), groupArray((Arrived, Left, Place, System, DaysThere, AddressesThere, DevicesThere, ConnectionsThere, TTLThere))) AS Everywhere
    FROM places
    GROUP BY Name, IsIPv6
    HAVING countIf(Arrived >= {from:DateTime64(3, 'UTC')}) > 0
),
-- Where a name was, and where it is now.
parted AS
(
    SELECT
        *,
        arrayFilter(place -> place.1 < MovedAt, Everywhere) AS Before,
        arrayFilter(place -> place.1 >= MovedAt, Everywhere) AS After
    FROM names
),
moved AS
(
    SELECT
        *,
        arrayMax(arrayMap(place -> place.1, Before)) AS SettledAt,  -- the last time before that it came to a place
        arrayMin(arrayMap(place -> place.1, Before)) AS KnownSince,
        arrayMax(arrayMap(place -> place.2, Before)) AS LastBefore,
        arrayMax(arrayMap(place -> place.2, After)) AS LastAfter,
        toInt64(length(arrayDistinct(arrayFlatten(arrayMap(place -> place.5, Before))))) AS DaysBefore,
        arrayDistinct(arrayFlatten(arrayMap(place -> place.6, After))) AS Addresses,
        arrayDistinct(arrayFlatten(arrayMap(place -> place.7, After))) AS AllDevices,
        arraySum(arrayMap(place -> place.8, After)) AS ConnectionCount,
        arrayReduce('min', arrayMap(place -> place.9, Before)) AS TTLBefore, -- NULL where none is known
        arrayReduce('min', arrayMap(place -> place.9, After)) AS TTLAfter,
        arrayFilter(number -> number > 0, arrayMap(place -> place.4, After)) AS Systems,
        toInt64(age('day', SettledAt, MovedAt)) AS StayedDays
    FROM parted
    WHERE notEmpty(Before)
),
-- A name that came to another place a few days before has no place of its own, and one that has many from the start rotates.
settled AS
(
    SELECT
        *,
        toInt64(uniqExact(cutToFirstSignificantSubdomain(Name)) OVER (PARTITION BY Addresses[1], toDate(MovedAt, 'UTC'))) AS Together
    FROM moved
    WHERE StayedDays >= {repointed_stableDays:Int64}
      AND DaysBefore >= {repointed_minDaysSeen:Int64}
      AND length(Before) <= {repointed_maxNetworks:Int64}
    ORDER BY Name, IsIPv6
    LIMIT 1 BY Name
),
known AS
(
    SELECT
        *,
        arrayFilter(number -> has({repointed_suspiciousAsns:Array(Int64)}, number), Systems) AS SuspiciousSystems,
        arrayFilter(number -> has({repointed_hostingAsns:Array(Int64)}, number), Systems) AS HostingSystems,
        arrayFilter(number -> has({repointed_deliveryAsns:Array(Int64)}, number), arrayMap(place -> place.4, Everywhere)) AS DeliverySystems,
        arrayFirst(ending -> ending IN {repointed_services:Array(String)}, arrayConcat([Name], arrayMap(i -> arrayStringConcat(arraySlice(splitByChar('.', Name), i), '.'), range(2, length(splitByChar('.', Name)) + 1)))) AS Service,
        length(arrayDistinct(arrayMap(device -> device.1, AllDevices))) AS DeviceCount,
        LastBefore < MovedAt + toIntervalDay(1) AND LastAfter >= MovedAt + toIntervalDay(1) AS OldSilent,
        TTLAfter <= 300 AND TTLAfter < TTLBefore AS ShortNow
    FROM settled
),
weighed AS
(
    SELECT
        *,
        [
            {repointed_moved:Int64},
            if(OldSilent, {repointed_oldSilent:Int64}, 0),
            if(notEmpty(SuspiciousSystems), {repointed_suspiciousNetwork:Int64}, 0),
            if(empty(SuspiciousSystems) AND notEmpty(HostingSystems), {repointed_hostingNetwork:Int64}, 0),
            if(ifNull(ShortNow, 0), {repointed_shortTTL:Int64}, 0),
            if(Together >= 3, {repointed_together:Int64}, 0),
            if(DeviceCount <= 2, {repointed_fewDevices:Int64}, 0),
            -- against
            if(Service != '', {repointed_knownService:Int64}, 0),
            if(notEmpty(DeliverySystems), {repointed_delivery:Int64}, 0),
            if(length(After) > 2, {repointed_spread:Int64}, 0)
        ] AS Points,
        greatest(0, least(100, arraySum(Points))) AS Risk
    FROM known
),
findings AS
(
    SELECT
        MovedAt AS Timestamp,
        -- a name and an identifier where there is one device
        if(DeviceCount = 1, AllDevices[1].3, 'Multiple') AS DeviceName,
        Addresses[1] AS RemoteIP, -- the first of several
        Name AS RemoteUrl,
        'RepointedName' AS AlertType,
        ConnectionCount,
        CAST(NULL, 'Nullable(Int64)') AS BytesSent,
        CAST(NULL, 'Nullable(Int64)') AS BytesReceived,
        CAST([], 'Array(String)') AS SampleProcesses,
        Risk,
        -- the gravest first; what speaks against comes last
        arrayMap(reason -> reason.2, arraySort(reason -> (-reason.1, reason.2), arrayFilter(reason -> reason.1 != 0, arrayZip(Points,
        [
            concat('leads to ', arrayStringConcat(arrayMap(place -> place.3, arraySlice(After, 1, 3)), ', '), ' since ', formatDateTime(MovedAt, '%F %H:%i', 'UTC'), ' UTC, after ', toString(StayedDays), ' days in ', arrayStringConcat(arrayMap(place -> place.3, arraySlice(Before, 1, 3)), ', ')),
            'nothing was seen where it was, from a day after the move on',
            concat('it moved to a network of the suspicious list, AS', toString(SuspiciousSystems[1])),
            concat('it moved to a network that rents servers by the hour, AS', toString(HostingSystems[1])),
            concat('its answers hold for ', toString(ifNull(TTLAfter, 0)), ' s, where they held for ', toString(ifNull(TTLBefore, 0)), ' s'),
            concat('names of ', toString(Together), ' domains moved to the same address on that day'),
            concat('only ', toString(DeviceCount), if(DeviceCount = 1, ' device', ' devices'), ' went there or asked since'),
            concat('a known service: ', if(Service = '', '', arrayElement({repointed_vendors:Array(String)}, indexOf({repointed_services:Array(String)}, Service))), ' (', Service, ')'),
            concat('it is or was in a content delivery network, AS', toString(DeliverySystems[1])),
            concat('it came to ', toString(length(After)), ' networks, as what is spread over the world does')
        ])))) AS Why,
        arrayMap(place -> place.3, Before) AS NetworksBefore,
        arrayMap(place -> place.3, After) AS NetworksNow,
        StayedDays,
        toInt64(DeviceCount) AS UniqueDevices,
        arraySlice(arraySort(arrayDistinct(arrayFilter(name -> name != '', arrayMap(device -> device.3, AllDevices)))), 1, {repointed_samples:Int64}) AS SampleDevices,
        arraySlice(Addresses, 1, {repointed_samples:Int64}) AS SampleIPs,
        KnownSince AS FirstSeen,
        LastAfter AS LastSeen,
        arrayDistinct(arrayMap(device -> device.1, AllDevices)) AS Devices
    FROM weighed
    WHERE Risk >= {repointed_minRisk:Int64}
)
,
-- One row a set of labels: the highest alert value in the window.
numbers AS
(
    SELECT
        RemoteUrl,
        Devices AS Devices,
        lower(hex(substring(SHA256(concat('9:repointed', toString(length(RemoteUrl)), ':', RemoteUrl)), 1, 8))) AS FindingKey,
        arrayStringConcat(findings.Why, '; ') AS Why,
        toFloat64(Risk) AS Value
    FROM findings
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
        any(OfDevice.Why) AS Why,
        min(Turn) AS DeviceTurn
    FROM
    (
        SELECT RemoteUrl, Value, FindingKey, Why, row_number() OVER (PARTITION BY Device ORDER BY Value DESC, RemoteUrl) AS Turn
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
            row_number() OVER (PARTITION BY RemoteUrl ORDER BY DeviceTurn, Value DESC, RemoteUrl) AS DestinationTurn
        FROM turns
    )
    ORDER BY Rank
    LIMIT {limit:Int64}
)
-- One row a finding that is shown, with the key that the same finding has in a table.
SELECT
    RemoteUrl,
    FindingKey,
    Why,
    Value,
    Findings,
    Rank
FROM ranked
ORDER BY Rank
