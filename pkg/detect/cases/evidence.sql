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
{{- if .Moves}}
-- Names that moved within the last week, with how long they had stayed, as the detector repointed finds them.
(
    WITH
    {{.Moves}}
    SELECT groupArray((Name, StayedDays, MovedAt))
    FROM settled
) AS movedNames,
{{- end}}
{{- if .Destinations}}
-- What the ledger of destinations knows of at all: since when without a gap, up to when, and of how many devices.
assumeNotNull((
    SELECT (KnownFrom, KnownUntil, KnownDevices)
    FROM
    (
        {{.Reaches}}
    )
)) AS reach,
{{- end}}
located AS
(
    SELECT
        *,
{{- if .ASN}}
        -- an address that no prefix holds has number 0
        arrayMap(address -> toInt64(dictGetOrDefault({asnDictionary:String}, 'ASN', toIPv6OrDefault(address), toUInt32(0))), Addresses) AS Numbers,
        arrayFilter(number -> number > 0, Numbers) AS Systems,
{{- else}}
        emptyArrayInt64() AS Numbers,
        emptyArrayInt64() AS Systems,
{{- end}}
        -- Where no autonomous system is known, the first part of an address stands for its network: a provider of servers has a
        -- handful of these, and hundreds of the /16 within.
        length(arrayDistinct(
{{- if .ASN}}arrayMap((address, number) -> if(number > 0, concat('AS', toString(number)), extract(address, '^[0-9a-f]+')), Addresses, Numbers)
{{- else}}arrayMap(address -> extract(address, '^[0-9a-f]+'), Addresses)
{{- end}})) AS Networks
    FROM shaped
),
{{- if .Destinations}}
-- What the ledger knows of each host. It has far more rows than there are channels: these are the side of the join that is held in memory.
recalled AS
(
    SELECT channel.*, LedgerFirst, LedgerDays, LedgerDevices
    FROM
    (
        -- FINAL puts rows of a host together in their order, without a table of all hosts
        SELECT l.Host AS LedgerHost, toDateTime64(l.FirstSeen, 3, 'UTC') AS LedgerFirst, l.Days AS LedgerDays, l.Devices AS LedgerDevices
        FROM {{.Destinations}} AS l FINAL
    ) AS ledger
    RIGHT JOIN located AS channel ON LedgerHost = channel.Host
),
remembered AS
(
    SELECT
        *,
        -- of a host that the ledger does not know yet there is only what the window tells
        if(LedgerFirst > toDateTime64(0, 3, 'UTC'), least(LedgerFirst, FirstOfHost), FirstOfHost) AS FirstSeenEver,
        greatest(UniqueDevices, toInt64(finalizeAggregation(LedgerDevices))) AS DevicesEver,
        toInt64(finalizeAggregation(LedgerDays)) AS DaysEver,
        -- what lies between its end and the window nobody has looked at
        reach.2 >= {cases_from:DateTime64(3, 'UTC')} AS Reaches,
        if(Reaches, least(reach.1, {cases_from:DateTime64(3, 'UTC')}), {cases_from:DateTime64(3, 'UTC')}) AS KnownSince,
        greatest(Fleet, reach.3) AS FleetEver,
        -- Twice as long as something is new: what comes by once a week is not new in the second week that the ledger knows.
        Reaches AND reach.1 <= {cases_to:DateTime64(3, 'UTC')} - toIntervalDay(2 * {cases_newDays:Int64}) AS Recalls,
        Recalls AND FirstSeenEver >= {cases_to:DateTime64(3, 'UTC')} - toIntervalDay({cases_newDays:Int64}) AS IsNew,
        LedgerFirst > toDateTime64(0, 3, 'UTC') AND FirstSeenEver <= {cases_to:DateTime64(3, 'UTC')} - toIntervalDay({cases_knownDays:Int64}) AND DaysEver >= 5 AND DevicesEver >= 5 AS IsLongKnown,
        dateDiff('second', FirstSeenEver, {cases_to:DateTime64(3, 'UTC')}) AS KnownSeconds,
        dateDiff('second', reach.1, {cases_to:DateTime64(3, 'UTC')}) AS LedgerSeconds
    FROM recalled
),
{{- else}}
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
{{- end}}
known AS
(
    SELECT
        *,
        greatest(ActiveBins / 24, Coverage, least(1, OpenTime * 1000 / greatest(WindowMillis, 1))) AS Persistence,
        -- the vendor whose service the host is, or lies under
        arrayFirst(ending -> ending IN {cases_services:Array(String)}, arrayConcat([Host], {{.Endings}})) AS Service,
        if(Service = '', '', arrayElement({cases_vendors:Array(String)}, indexOf({cases_services:Array(String)}, Service))) AS Vendor,
        {{.DynamicSuffix}} AS DynamicSuffix,
        -- the service that rotates by design which the host is, or lies under
        arrayFirst(ending -> ending IN {cases_rotating:Array(String)}, arrayConcat([Host], {{.Endings}})) AS RotatingDomain,
        arrayFilter(number -> has({cases_suspiciousAsns:Array(Int64)}, number), Systems) AS SuspiciousSystems,
        arrayFilter(number -> has({cases_hostingAsns:Array(Int64)}, number), Systems) AS HostingSystems,
        if(ConnectionCount = 0, 0, ifNull(BytesReceived, 0) / ConnectionCount) AS ReceivedEach,
{{- if .Indicators}}
        -- what a list of threat intelligence names: an address, the host, or a domain that it lies under
        arrayFirst(address -> dictGetOrDefault({indicatorNetworks:String}, 'Confidence', toIPv6OrDefault(address), toUInt8(0)) > 0, Addresses) AS ListedAddress,
        arrayFirst(name -> dictGetOrDefault({indicatorNames:String}, 'Confidence', sipHash64(name), toUInt8(0)) > 0,
            arrayConcat([concat('host:', Host), concat('domain:', Host)], arrayMap(ending -> concat('domain:', ending), {{.Endings}}))) AS ListedName,
        greatest(
            if(ListedAddress = '', 0, dictGetOrDefault({indicatorNetworks:String}, 'Confidence', toIPv6OrDefault(ListedAddress), toUInt8(0))),
            if(ListedName = '', 0, dictGetOrDefault({indicatorNames:String}, 'Confidence', sipHash64(ListedName), toUInt8(0)))) AS ListedConfidence,
        if(ListedName != '', substring(ListedName, position(ListedName, ':') + 1), ListedAddress) AS Listed,
{{- else}}
        0 AS ListedConfidence,
        '' AS Listed,
{{- end}}
{{- if .Moves}}
        arrayFirst(move -> move.1 = Host, movedNames) AS Move, -- of an empty name where it has not moved
{{- else}}
        ('', toInt64(0), toDateTime64(0, 3, 'UTC')) AS Move,
{{- end}}
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
{{- if .Names}}
            if(Fluxiness > 142.38 AND Host IN
            (
                SELECT Name
                FROM {{.Names}} AS l
                WHERE Name IN
                (
                    -- who comes to the line leads to eight networks, or more
                    SELECT Name
                    FROM {{.Names}} AS l
                    WHERE l.LastSeen >= {cases_from:DateTime64(3, 'UTC')}
                    GROUP BY Name
                    HAVING uniqExact(Network) >= 8
                )
                GROUP BY Name
                HAVING ifNull(min(l.ShortestTTL), 301) <= 300
            ), {cases_shortTtl:Int64}, 0),
{{- else}}
            toInt64(0 * {cases_shortTtl:Int64}), -- how long answers hold is not known
{{- end}}
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
)
