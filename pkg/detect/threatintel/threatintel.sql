-- ThreatIntelMatch: a device that connects to what a list of threat intelligence names.
-- Rows in:  events of the window that pass the query's filters.
-- Row out:  one device and host (a name, or the address where no name is known) that an indicator names.
-- Parameters: threatIntel_*, as declared in params.go and points.go; indicatorNetworks and indicatorNames the dictionaries on the table of
-- indicators; from, to and filter* belong to the source.
WITH
-- The events table under the analytic's column names.
mapped AS
(
    {{.Source.Select 4 "Timestamp" "DeviceId" "DeviceName" "Device" "ActionType" "RemoteAddress" "RemoteUrl" "Sent" "Received" "ProcessName"}}
),
{{- if .Options.Configured}}
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
                    arrayMap(ending -> concat('domain:', ending), {{.Options.Endings}}),
                    if(UrlPath = '', [], [concat('url:', UrlHost, UrlPath)]))) AS Names
        FROM
        (
            SELECT
                RemoteUrl,
                {{.Options.Host}} AS UrlHost,
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
    FROM {{.Options.Table}} FINAL
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
{{- else}}
-- No list is configured: nothing is named.
listedAddresses AS
(
    SELECT '' AS ListedAddress, CAST([], 'Array(Tuple(String, String, String, Int64, String, String))') AS OfAddress
    WHERE 0
),
listedUrls AS
(
    SELECT '' AS ListedUrl, CAST([], 'Array(Tuple(String, String, String, Int64, String, String))') AS OfUrl
    WHERE 0
),
{{- end}}
events AS
(
    SELECT *, ifNull(nullIf({{.Options.Host}}, ''), RemoteAddress) AS Host, arrayConcat(OfAddress, OfUrl) AS Entries
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
        {{.Source.NewestOf "events" "DeviceName"}} AS DeviceName,
        toInt64({{.Source.Count}}) AS ConnectionCount,
        toInt64({{.Source.CountIf "ActionType NOT IN ('ConnectionFailed', 'ConnectionAttempt')"}}) AS Answered,
        {{.Source.First}} AS FirstSeen,
        {{.Source.Last}} AS LastSeen,
        {{.Options.BytesSent}} AS BytesSent,
        {{.Options.BytesReceived}} AS BytesReceived,
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
        arrayFirst(ending -> ending IN {threatIntel_services:Array(String)}, arrayConcat([Host], {{.Options.HostEndings}})) AS Service,
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
{{- if .Allowlist}},
        [concat(Host, '.')] AS EveryUrl, -- a host already, but the allowlist takes one trailing dot off each
        Addresses AS EveryAddress,
        [(DeviceId, DeviceName)] AS EveryDevice,
        Processes AS EveryProcess
{{- end}}
    FROM weighed
    WHERE Risk >= {threatIntel_minRisk:Int64}
      AND ConnectionCount >= {threatIntel_minConnections:Int64}
)
{{- if .Options.Points}},
-- The connections of each finding, under the name that the finding gives its device.
points AS
(
    SELECT
        events.Timestamp AS Timestamp,
        findings.DeviceName AS DeviceName,
        findings.DeviceId AS DeviceId,
        findings.RemoteUrl AS RemoteUrl{{.Source.Carried}}
    FROM events
    INNER JOIN findings ON findings.Device = events.Device AND findings.RemoteUrl = events.Host
)
{{- end}}
