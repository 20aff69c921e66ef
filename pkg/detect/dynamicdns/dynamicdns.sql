-- SuspiciousDynamicDNS: successful connections to names under dynamic DNS providers.
-- Rows in:  events of the window that pass the query's filters.
-- Row out:  one RemoteUrl as it is written (match: contains), or one host (match: suffix).
-- Parameters: dynamicDns_*, as declared in params.go; from, to and filter* belong to the source.
WITH
-- The events table under the analytic's column names.
mapped AS
(
    {{.Source.Select 4 "Timestamp" "DeviceId" "DeviceName" "ActionType" "RemoteIP" "RemoteUrl" "InitiatingProcessFileName"}}
),
{{- if .Options.Suffix}}
hosts AS
(
    SELECT
        Timestamp,
        DeviceId,
        DeviceName,
        RemoteIP,
        InitiatingProcessFileName,
        -- The host of the URL: lower case, without scheme, userinfo, one trailing dot, port, path, query and fragment.
        extract(lower(RemoteUrl), '^(?:(?:[a-z][a-z0-9+.-]*:)?//)?(?:[^/?#]*@)?([^/?#:@]*?)[.]?(?::[0-9]*)?(?:[/?#]|$)') AS Host{{.Source.Carried}}
    FROM mapped
    WHERE ActionType IN {dynamicDns_actionTypes:Array(String)}
      -- Whatever lies under a domain contains it: this spares most rows the extraction.
      AND multiSearchAnyCaseInsensitive(RemoteUrl, {dynamicDns_domains:Array(String)})
),
events AS
(
    SELECT
        Timestamp,
        DeviceId,
        DeviceName,
        RemoteIP,
        Host AS RemoteUrl,
        InitiatingProcessFileName{{.Source.Carried}}
    FROM hosts
    -- A name under a listed domain: at least one more label, so that the domain itself does not count.
    WHERE arrayExists(domain -> endsWith(Host, concat('.', domain)) AND length(Host) > length(domain) + 1, {dynamicDns_domains:Array(String)})
),
{{- else}}
events AS
(
    SELECT
        Timestamp,
        DeviceId,
        DeviceName,
        RemoteIP,
        RemoteUrl,
        InitiatingProcessFileName{{.Source.Carried}}
    FROM mapped
    WHERE ActionType IN {dynamicDns_actionTypes:Array(String)}
      -- The analytic's regex is unanchored and folds case: the domain may stand anywhere. An empty RemoteUrl contains none.
      AND multiSearchAnyCaseInsensitive(RemoteUrl, {dynamicDns_domains:Array(String)})
),
{{- end}}
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
        LastSeen
    FROM
    (
        SELECT
            RemoteUrl,
            toInt64({{.Source.Count}}) AS ConnectionCount,
            toInt64(uniqExact(DeviceId)) AS UniqueDevices,
            {{.Source.First}} AS FirstSeen,
            {{.Source.Last}} AS LastSeen,
            -- make_set is unordered in KQL; here the first of the sorted distinct values, empty ones left out
            arraySlice(arraySort(groupUniqArrayIf(InitiatingProcessFileName, InitiatingProcessFileName != '')), 1, {dynamicDns_samples:Int64}) AS SampleProcesses,
            arraySlice(arraySort(groupUniqArrayIf(DeviceName, DeviceName != '')), 1, {dynamicDns_samples:Int64}) AS SampleDevices,
            arraySlice(arraySort(groupUniqArrayIf(RemoteIP, RemoteIP != '')), 1, {dynamicDns_samples:Int64}) AS SampleIPs
        FROM events
        GROUP BY RemoteUrl
    )
    WHERE ConnectionCount >= {dynamicDns_minConnections:Int64}
)
