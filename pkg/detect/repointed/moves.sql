-- Names that stayed in their networks for long and moved: what the detector finds, and what cases hold against a destination.
-- Rows in:  the ledger of names: when a name was first and last seen in each of its networks.
-- Row out:  settled: one name that came to a network within the window where it was never seen before, after as many days as are asked for.
-- Parameters: repointed_stableDays, repointed_minDaysSeen and repointed_maxNetworks.
{{- if .Configured}}
-- Names that came to a network within the window. What happened after it is not known yet.
moving AS
(
    SELECT Name
    FROM
    (
        SELECT Name, Network, min(l.FirstSeen) AS First
        FROM {{.Table}} AS l
        WHERE Name != ''
        GROUP BY Name, Network
        HAVING First < {{.To}}
    )
    GROUP BY Name
    -- in a place for long before, and new in one now
    HAVING max(First) >= {{.From}} AND min(First) <= max(First) - toIntervalDay({repointed_stableDays:Int64})
),
networks AS
(
    SELECT
        Name,
        Network,
        toDateTime64(min(l.FirstSeen), 3, 'UTC') AS First,
        toDateTime64(least(max(l.LastSeen), {{.To}}), 3, 'UTC') AS Last,
        CAST(groupUniqArrayArray(l.Days), 'Array(UInt16)') AS SeenOn,
        -- plain types in place of those that say how rows are merged
        CAST(min(l.LowAddress), 'String') AS Low,
        CAST(max(l.HighAddress), 'String') AS High,
        groupUniqArrayMerge({{.MostDevices}})(l.Devices) AS By,
        toInt64(uniqCombinedMerge(12)(l.Connections)) AS Connected,
        CAST(min(l.ShortestTTL), 'Nullable(Int64)') AS TTL
    FROM {{.Table}} AS l
    WHERE Name IN (SELECT Name FROM moving)
    GROUP BY Name, Network
    HAVING First < {{.To}}
),
{{- else}}
-- No ledger is configured: nothing moves.
networks AS
(
    SELECT
        '' AS Name,
        '' AS Network,
        toDateTime64(0, 3, 'UTC') AS First,
        toDateTime64(0, 3, 'UTC') AS Last,
        CAST([], 'Array(UInt16)') AS SeenOn,
        '' AS Low,
        '' AS High,
        CAST([], 'Array(Tuple(String, String, String))') AS By,
        toInt64(0) AS Connected,
        CAST(NULL, 'Nullable(Int64)') AS TTL
    WHERE {{.From}} > {{.To}}
),
{{- end}}
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
{{- if .ASN}}
            toInt64(dictGetOrDefault({asnDictionary:String}, 'ASN', toIPv6OrDefault(Low), toUInt32(0))) AS Number
{{- else}}
            toInt64(0) AS Number
{{- end}}
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
        minIf(Arrived, Arrived >= {{.From}}) AS MovedAt,
        arraySort(place -> (place.1, place.3), groupArray((Arrived, Left, Place, System, DaysThere, AddressesThere, DevicesThere, ConnectionsThere, TTLThere))) AS Everywhere
    FROM places
    GROUP BY Name, IsIPv6
    HAVING countIf(Arrived >= {{.From}}) > 0
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
)
