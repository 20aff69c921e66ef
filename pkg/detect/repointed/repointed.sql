-- RepointedName: a name that stayed in its networks for a long time, and leads elsewhere now.
-- Rows in:  the ledger of names (moves.sql).
-- Row out:  one name that moved within the window: to a network where it was never seen before, after as many days as are asked for.
-- Parameters: repointed_*, as declared in params.go and points.go; from and to, the window; filter* belong to the query.
WITH
{{.Options.Moves}},
known AS
(
    SELECT
        *,
        arrayFilter(number -> has({repointed_suspiciousAsns:Array(Int64)}, number), Systems) AS SuspiciousSystems,
        arrayFilter(number -> has({repointed_hostingAsns:Array(Int64)}, number), Systems) AS HostingSystems,
        arrayFilter(number -> has({repointed_deliveryAsns:Array(Int64)}, number), arrayMap(place -> place.4, Everywhere)) AS DeliverySystems,
        arrayFirst(ending -> ending IN {repointed_services:Array(String)}, arrayConcat([Name], {{.Options.Endings}})) AS Service,
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
{{- if .Allowlist}},
        [concat(Name, '.')] AS EveryUrl, -- a host already, but the allowlist takes one trailing dot off each
        Addresses AS EveryAddress,
        arrayMap(device -> (device.2, device.3), AllDevices) AS EveryDevice,
        CAST([], 'Array(String)') AS EveryProcess
{{- end}}
    FROM weighed
    WHERE Risk >= {repointed_minRisk:Int64}
{{- if .Options.Filtered}}
      AND Name IN
        (
            SELECT RemoteUrl
            FROM
            (
                SELECT Name AS RemoteUrl, MovedAt AS Timestamp, tupleElement(arrayJoin(AllDevices) AS Device, 2) AS DeviceId, tupleElement(Device, 3) AS DeviceName, arrayJoin(Addresses) AS RemoteIP
                FROM weighed
            ) AS t
            WHERE 1{{.Options.Filters}}
        )
{{- end}}
)
